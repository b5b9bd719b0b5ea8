import Foundation

/// What an output takes over from the file that it was made from.
struct FileAttributes: Sendable {
  /// Who may do what.
  var mode: mode_t
  /// When it was read and changed last.
  var times: [timespec]

  init(_ status: stat) {
    mode = status.st_mode & 0o777
    times = [status.st_atim, status.st_mtim]
  }

  /// Gives an open file the times; a file system that has none is no reason to fail.
  func setTimes(of descriptor: CInt) {
    _ = futimens(descriptor, times)
  }
}
