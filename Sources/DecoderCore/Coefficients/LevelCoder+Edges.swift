internal import Entropy

/// Levels of the first row and the first column.
extension LevelCoder {
  func codeEdge<Coder: BinaryCoder & ~Copyable>(
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
    let other = isRow ? 0 : rowCount(block)
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

  func rowCount(_ block: LevelBlock) -> Int {
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
}
