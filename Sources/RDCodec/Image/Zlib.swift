internal import DecoderCore
import CPNG

/// The zlib stream format (RFC 1950).
package enum Zlib {
  /// Compresses `bytes` into one zlib stream, at the highest level.
  package static func deflate(_ bytes: [UInt8]) -> [UInt8] {
    var buffer = cpng_buffer()
    defer { cpng_buffer_free(&buffer) }
    let status = cpng_deflate(bytes, bytes.count, &buffer)
    precondition(status == .ok, "out of memory")
    return Array(UnsafeBufferPointer(start: buffer.bytes, count: buffer.count))
  }

  /// Expands `bytes`, one zlib stream without anything after it, to at most `limit` bytes.
  package static func inflate(_ bytes: [UInt8], limit: Int) throws(CodecError) -> [UInt8] {
    var buffer = cpng_buffer()
    defer { cpng_buffer_free(&buffer) }
    switch cpng_inflate(bytes, bytes.count, max(limit, 0), &buffer) {
    case .ok: return Array(UnsafeBufferPointer(start: buffer.bytes, count: buffer.count))
    case .invalid: throw .corrupt(field: "deflated data", at: 0)
    case .truncated: throw .truncated(at: bytes.count)
    case .tooLong:
      throw .limitExceeded(.metadataByteCount, needed: buffer.count, allowed: limit)
    case .outOfMemory: throw .outOfMemory("deflated data")
    }
  }
}
