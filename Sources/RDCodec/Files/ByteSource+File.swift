internal import DecoderCore

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

extension ByteSource {
  /// An open regular file, of which no more is in memory than is asked for.
  ///
  /// Takes over the descriptor, which is closed with the last copy of this source; nil where it is
  /// no regular file, and it then stays open. Reading throws ``CodecError/truncated(at:)`` where
  /// the file has become shorter, or cannot be read.
  public init?(descriptor: CInt) {
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    let file = OpenFile(descriptor)
    self.init(count: Int(status.st_size)) { range in file.bytes(in: range) }
  }
}

/// A descriptor that is closed in the end.
private final class OpenFile: Sendable {
  private let descriptor: CInt

  init(_ descriptor: CInt) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  /// The bytes of a range, or fewer where they cannot be read.
  func bytes(in range: Range<Int>) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: range.count) { buffer, count in
      count = 0
      while count < range.count {
        let place = UnsafeMutableRawPointer(buffer.baseAddress! + count)
        let more = pread(
          descriptor, place, range.count - count, off_t(range.lowerBound + count))
        if more < 0, errno == EINTR { continue }
        guard more > 0 else { break }
        count += more
      }
    }
  }
}
