internal import DecoderCore

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// The bytes of a file, which may lie anywhere, taken out in parts.
public protocol FileBytes: AnyObject, Sendable {
  var byteCount: Int { get }
  /// The bytes of a range that lies inside the file.
  func bytes(in range: Range<Int>) throws(CodecError) -> [UInt8]
}

extension FileBytes {
  /// All of them.
  public func bytes() throws(CodecError) -> [UInt8] { try bytes(in: 0..<byteCount) }

  /// The first bytes, as many as there are.
  func start(_ count: Int) throws(CodecError) -> [UInt8] {
    try bytes(in: 0..<min(count, byteCount))
  }
}

/// A file that is in memory as a whole.
public final class MemoryFile: FileBytes {
  private let all: [UInt8]

  public init(_ bytes: [UInt8]) { all = bytes }

  public var byteCount: Int { all.count }

  public func bytes(in range: Range<Int>) -> [UInt8] {
    range == all.indices ? all : Array(all[range])
  }
}

/// An open regular file, of which no more is in memory than is asked for.
public final class DiskFile: FileBytes {
  private let descriptor: CInt
  public let byteCount: Int

  /// Takes over an open descriptor, to be closed with this object; nil where it is no regular file, and
  /// it then stays open.
  public init?(descriptor: CInt) {
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    self.descriptor = descriptor
    byteCount = Int(status.st_size)
  }

  deinit { close(descriptor) }

  /// Throws ``CodecError/truncated(at:)`` where the file has become shorter, or cannot be read.
  public func bytes(in range: Range<Int>) throws(CodecError) -> [UInt8] {
    var count = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: range.count) { buffer, initializedCount in
      while count < range.count {
        let place = UnsafeMutableRawPointer(buffer.baseAddress! + count)
        let more = pread(
          descriptor, place, range.count - count, off_t(range.lowerBound + count))
        if more < 0, errno == EINTR { continue }
        guard more > 0 else { break }
        count += more
      }
      initializedCount = count
    }
    guard count == range.count else { throw .truncated(at: range.lowerBound + count) }
    return bytes
  }
}
