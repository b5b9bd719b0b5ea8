internal import DecoderCore

/// Finds where a PNG file is damaged, for a message that says more than libpng's.
enum PNGDamage {
  /// What is wrong in a file that libpng refused with this message.
  static func description(
    of file: ByteSource, message: String
  ) throws(CodecError) -> String {
    guard try file.prefix(PNGChunks.signature.count) == PNGChunks.signature else {
      return "the signature of PNG is changed, as by a transfer as text"
    }
    var start = PNGChunks.signature.count
    var imageData: Int?
    while file.count - start >= 12 {
      let head = try file.bytes(in: start..<start + 8)
      let letters = head[4...]
      guard letters.allSatisfy({ (65...90).contains($0 & ~32) }) else {
        return "no chunk of PNG begins at byte \(start)"
      }
      let type = String(decoding: letters, as: UTF8.self)
      let length = Int(head.bigEndian32(at: 0))
      guard length <= file.count - start - 12 else {
        return "chunk \(type) at byte \(start) reaches beyond the end"
      }
      let chunk = PNGChunks.Chunk(type: type, range: start..<start + 12 + length)
      if !chunk.isAncillary, try !chunk.hasValidChecksum(in: file) {
        return "wrong checksum of PNG chunk \(type) at byte \(start)"
      }
      if type == "IDAT", imageData == nil { imageData = start }
      if type == "IEND" { break }
      start = chunk.range.upperBound
    }
    // What zlib found is in the image data, wherever they are cut into chunks.
    if let imageData, message.contains("IDAT") || message.contains("zlib") {
      return "image data of PNG, from byte \(imageData): \(message)"
    }
    return "PNG: \(message)"
  }
}
