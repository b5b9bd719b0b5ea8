import ArgumentParser
package import RDCodec

/// Reads input files.
package enum InputFile {
  /// The most bytes of one input: a pipe may never end.
  package static let maximumByteCount = 4 << 30

  /// What a file holds, and what an output made from it takes over; nil for what is no regular
  /// file.
  package struct Contents: Sendable {
    package var bytes: [UInt8]
    package var attributes: FileAttributes?
  }

  /// Reads a file, or standard input for "-".
  package static func read(_ path: String) throws(Failure) -> [UInt8] {
    try contents(of: path).bytes
  }

  /// The same, with the file's mode and time.
  ///
  /// With `endsWhereUnknown` only the beginning of what is none of the files that have to be read
  /// whole: a device or a pipe may go on for ever.
  package static func contents(
    of path: String, endsWhereUnknown: Bool = false
  ) throws(Failure) -> Contents {
    if path.isStandardStream {
      return try readAll(STDIN_FILENO, name: displayName(path), endsWhereUnknown)
    }
    let descriptor = try open(path)
    defer { close(descriptor) }
    return try readAll(descriptor, name: path, endsWhereUnknown)
  }

  /// A file, or standard input for "-", with its mode and time; only a regular file is read in
  /// parts.
  package static func file(_ path: String) throws(Failure) -> (ByteSource, FileAttributes?) {
    // A pipe is opened only once, or its writer would fail.
    if !path.isStandardStream, let status = fileStatus(path), FileType(status) == .file {
      let descriptor = try open(path)
      if let file = ByteSource(descriptor: descriptor) { return (file, FileAttributes(status)) }
      close(descriptor)
    }
    let contents = try contents(of: path, endsWhereUnknown: true)
    return (ByteSource(contents.bytes), contents.attributes)
  }

  /// The first bytes of a file; nil where it cannot be read, with `errno` set.
  package static func start(of path: String, byteCount: Int) -> [UInt8]? {
    let descriptor = systemOpen(path.systemPath, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: byteCount)
    let count = systemRead(descriptor, &bytes, byteCount)
    return count < 0 ? nil : Array(bytes.prefix(count))
  }

  /// How messages call an input.
  package static func displayName(_ path: String) -> String {
    path.isStandardStream ? "standard input" : path
  }

  package static func isDirectory(_ path: String) -> Bool {
    fileStatus(path).map { FileType($0) == .folder } ?? false
  }

  /// Replaces every folder by the files in it that have one of these extensions, sorted by name;
  /// folders inside folders, devices and pipes are passed over.
  package static func expandingFolders(
    _ paths: [String], extensions: Set<String>
  ) throws(Failure) -> [String] {
    var files: [String] = []
    for path in paths {
      guard !path.isStandardStream, isDirectory(path) else {
        files.append(path)
        continue
      }
      let matches = try Folder.names(in: path).filter { name in
        guard !name.isHiddenName, extensions.contains(name.fileExtension) else { return false }
        // What cannot be looked at fails by name later.
        return fileStatus(path.appending(name: name)).map { FileType($0) == .file } ?? true
      }
      guard !matches.isEmpty else {
        throw Failure(
          path, "the folder holds none of the files wanted here",
          advice: "name one with \(extensions.sorted().joined(separator: ", ")) files",
          exitCode: .noInput)
      }
      files += matches.map { path.appending(name: $0) }
    }
    return files
  }

  private static func open(_ path: String) throws(Failure) -> CInt {
    guard !path.isEmpty else { throw .emptyName }
    let descriptor = systemOpen(path.systemPath, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw Failure(path, errno: errno, advice: "check the path", exitCode: .noInput)
    }
    return descriptor
  }

  /// Enough to tell what a file is.
  private static let signatureByteCount = 64

  /// Whether all of such a file is wanted.
  private static func isRead(_ kind: FileKind?) -> Bool {
    [.rdc, .png, .netpbm, .jpeg].contains(kind)
  }

  private static func readAll(
    _ descriptor: CInt, name: String, _ endsWhereUnknown: Bool
  ) throws(Failure) -> Contents {
    var bytes: [UInt8] = []
    var attributes: FileAttributes?
    var status = stat()
    if fstat(descriptor, &status) == 0, FileType(status) == .file {
      attributes = FileAttributes(status)
      bytes.reserveCapacity(min(Int(status.st_size), maximumByteCount))
    }
    var chunk = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = systemRead(descriptor, &chunk, chunk.count)
      if count == 0 { return Contents(bytes: bytes, attributes: attributes) }
      if count < 0 {
        if errno == EINTR { continue }
        let isDirectory = errno == EISDIR
        throw Failure(
          name, errno: errno,
          advice: isDirectory ? "name a file, or use --out-dir for a folder" : "try again",
          exitCode: isDirectory ? .noInput : .ioError)
      }
      guard bytes.count + count <= maximumByteCount else {
        throw Failure(
          name, "more than \(maximumByteCount) bytes", advice: "split the image",
          exitCode: .dataError)
      }
      bytes.append(contentsOf: chunk[..<count])
      if endsWhereUnknown, bytes.count >= signatureByteCount, !isRead(FileKind(bytes)) {
        return Contents(bytes: bytes, attributes: attributes)
      }
    }
  }
}
