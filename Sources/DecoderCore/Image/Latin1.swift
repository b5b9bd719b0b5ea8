/// ISO 8859-1, in which a byte is a code point, and its characters in UTF-8.
package enum Latin1 {
  package static func utf8(_ bytes: some Collection<UInt8>) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count)
    for byte in bytes {
      if byte < 0x80 {
        text.append(byte)
      } else {
        text.append(0xC0 | byte >> 6)
        text.append(0x80 | byte & 0x3F)
      }
    }
    return text
  }

  /// Nil where a character is not of Latin-1, or the text no UTF-8.
  package static func bytes(_ text: [UInt8]) -> [UInt8]? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count)
    var first: UInt8?
    for byte in text {
      if let lead = first {
        guard byte & 0xC0 == 0x80 else { return nil }
        bytes.append(lead << 6 | byte & 0x3F)
        first = nil
      } else if byte < 0x80 {
        bytes.append(byte)
      } else {
        guard byte == 0xC2 || byte == 0xC3 else { return nil }
        first = byte
      }
    }
    return first == nil ? bytes : nil
  }

  /// Whether a text of UTF-8 is a keyword as PNG has them, or empty.
  package static func isKeyword(_ text: [UInt8]) -> Bool {
    guard text.count <= 2 * 79, let bytes = bytes(text) else { return false }
    return bytes.count <= 79 && !bytes.contains(0)
  }
}
