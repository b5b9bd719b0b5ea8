/// How image files are written.
public struct ImageWriterOptions: Sendable, Equatable {
  /// How hard PNG files are compressed: the levels of zlib from 0 (not at all) to 9, or nil for
  /// what is fast: photographs in a tenth of the time that level 4 takes and about as small, other
  /// pictures as by level 4.
  public var pngLevel: Int?
  /// Threads that may work at once; bytes do not depend on it.
  public var jobs: Int

  public init(pngLevel: Int? = nil, jobs: Int = 1) {
    precondition(pngLevel.map { (0...9).contains($0) } ?? true, "a level is 0 to 9")
    precondition(jobs > 0, "there is at least one thread")
    self.pngLevel = pngLevel
    self.jobs = jobs
  }
}
