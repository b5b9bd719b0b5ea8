/// How much work the search for a source may take, by effort: the encoder's alone.
///
/// Work is counted, not timed, so that the same file comes of the same image on every machine.
/// Efforts 3 and 4 have half, 1 and 2 a quarter of what effort 5 has (docs/decisions/0035).
struct RecoveryWork {
  /// In quarters.
  private let share: Int

  init(effort: Int) { share = effort >= 5 ? 4 : effort >= 3 ? 2 : 1 }

  /// Pixels looked at by descents on clamped chroma.
  func descentPixels(_ pixelCount: Int) -> Int { 300 * share * pixelCount / 4 }
  /// Values tried for cells of chroma.
  func cellTries(_ pixelCount: Int) -> Int { 8 * share * pixelCount / 4 }
  /// Rounds of the search for a block's levels, in all blocks of a plane.
  func rounds(_ blockCount: Int) -> Int { (400 + 24 * blockCount) * share / 4 }
}
