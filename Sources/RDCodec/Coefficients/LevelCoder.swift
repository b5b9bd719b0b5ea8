/// Codes the levels of blocks, in either direction (docs/FORMAT.md §13.6).
///
/// A block's 49 inner levels come first, after their number; then the first row and the first
/// column, which the blocks beside predict by continuity; last the mean, predicted from the
/// samples on both sides of the edges.
struct LevelCoder: ~Copyable {
  private let mixer: DecisionMixer
  private let edges: EdgePrediction
  private let inner = Buffer<Int>(zeroed: 49)

  private static let stages = 4
  private static let nodes = 16

  init(kernels: ResidualKernels, sampleCount: Int) {
    mixer = DecisionMixer(
      kernels: kernels, sampleCount: sampleCount,
      setCounts: (2 * Self.stages * Self.nodes, 3 * 64 * 4))
    edges = EdgePrediction()
    for (index, place) in LevelClasses.inner.enumerated() { inner[index] = place }
  }

  /// Codes the block's levels in place. `counts` are the numbers of inner levels other than 0 of
  /// the plane's blocks: here, left, above, above left and right, before, luma.
  func code<Coder: BinaryCoder & ~Copyable>(
    _ block: LevelBlock, _ steps: UnsafePointer<Int32>, _ lines: EdgeLines,
    with coder: inout Coder
  ) {
    let innerCount = codeInner(block, with: &coder)
    codeEdge(block, steps, isRow: true, innerCount, with: &coder)
    codeEdge(block, steps, isRow: false, innerCount, with: &coder)
    codeMean(block, steps, lines, innerCount, with: &coder)
  }

  // MARK: Values

  /// Codes a level whose contexts are set: size in bits, in unary, sign, bits below the highest.
  @inline(__always)
  private func codeValue<Coder: BinaryCoder & ~Copyable>(
    _ value: Int, from first: Int, limit: Int, stage: Int, place: Int, plane: Int,
    signs: (Int, Int, Int, Int), with coder: inout Coder
  ) -> Int {
    let size = abs(value)
    let width = Int.bitWidth - size.leadingZeroBitCount
    let set = (min(plane, 1) &* Self.stages &+ stage) &* Self.nodes
    let places = (plane &* 64 &+ place) &* 4
    var bits = first
    while bits < limit {
      let sets = (set &+ bits, places &+ min(bits, 2))
      guard mixer.code(width > bits, node: bits, sets: sets, with: &coder) else { break }
      bits += 1
    }
    guard bits > 0 else { return 0 }
    var result = 1
    for bit in stride(from: bits - 2, through: 0, by: -1) {
      // Only the two highest bits have a pattern.
      let depth = bits &- 2 &- bit
      let node = depth < 2 ? 32 &+ bits &* 8 &+ depth &* 2 &+ (result & depth) : 128 &+ bit
      let sets = (set &+ 13 &+ min(depth, 1), places &+ 3)
      let isSet = mixer.code(size &>> bit & 1 == 1, node: node, sets: sets, with: &coder)
      result = result &<< 1 | (isSet ? 1 : 0)
    }
    setSigns(signs, stage: stage, place: place, plane: plane, size: result)
    let isNegative = mixer.code(
      value < 0, node: 14, sets: (set &+ 15, places &+ 3), with: &coder)
    return isNegative ? -result : result
  }

  /// Contexts of a sign: what predicts it, most telling first.
  @inline(__always)
  private func setSigns(
    _ signs: (Int, Int, Int, Int), stage: Int, place: Int, plane: Int, size: Int
  ) {
    let key = (4 &+ stage) &* 64 &+ place
    let small = min(size, 3)
    mixer.set(0, key, signs.0, small)
    mixer.set(1, key, signs.0, plane, 1)
    mixer.set(2, key, signs.1, signs.2, 2)
    mixer.set(3, key, signs.3, plane, 3)
    mixer.set(4, stage, signs.0, signs.1, 4)
    mixer.set(5, stage, signs.0, small, 5)
    mixer.set(6, key, signs.0, signs.3, 6)
    mixer.set(7, key, signs.1, plane, 7)
    mixer.set(8, key, signs.2, plane, 8)
    mixer.set(9, key, plane, 0, 9)
    mixer.set(10, stage, signs.1 &* 3 &+ signs.2, signs.3, 10)
    mixer.set(11, key, signs.0 &* 9 &+ signs.1 &* 3 &+ signs.2, signs.3, 11)
  }

