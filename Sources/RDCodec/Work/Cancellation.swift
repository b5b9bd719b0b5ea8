internal import DecoderCore

/// Whether the task at hand was cancelled: what coders ask at every row, and whose work nobody
/// takes then.
enum Cancellation {
  static let isRequested: @Sendable () -> Bool = { Task.isCancelled }

  /// What `body` gives, unless the task at hand was cancelled before its end: then it may have
  /// given up.
  static func watched<Result>(
    _ body: () throws(CodecError) -> Result
  ) throws(CodecError) -> Result {
    try check()
    do throws(CodecError) {
      let result = try body()
      try check()
      return result
    } catch {
      try check()
      throw error
    }
  }

  /// Throws if the task at hand was cancelled.
  static func check() throws(CodecError) {
    if Task.isCancelled { throw .cancelled }
  }
}
