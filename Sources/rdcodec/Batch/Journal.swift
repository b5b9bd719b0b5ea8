import ArgumentParser
import CommandSupport
import Synchronization

/// What a folder of outputs says about itself: a hidden file with a line of JSON for every finished
/// output.
///
/// A line is added, and synced, once the output has its name. Lines that are cut or make no sense
/// are passed over, so that neither a crash nor another run that writes at the same time harms it:
/// whatever the journal does not know is found out by a look at the output.
final class Journal: Sendable {
  /// From what an output was made, and how.
  struct Entry: Codable, Equatable, Sendable {
    /// The path below the folder.
    var output: String
    var outputByteCount: Int
    /// SHA-256.
    var outputDigest: String
    /// The path from the root.
    var input: String
    var inputDigest: String
    /// When it was read.
    var inputTime: FileTime
    /// The options that the output's bytes depend on.
    var settings: String
    /// Name and version of the program that made it.
    var program: String
    /// Where the output is a bitstream.
    var formatVersion: Int?
    var model: String?
  }

  static let fileName = ".rdcodec-batch"
  /// Far more than any folder has use for: what is larger is no journal.
  private static let maximumByteCount = 1 << 30

  private struct State {
    /// By the bytes of the output's path, oldest first.
    var entries: [[UInt8]: [Entry]] = [:]
    /// Bytes of the file that were read: up to the end of a line.
    var readByteCount = 0
    var descriptor: CInt = -1
    /// Why nothing can be added.
    var errorNumber: CInt = 0
  }

  let path: String
  private let state = Mutex(State())

  /// Reads what is there of the journal of a folder.
  init(folder: String) throws(Failure) {
    path = folder.appending(name: Self.fileName)
    if let status = fileStatus(path) {
      guard FileType(status) == .file, status.st_size <= Self.maximumByteCount else {
        throw Failure(
          path, "is no list of finished outputs", advice: "remove it, or name another --out-dir",
          exitCode: .cannotCreate)
      }
    }
    let code = state.withLock { state in
      open(&state)
      return readNew(&state)
    }
    guard code == 0 else { throw failure(code) }
  }

  deinit {
    state.withLock { if $0.descriptor >= 0 { close($0.descriptor) } }
  }

  /// What is known of an output, oldest first; what another run wrote meanwhile too.
  func entries(of output: String) -> [Entry] {
    state.withLock { state in
      _ = readNew(&state)
      return state.entries[output.pathBytes] ?? []
    }
  }

  /// Notes a finished output.
  func append(_ entry: Entry) throws(Failure) {
    let code = state.withLock { state in
      state.errorNumber == 0 ? append(JSON.line(entry), state.descriptor) : state.errorNumber
    }
    guard code == 0 else { throw failure(code) }
  }

  private func failure(_ code: CInt) -> Failure {
    Failure(
      path, errno: code, advice: "free some space, or check its permissions",
      exitCode: code == EACCES || code == EROFS ? .cannotCreate : .ioError)
  }

  /// Opens the journal for reading alone where it cannot be written: all may be done already.
  private func open(_ state: inout State) {
    let flags = O_CLOEXEC | O_NONBLOCK
    state.descriptor = systemOpen(
      path.systemPath, O_RDWR | O_APPEND | O_CREAT | flags, 0o666)
    if state.descriptor < 0 {
      state.errorNumber = errno
      state.descriptor = systemOpen(path.systemPath, O_RDONLY | flags)
    }
  }

  /// Reads the lines that were added since the last time; returns 0 or an `errno`.
  private func readNew(_ state: inout State) -> CInt {
    guard state.descriptor >= 0 else { return 0 }
    var status = stat()
    guard fstat(state.descriptor, &status) == 0 else { return errno }
    let byteCount = min(Int(status.st_size), Self.maximumByteCount) - state.readByteCount
    guard byteCount > 0 else { return 0 }
    var bytes = [UInt8](repeating: 0, count: byteCount)
    let count = pread(state.descriptor, &bytes, byteCount, off_t(state.readByteCount))
    guard count >= 0 else { return errno }
    // A line without an end may be one that another run is about to finish.
    guard let end = bytes[..<count].lastIndex(of: UInt8(ascii: "\n")) else { return 0 }
    state.readByteCount += end + 1
    for entry in Self.entries(in: bytes[...end]) {
      state.entries[entry.output.pathBytes, default: []].append(entry)
    }
    return 0
  }

  /// One call writes the whole line, so that lines of two runs do not mix. Returns 0 or an `errno`.
  private func append(_ line: [UInt8], _ descriptor: CInt) -> CInt {
    var status = stat()
    var last: UInt8 = 0
    // Behind a line that was cut, a new one begins.
    let isCut =
      fstat(descriptor, &status) == 0 && status.st_size > 0
      && pread(descriptor, &last, 1, status.st_size - 1) == 1 && last != UInt8(ascii: "\n")
    let code = writeAll((isCut ? [UInt8(ascii: "\n")] : []) + line, to: descriptor)
    if code != 0 { return code }
    return fdatasync(descriptor) == 0 ? 0 : errno
  }

  private static func entries(in bytes: ArraySlice<UInt8>) -> [Entry] {
    let decoder = JSONDecoder()
    return bytes.split(separator: UInt8(ascii: "\n")).compactMap {
      try? decoder.decode(Entry.self, from: Data($0))
    }
  }
}