  // MARK: Inner levels

  @inline(__always)
  private func innerCount(_ levels: UnsafePointer<Int16>) -> Int {
    var count = 0
    for index in 0..<49 where levels[inner[index]] != 0 { count &+= 1 }
    return count
  }

  @inline(__always)
  private func size(_ levels: UnsafePointer<Int16>, _ place: Int) -> Int {
    Int(abs(levels[place]))
  }

  private func codeInner<Coder: BinaryCoder & ~Copyable>(
    _ block: LevelBlock, with coder: inout Coder
  ) -> Int {
    let kind = block.isChroma
    let left = innerCount(block.left)
    let above = innerCount(block.above)
    let corner = innerCount(block.aboveLeft)
    let right = innerCount(block.aboveRight)
    let luma = block.plane > 0 ? innerCount(block.luma) : 0
    let before = block.plane > 1 ? innerCount(block.before) : 0
    let mean = block.hasLeft ? (block.hasAbove ? (left &+ above &+ 1) &>> 1 : left) : above
    let wide = (2 &* left &+ 2 &* above &+ corner &+ right &+ 2) / 3
    let key = 600 &+ kind
    mixer.set(0, key, mean, before)
    mixer.set(1, key, left, 1)
    mixer.set(2, key, above, 2)
    mixer.set(3, key, left &>> 1, above &>> 1, 3)
    mixer.set(4, key, wide, 4)
    mixer.set(5, key, luma, mean &>> 1, 5)
    mixer.set(6, key, before, luma &>> 2, 6)
    mixer.set(7, key, block.plane, 7)
    mixer.set(8, key, wide &>> 1, luma, 8)
    mixer.set(9, key, right, mean, 9)
    mixer.set(10, key, corner, mean, 10)
    mixer.set(11, key, edgeCount(block.left), edgeCount(block.above), 11)
    let wanted = innerCount(block.here)
    let count = codeCount(
      wanted, limit: 49, bitCount: 6, plane: block.plane, sets: 0, with: &coder)
    var rest = count
    for index in 0..<49 {
      let place = inner[index]
      guard rest > 0 else {
        block.here[place] = 0
        continue
      }
      setInner(block, place, index, rest)
      let mustBeSet = rest == 49 &- index
      let value = codeValue(
        Int(block.here[place]), from: mustBeSet ? 1 : 0, limit: 11, stage: 1, place: place,
        plane: block.plane, signs: innerSigns(block, place), with: &coder)
      block.here[place] = Int16(truncatingIfNeeded: value)
      if value != 0 { rest &-= 1 }
    }
    return count
  }

  private func edgeCount(_ levels: UnsafePointer<Int16>) -> Int {
    var count = 0
    for k in 1..<8 {
      if levels[k] != 0 { count &+= 1 }
      if levels[8 &* k] != 0 { count &+= 1 }
    }
    return count
  }

  /// Codes a number from its highest bit down; numbers above `limit` are left out.
  private func codeCount<Coder: BinaryCoder & ~Copyable>(
    _ value: Int, limit: Int, bitCount: Int, plane: Int, sets: Int, with coder: inout Coder
  ) -> Int {
    var prefix = 1
    for bit in stride(from: bitCount - 1, through: 0, by: -1) {
      let least = ((prefix &<< 1 | 1) &<< bit) &- 1 &<< bitCount
      guard least <= limit else {
        prefix = prefix &<< 1
        continue
      }
      let set = min(plane, 1) &* Self.stages &* Self.nodes &+ sets &* 6 &+ bit
      let isSet = mixer.code(
        value &>> bit & 1 == 1, node: prefix, sets: (set, plane &* 256 &+ sets), with: &coder)
      prefix = prefix &<< 1 | (isSet ? 1 : 0)
    }
    return prefix &- 1 &<< bitCount
  }

