import CPNG

/// How calls of libpng end.
enum PNGStatus {
  static var emptyMessage: [CChar] { Array(repeating: 0, count: Int(CPNG_MESSAGE_SIZE)) }

  static func check(
    _ status: cpng_status, _ message: [CChar], byteCount: Int
  ) throws(CodecError) {
    switch status {
    case .ok: return
    case .truncated: throw .truncated(at: byteCount)
    case .outOfMemory, .tooLong: throw .limitExceeded("memory for the PNG file", needed: byteCount)
    case .invalid:
      throw .invalidImage("PNG: \(text(message))")
    }
  }

  /// A message up to its final zero.
  static func text(_ message: [CChar]) -> String {
    String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
