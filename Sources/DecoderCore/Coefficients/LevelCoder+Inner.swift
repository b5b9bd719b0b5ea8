internal import Entropy

/// Inner levels: those in neither the first row nor the first column.
extension LevelCoder {
  @inline(__always)
  func innerCount(_ levels: UnsafePointer<Int16>) -> Int {
    var count = 0
    for index in 0..<49 where levels[inner[index]] != 0 { count &+= 1 }
    return count
  }

  @inline(__always)
  func size(_ levels: UnsafePointer<Int16>, _ place: Int) -> Int {
    Int(abs(levels[place]))
  }

  func codeInner<Coder: BinaryCoder & ~Copyable>(
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
}
