import ArgumentParser

/// Folders: what is in them, and making them.
package enum Folder {
  /// Names of all that a folder holds, hidden ones too, in the order of their bytes.
  package static func names(in path: String) throws(Failure) -> [String] {
    guard let folder = opendir(path.systemPath) else {
      throw Failure(path, errno: errno, advice: "check its permissions", exitCode: .noInput)
    }
    defer { closedir(folder) }
    var names: [String] = []
    while true {
      errno = 0
      guard let entry = readdir(folder) else { break }
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(path: bytes.prefix { $0 != 0 })
      }
      if name != "." && name != ".." { names.append(name) }
    }
    guard errno == 0 else {
      throw Failure(path, errno: errno, advice: "check the disk", exitCode: .ioError)
    }
    return names.sorted { $0.pathBytes.lexicographicallyPrecedes($1.pathBytes) }
  }

  /// Makes a folder, and those it lies in where they are missing.
  package static func create(_ path: String) throws(Failure) {
    guard !path.isEmpty else { throw .emptyName }
    if InputFile.isDirectory(path) { return }
    let parent = path.withoutTrailingSlashes.parentFolder
    if parent != path, parent != ".", !InputFile.isDirectory(parent) { try create(parent) }
    guard mkdir(path.systemPath, 0o777) != 0 else { return }
    let code = errno
    // Another run may have been faster.
    guard InputFile.isDirectory(path) else {
      let isTaken = code == EEXIST || code == ENOTDIR
      throw Failure(
        path, isTaken ? "is not a folder" : String(cString: strerror(code)),
        advice: isTaken ? "name another one" : "check the permissions of \(parent)",
        exitCode: .cannotCreate)
    }
  }
}

extension String {
  fileprivate var withoutTrailingSlashes: String {
    var path = self
    while path.utf8.count > 1, path.utf8.last == UInt8(ascii: "/") { path.removeLast() }
    return path
  }
}
