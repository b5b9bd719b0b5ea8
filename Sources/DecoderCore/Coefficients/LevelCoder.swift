internal import Entropy

/// Codes the levels of blocks, in either direction (docs/FORMAT.md §13.6).
///
/// A block's 49 inner levels come first, after their number; then the first row and the first
/// column, which the blocks beside predict by continuity; last the mean, predicted from the
/// samples on both sides of the edges.
struct LevelCoder: ~Copyable {
  let mixer: LevelMixer
  let edges: EdgePrediction
  let inner = Buffer<Int>(zeroed: 49)

  static let stages = 4
  static let nodes = 16

  init(kernels: ResidualKernels, sampleCount: Int) {
    mixer = LevelMixer(
      kernels: kernels, sampleCount: sampleCount,
      setCounts: (2 * Self.stages * Self.nodes, 4 * 64 * 4))
    edges = EdgePrediction()
    for (index, place) in LevelClasses.inner.enumerated() { inner[index] = place }
  }

  /// Codes the block's levels in place; `lines` become those of this block.
  func code<Coder: BinaryCoder & ~Copyable>(
    _ block: LevelBlock, _ steps: UnsafePointer<Int32>, _ lines: EdgeLines,
    with coder: inout Coder
  ) {
    let innerCount = codeInner(block, with: &coder)
    codeEdge(block, steps, isRow: true, innerCount, with: &coder)
    codeEdge(block, steps, isRow: false, innerCount, with: &coder)
    codeMean(block, steps, lines, innerCount, with: &coder)
  }

  /// Codes a level whose contexts are set: size in bits, in unary, bits below the highest, sign.
  @inline(__always)
  func codeValue<Coder: BinaryCoder & ~Copyable>(
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

  /// Codes a number from its highest bit down; numbers above `limit` are left out.
  func codeCount<Coder: BinaryCoder & ~Copyable>(
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
}
