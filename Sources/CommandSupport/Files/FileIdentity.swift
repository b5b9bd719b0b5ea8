/// What tells a file or folder from all others, by whatever path it is reached.
package struct FileIdentity: Hashable, Sendable {
  package var device: UInt64
  package var inode: UInt64

  package init(_ status: stat) {
    device = UInt64(truncatingIfNeeded: status.st_dev)
    inode = UInt64(truncatingIfNeeded: status.st_ino)
  }
}

/// What a path leads to.
package enum FileType: Sendable {
  case file, folder, other

  package init(_ status: stat) {
    switch status.st_mode & S_IFMT {
    case S_IFREG: self = .file
    case S_IFDIR: self = .folder
    default: self = .other
    }
  }
}

/// The state of a file, links followed; nil where there is none, with `errno` set.
package func fileStatus(_ path: String) -> stat? {
  var status = stat()
  return stat(path.systemPath, &status) == 0 ? status : nil
}

/// The path from the root, with links resolved; nil where there is no such file.
package func resolvedPath(_ path: String) -> String? {
  guard let resolved = realpath(path.systemPath, nil) else { return nil }
  defer { free(resolved) }
  return String(path: UnsafeRawBufferPointer(start: resolved, count: strlen(resolved)))
}
