import ArgumentParser
package import RDCodec
import Synchronization

/// A file that is being written, piece by piece.
///
/// The bytes go to a temporary file in the same folder, which is synced and then renamed; it is
/// gone with this object where that does not happen. Standard output, devices and pipes are written
/// directly.
package final class OutputWriter: Sendable {
  enum Target: Sendable {
    case standardOutput
    /// Exists and is no regular file.
    case special
    case regular(FileAttributes?, replacing: Bool, createsFolder: Bool)
  }

  private struct State {
    var byteCount = 0
    /// Nil where nobody asks for it.
    var digest: SHA256?
    /// What the bytes are compared with, and whether they begin so, as far as both reach.
    var compared: [UInt8]?
    var beginsAsCompared = true
    /// Open from the first byte on.
    var descriptor: CInt?
    /// The temporary file that is not published yet.
    var temporary: String?
    /// Why a piece could not be written.
    var failure: Failure?

    /// Compares the next bytes.
    mutating func compare(_ bytes: [UInt8]) {
      guard let compared, beginsAsCompared else { return }
      let rest = compared.dropFirst(byteCount)
      beginsAsCompared = rest.prefix(bytes.count).elementsEqual(bytes.prefix(rest.count))
    }
  }

  private let name: String
  private let path: String
  private let target: Target
  private let state: Mutex<State>

  /// `name`: as on the command line; `path`: with links followed.
  init(
    _ name: String, path: String, _ target: Target, digests: Bool, comparingWith other: [UInt8]?
  ) {
    self.name = name
    self.path = path
    self.target = target
    state = Mutex(State(digest: digests ? SHA256() : nil, compared: other))
  }

  deinit { discard() }

  package var byteCount: Int { state.withLock { $0.byteCount } }
  /// The SHA-256 of what has been written, where it was asked for.
  package var digest: String? { state.withLock { $0.digest?.text } }
  /// Whether what has been written begins with all bytes that it is compared with.
  package var beginsAsCompared: Bool {
    state.withLock { $0.beginsAsCompared && $0.byteCount >= $0.compared?.count ?? 0 }
  }
  /// Why writing ended early.
  package var failure: Failure? { state.withLock { $0.failure } }

  /// Takes bytes that the library makes.
  package var sink: ByteSink {
    { bytes throws(CodecError) in
      do throws(Failure) { try self.write(bytes) } catch { throw .outputFailed }
    }
  }

  package func write(_ bytes: [UInt8]) throws(Failure) {
    try state.withLock { state throws(Failure) in
      do throws(Failure) {
        if state.descriptor == nil { try open(&state) }
        let code = writeAll(bytes, to: state.descriptor!)
        guard code == 0 else { throw failure(code) }
      } catch {
        state.failure = error
        throw error
      }
      state.compare(bytes)
      state.byteCount += bytes.count
      state.digest?.update(bytes)
    }
  }

  /// Completes the file and gives it its name.
  package func finish() throws(Failure) {
    try state.withLock { state throws(Failure) in
      if state.descriptor == nil { try open(&state) }
      let descriptor = state.descriptor!
      state.descriptor = nil
      guard case .regular(let attributes, let replacing, _) = target,
        let temporary = state.temporary
      else {
        if case .special = target { close(descriptor) }
        return
      }
      attributes?.setTimes(of: descriptor)
      var code = fsync(descriptor) == 0 ? 0 : errno
      if close(descriptor) != 0, code == 0 { code = errno }
      if code == 0 {
        code = TemporaryFiles.publish(temporary, as: path, replacing: replacing)
      }
      if code != 0 { TemporaryFiles.remove(temporary) }
      state.temporary = nil
      guard code == 0 else { throw failure(code) }
    }
  }

  /// Leaves nothing of what was written to a regular file.
  package func discard() {
    state.withLock { state in
      if let descriptor = state.descriptor, descriptor != STDOUT_FILENO { close(descriptor) }
      if let temporary = state.temporary { TemporaryFiles.remove(temporary) }
      (state.descriptor, state.temporary) = (nil, nil)
    }
  }

  private func open(_ state: inout State) throws(Failure) {
    switch target {
    case .standardOutput: state.descriptor = STDOUT_FILENO
    case .special:
      let descriptor = systemOpen(path.systemPath, O_WRONLY | O_CLOEXEC)
      guard descriptor >= 0 else {
        throw Failure(name, errno: errno, advice: "check its permissions", exitCode: .cannotCreate)
      }
      state.descriptor = descriptor
    case .regular(let attributes, _, let createsFolder):
      let folder = path.parentFolder
      if createsFolder { try Folder.create(folder) }
      guard let temporary = TemporaryFiles.create(in: folder, mode: attributes?.mode) else {
        throw Failure(
          name, errno: errno, advice: "check the permissions of \(folder)",
          exitCode: .cannotCreate)
      }
      (state.temporary, state.descriptor) = (temporary.path, temporary.descriptor)
    }
  }

  private func failure(_ code: CInt) -> Failure {
    if case .standardOutput = target { return StandardStreams.failure(code) }
    return switch code {
    case EEXIST:
      Failure(
        name, "exists already", advice: "use --force to replace it", exitCode: .cannotCreate)
    case ENOSPC, EDQUOT:
      Failure(name, errno: code, advice: "free some space", exitCode: .ioError)
    default:
      Failure(name, errno: code, advice: "check the disk", exitCode: .ioError)
    }
  }
}
