import ArgumentParser
import Foundation

/// Reads whole input files.
enum InputFile {
  /// The most bytes of one input: a pipe may never end.
  static let maximumByteCount = 4 << 30

  /// Reads a file, or standard input for "-".
  static func read(_ path: String) throws(Failure) -> [UInt8] {
    if path.isStandardStream { return try readAll(STDIN_FILENO, name: displayName(path)) }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw Failure(path, errno: errno, advice: "check the path", exitCode: .noInput)
    }
    defer { close(descriptor) }
    return try readAll(descriptor, name: path)
  }

  /// How messages call an input.
  static func displayName(_ path: String) -> String {
    path.isStandardStream ? "standard input" : path
  }

  static func isDirectory(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Replaces every folder by the files in it that have one of these extensions, sorted by name;
  /// folders inside folders are not entered.
  static func expandingFolders(
    _ paths: [String], extensions: Set<String>
  ) throws(Failure) -> [String] {
    var files: [String] = []
    for path in paths {
      guard !path.isStandardStream, isDirectory(path) else {
        files.append(path)
        continue
      }
      guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else {
        throw Failure(
          path, "cannot list the folder", advice: "check its permissions", exitCode: .noInput)
      }
      let matches = names.sorted().filter {
        !$0.hasPrefix(".") && extensions.contains(($0 as NSString).pathExtension.lowercased())
      }
      guard !matches.isEmpty else {
        throw Failure(
          path, "the folder holds none of the files wanted here",
          advice: "name one with \(extensions.sorted().joined(separator: ", ")) files",
          exitCode: .noInput)
      }
      files += matches.map { (path as NSString).appendingPathComponent($0) }
    }
    return files
  }

  private static func readAll(_ descriptor: CInt, name: String) throws(Failure) -> [UInt8] {
    var bytes: [UInt8] = []
    var status = stat()
    if fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG {
      bytes.reserveCapacity(min(Int(status.st_size), maximumByteCount))
    }
    var chunk = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = Foundation.read(descriptor, &chunk, chunk.count)
      if count == 0 { return bytes }
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
    }
  }
}
