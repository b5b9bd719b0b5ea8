/// Finds where a PNG file is damaged, for a message that says more than libpng's.
enum PNGDamage {
  /// What is wrong in a file that libpng refused with this message.
  static func description(of bytes: [UInt8], message: String) -> String {
    guard bytes.starts(with: PNGChunks.signature) else {
      return "the signature of PNG is changed, as by a transfer as text"
    }
    var start = PNGChunks.signature.count
    var imageData: Int?
    while bytes.count - start >= 12 {
      let length = integer(bytes, at: start)
      let letters = bytes[start + 4..<start + 8]
      guard letters.allSatisfy({ (65...90).contains($0 & ~32) }) else {
        return "no chunk of PNG begins at byte \(start)"
      }
      let type = String(decoding: letters, as: UTF8.self)
      guard length <= bytes.count - start - 12 else {
        return "chunk \(type) at byte \(start) reaches beyond the end"
      }
      let end = start + 8 + length
      let isCritical = type.utf8.first.map { $0 & 32 == 0 } ?? false
      if isCritical, Int(Zlib.crc32(bytes, in: start + 4..<end)) != integer(bytes, at: end) {
        return "wrong checksum of PNG chunk \(type) at byte \(start)"
      }
      if type == "IDAT", imageData == nil { imageData = start }
      if type == "IEND" { break }
      start = end + 4
    }
    // What zlib found is in the image data, wherever they are cut into chunks.
    if let imageData, message.contains("IDAT") || message.contains("zlib") {
      return "image data of PNG, from byte \(imageData): \(message)"
    }
    return "PNG: \(message)"
  }

  /// 32 bits, the high ones first.
  private static func integer(_ bytes: [UInt8], at index: Int) -> Int {
    bytes[index..<index + 4].reduce(0) { $0 << 8 | Int($1) }
  }
}
