internal import Entropy

/// The mean of a block: its level at frequency 0.
extension LevelCoder {
  func codeMean<Coder: BinaryCoder & ~Copyable>(
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