  @inline(__always)
  private func setInner(_ block: LevelBlock, _ place: Int, _ index: Int, _ rest: Int) {
    let here = UnsafePointer(block.here)
    let (left, above) = (size(block.left, place), size(block.above, place))
    let corner = size(block.aboveLeft, place)
    let right = size(block.aboveRight, place)
    // Edges are not coded yet.
    let (u, v) = (place & 7, place &>> 3)
    let west = u > 1 ? size(here, place &- 1) : 0
    let north = v > 1 ? size(here, place &- 8) : 0
    let northWest = u > 1 && v > 1 ? size(here, place &- 9) : 0
    let last = index > 0 ? size(here, inner[index &- 1]) : 0
    let last2 = index > 1 ? size(here, inner[index &- 2]) : 0
    let around = 13 &* (left &+ above) &+ 6 &* corner
    let mean = LevelClasses.magnitude((around &+ 8) &>> 4)
    let inside = LevelClasses.magnitude(2 &* (west &+ north) &+ northWest)
    let both = LevelClasses.magnitude(
      (around &+ 4 &* right &+ 10 &* (west &+ north) &+ 8) &>> 4)
    let next = u < 7 ? size(block.left, place &+ 1) &+ size(block.above, place &+ 1) : 0
    let below = v < 7 ? size(block.left, place &+ 8) &+ size(block.above, place &+ 8) : 0
    let restClass = LevelClasses.magnitude(rest)
    let key = block.isChroma &* 64 &+ place
    mixer.set(0, key, mean, restClass, 0)
    mixer.set(1, key, LevelClasses.magnitude(left), LevelClasses.magnitude(above), 1)
    mixer.set(
      2, key, LevelClasses.magnitude(west) &* 16 &+ LevelClasses.magnitude(north),
      LevelClasses.magnitude(northWest), 2)
    mixer.set(3, key, rest, 0, 3)
    mixer.set(4, key, both, restClass, 4)
    mixer.set(5, rest, 49 &- index, min(last, 3) &* 4 &+ min(last2, 3), 5)
    if block.plane > 0 {
      mixer.set(
        6, key, LevelClasses.magnitude(size(block.luma, place)), block.plane &* 16 &+ restClass, 6)
      let before = block.plane > 1 ? size(block.before, place) : 0
      mixer.set(7, key, LevelClasses.magnitude(before), both &* 4 &+ block.plane, 7)
    } else {
      mixer.set(6, key, LevelClasses.magnitude(right), LevelClasses.magnitude(corner), 6)
      mixer.set(
        7, key, LevelClasses.magnitude(last &+ last2), LevelClasses.magnitude(next &+ below), 7)
    }
    mixer.set(8, key, LevelClasses.magnitude(next), LevelClasses.magnitude(below), 8)
    mixer.set(9, key, block.plane, 0, 9)
    mixer.set(10, u &+ v, inside, mean &* 16 &+ restClass, 10)
    mixer.set(11, key, inside, restClass, 11)
  }

  @inline(__always)
  private func innerSigns(_ block: LevelBlock, _ place: Int) -> (Int, Int, Int, Int) {
    let other = block.plane > 1 ? block.before[place] : block.luma[place]
    return (
      LevelClasses.sign(block.left[place]), LevelClasses.sign(block.above[place]),
      place & 7 > 1 ? LevelClasses.sign(block.here[place &- 1]) : 0,
      block.plane > 0 ? LevelClasses.sign(other) : 0
    )
  }

  // MARK: First row and column

