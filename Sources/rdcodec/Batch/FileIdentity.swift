import Foundation

/// What tells a file or folder from all others, by whatever path it is reached.
struct FileIdentity: Hashable, Sendable {
  var device: UInt64
  var inode: UInt64

  init(_ status: stat) {
    device = UInt64(truncatingIfNeeded: status.st_dev)
    inode = UInt64(truncatingIfNeeded: status.st_ino)
  }
}

/// What a path leads to.
enum FileType: Sendable {
  case file, folder, other

  init(_ status: stat) {
    switch status.st_mode & S_IFMT {
    case S_IFREG: self = .file
    case S_IFDIR: self = .folder
    default: self = .other
    }
  }
}

/// The state of a file, links followed; nil where there is none, with `errno` set.
func fileStatus(_ path: String) -> stat? {
  var status = stat()
  return stat(path.systemPath, &status) == 0 ? status : nil
}

/// The path from the root, with links resolved; nil where there is no such file.
func resolvedPath(_ path: String) -> String? {
  guard let resolved = realpath(path.systemPath, nil) else { return nil }
  defer { free(resolved) }
  return String(path: UnsafeRawBufferPointer(start: resolved, count: strlen(resolved)))
}
