/// Seconds since 1970.
package typealias FileTime = Double

extension FileTime {
  package init(_ time: timespec) { self = Double(time.tv_sec) + Double(time.tv_nsec) / 1e9 }

  package static var now: FileTime { Date().timeIntervalSince1970 }
}

/// What an output takes over from the file that it was made from.
package struct FileAttributes: Sendable {
  /// Who may do what.
  package var mode: mode_t
  /// When it was read and written last.
  package var times: [timespec]
  /// When it was written, renamed or copied to its place: no program sets this as it likes.
  package var changed: FileTime

  package init(_ status: stat) {
    mode = status.st_mode & 0o777
    times = [status.st_atim, status.st_mtim]
    changed = FileTime(status.st_ctim)
  }

  /// Gives an open file the times; a file system that has none is no reason to fail.
  package func setTimes(of descriptor: CInt) {
    _ = futimens(descriptor, times)
  }
}