  private func codeEdge<Coder: BinaryCoder & ~Copyable>(
    _ block: LevelBlock, _ steps: UnsafePointer<Int32>, isRow: Bool, _ innerCount: Int,
    with coder: inout Coder
  ) {
    let stride = isRow ? 1 : 8
    let kind = block.isChroma &* 2 &+ (isRow ? 1 : 0)
    @inline(__always)
    func count(_ levels: UnsafePointer<Int16>) -> Int {
      var count = 0
      for k in 1..<8 where levels[k &* stride] != 0 { count &+= 1 }
      return count
    }
    let (left, above) = (count(block.left), count(block.above))
    let other = isRow ? 0 : count(UnsafePointer(block.here)) &* 0 &+ rowCount(block)
    let luma = block.plane > 0 ? count(block.luma) : 0
    let before = block.plane > 1 ? count(block.before) : 0
    let key = 700 &+ kind
    let corner = count(block.aboveLeft) &+ count(block.aboveRight)
    mixer.set(0, key, left &* 8 &+ above, 0)
    mixer.set(1, key, innerCount, 1)
    mixer.set(2, key, innerCount &>> 1, left &+ above, 2)
    mixer.set(3, key, other, innerCount, 3)
    mixer.set(4, key, other, left &+ above, 4)
    mixer.set(5, key, luma, before, 5)
    mixer.set(6, key, luma &* 8 &+ before, left &+ above, 6)
    mixer.set(7, key, block.plane, 7)
    mixer.set(8, key, corner, left &+ above, 8)
    mixer.set(9, key, left, LevelClasses.magnitude(innerCount), 9)
    mixer.set(10, key, above, LevelClasses.magnitude(innerCount), 10)
    mixer.set(11, key, other &* 8 &+ luma, LevelClasses.magnitude(innerCount), 11)
    var rest = codeCount(
      count(UnsafePointer(block.here)), limit: 7, bitCount: 3, plane: block.plane,
      sets: isRow ? 1 : 2, with: &coder)
    for k in 1..<8 {
      let place = k &* stride
      guard rest > 0 else {
        block.here[place] = 0
        continue
      }
      let expected = edges.level(block, steps, k, isRow: isRow)
      setEdge(block, place, k, expected, rest, innerCount, stride: stride)
      let value = codeValue(
        Int(block.here[place]), from: rest == 8 &- k ? 1 : 0, limit: 11, stage: 2,
        place: place, plane: block.plane,
        signs: edgeSigns(block, place, expected, stride: stride), with: &coder)
      block.here[place] = Int16(truncatingIfNeeded: value)
      if value != 0 { rest &-= 1 }
    }
  }

  private func rowCount(_ block: LevelBlock) -> Int {
    var count = 0
    for k in 1..<8 where block.here[k] != 0 { count &+= 1 }
    return count
  }

  /// `expected` is what continuity suggests, in eighths of a level.
  @inline(__always)
  private func setEdge(
    _ block: LevelBlock, _ place: Int, _ k: Int, _ expected: Int, _ rest: Int,
    _ innerCount: Int, stride: Int
  ) {
    let here = UnsafePointer(block.here)
    let (left, above) = (size(block.left, place), size(block.above, place))
    let corner = size(block.aboveLeft, place)
    let mean = LevelClasses.magnitude((13 &* (left &+ above) &+ 6 &* corner &+ 8) &>> 4)
    let far = abs(expected)
    let fine = far < 24 ? far &>> 1 : 12 &+ min((far &- 24) &>> 3, 40)
    let coarse = LevelClasses.magnitude((far &+ 2) &>> 2)
    // The block's own levels next to the edge.
    let across = stride == 1 ? 8 : 1
    let beside = size(here, place &+ across)
    let beside2 = size(here, place &+ 2 &* across)
    let last = k > 1 ? size(here, place &- stride) : 0
    let ahead = k < 7 ? size(here, place &+ across &+ stride) : 0
    let inside = LevelClasses.magnitude(2 &* beside &+ beside2 &+ last &+ ahead)
    let counts = LevelClasses.magnitude(innerCount)
    let key = 128 &+ block.isChroma &* 64 &+ place
    mixer.set(0, key, fine, 0, 0)
    mixer.set(1, key, coarse, rest, 1)
    mixer.set(2, key, LevelClasses.magnitude(left), LevelClasses.magnitude(above), 2)
    mixer.set(3, key, rest, counts, 3)
    mixer.set(4, key, mean, coarse, 4)
    mixer.set(5, key, LevelClasses.magnitude(last), rest &* 16 &+ coarse, 5)
    if block.plane > 0 {
      let before = block.plane > 1 ? size(block.before, place) : 0
      mixer.set(
        6, key, LevelClasses.magnitude(size(block.luma, place)),
        LevelClasses.magnitude(before) &* 4 &+ block.plane, 6)
      mixer.set(7, key, LevelClasses.magnitude(before), coarse &* 4 &+ block.plane, 7)
    } else {
      mixer.set(6, key, LevelClasses.magnitude(size(block.aboveRight, place)), mean, 6)
      mixer.set(7, key, inside, mean, 7)
    }
    mixer.set(8, key, LevelClasses.magnitude(beside), coarse, 8)
    mixer.set(9, key, block.plane, 0, 9)
    mixer.set(10, k, fine, inside, 10)
    mixer.set(11, key, inside, rest &* 16 &+ counts, 11)
  }

