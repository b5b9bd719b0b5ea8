import CPNG
internal import DecoderCore

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
}
