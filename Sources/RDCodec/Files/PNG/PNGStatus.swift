import CPNG
internal import DecoderCore

/// How calls of libpng end.
enum PNGStatus {
  static var emptyMessage: [CChar] { Array(repeating: 0, count: Int(CPNG_MESSAGE_SIZE)) }

  /// Throws what went wrong while this file was read, with the place where it is damaged.
  static func check(
    _ status: cpng_status, _ message: [CChar], reading file: ByteSource
  ) throws(CodecError) {
    do { try check(status, message, byteCount: file.count) } catch {
      guard case .damagedImage(let text) = error else { throw error }
      throw .damagedImage(try PNGDamage.description(of: file, message: text))
    }
  }

  static func check(
    _ status: cpng_status, _ message: [CChar], byteCount: Int
  ) throws(CodecError) {
    switch status {
    case .ok: return
    case .truncated: throw .truncated(at: byteCount)
    case .outOfMemory, .tooLong: throw .outOfMemory("the PNG file")
    case .invalid:
      throw .damagedImage(text(message))
    }
  }

  /// A message up to its final zero.
  static func text(_ message: [CChar]) -> String {
    String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