  @inline(__always)
  private func edgeSigns(
    _ block: LevelBlock, _ place: Int, _ expected: Int, stride: Int
  ) -> (Int, Int, Int, Int) {
    let near = min(max(expected &>> 1, -24), 24) &+ 25
    let other = block.plane > 1 ? block.before[place] : block.luma[place]
    return (
      near, LevelClasses.sign(stride == 1 ? block.left[place] : block.above[place]),
      LevelClasses.sign(block.here[place &+ (stride == 1 ? 8 : 1)]),
      block.plane > 0 ? LevelClasses.sign(other) : 0
    )
  }

  // MARK: Mean

  private func codeMean<Coder: BinaryCoder & ~Copyable>(
    _ block: LevelBlock, _ steps: UnsafePointer<Int32>, _ lines: EdgeLines, _ innerCount: Int,
    with coder: inout Coder
  ) {
    let expected = edges.mean(block, steps, lines)
    let key = 800 &+ block.isChroma
    let spread = LevelClasses.magnitude(expected.spread)
    let gap = LevelClasses.magnitude(abs(expected.gap))
    let counts = LevelClasses.magnitude(innerCount)
    let left = lines.meanErrors.left
    let above = lines.meanErrors.above
    let luma = lines.meanErrors.luma
    let before = lines.meanErrors.before
    let lateral = LevelClasses.magnitude(abs(left) &+ abs(above))
    mixer.set(0, key, expected.spread, 0)
    mixer.set(1, key, spread, gap, 1)
    mixer.set(2, key, spread, counts, 2)
    mixer.set(3, key, lateral, spread, 3)
    mixer.set(4, key, lateral, counts, 4)
    mixer.set(5, key, LevelClasses.magnitude(abs(luma)), spread &* 4 &+ block.plane, 5)
    mixer.set(6, key, LevelClasses.magnitude(abs(before)), spread &* 4 &+ block.plane, 6)
    mixer.set(7, key, block.plane, 7)
    mixer.set(
      8, key, LevelClasses.magnitude(abs(left)), LevelClasses.magnitude(abs(above)), 8)
    mixer.set(9, key, gap, counts, 9)
    mixer.set(10, key, expected.fraction, spread, 10)
    mixer.set(11, key, min(rowCount(block), 7) &* 16 &+ counts, spread, 11)
    let wanted = Int(block.here[0]) &- expected.level
    let signs = (
      expected.fraction, LevelClasses.sign(Int16(clamping: expected.gap)) &* 12 &+ gap,
      left > 0 ? 2 : left < 0 ? 1 : 0,
      block.plane > 1 ? (before > 0 ? 2 : before < 0 ? 1 : 0) : above > 0 ? 2 : above < 0 ? 1 : 0
    )
    let error = codeValue(
      wanted, from: 0, limit: 12, stage: 3, place: 0, plane: block.plane, signs: signs,
      with: &coder)
    block.here[0] = Int16(truncatingIfNeeded: min(max(expected.level &+ error, -2047), 2047))
    lines.finish(block, steps, error: error)
  }
}
