internal import DecoderCore

/// Takes words and numbers from a Netpbm file, past white space and comments.
struct NetpbmScanner {
  private let bytes: [UInt8]
  private(set) var position: Int
  /// Whether anything that was passed over was a comment.
  private(set) var hasComments = false

  init(_ bytes: [UInt8], at position: Int) {
    self.bytes = bytes
    self.position = position
  }

  /// Bytes not yet taken.
  var remainingCount: Int { bytes.count - position }

  /// The next decimal number, of at most nine digits after its zeros; the byte after it is not
  /// taken.
  mutating func number(_ field: String) throws(CodecError) -> Int {
    try skipSpace()
    let first = position
    while position < bytes.count, bytes[position] == UInt8(ascii: "0") { position += 1 }
    let start = position
    var number = 0
    while position < bytes.count, let digit = Self.digit(bytes[position]), position - start < 9 {
      number = number * 10 + digit
      position += 1
    }
    let isFollowedBySpace = position == bytes.count || Self.isSpace(bytes[position])
    guard position > first, isFollowedBySpace || bytes[position] == UInt8(ascii: "#") else {
      throw .corrupt(field: field, at: first)
    }
    return number
  }

  /// The next 0 or 1 of a plain bitmap, which needs no white space after it.
  mutating func bit() throws(CodecError) -> Int {
    try skipSpace()
    guard let digit = Self.digit(bytes[position]), digit <= 1 else {
      throw .corrupt(field: "sample", at: position)
    }
    position += 1
    return digit
  }

  /// The first word of the rest of this line, and what follows it without white space around it;
  /// nil where the line is empty or a comment.
  mutating func line() throws(CodecError) -> (name: String, value: String)? {
    guard let end = bytes[position...].firstIndex(of: UInt8(ascii: "\n")) else {
      throw .truncated(at: bytes.count)
    }
    let line = bytes[position..<end]
    position = end + 1
    guard line.first != UInt8(ascii: "#") else {
      hasComments = true
      return nil
    }
    let text = line.drop(while: Self.isSpace)
    let name = text.prefix { !Self.isSpace($0) }
    var value = text[name.endIndex...].drop(while: Self.isSpace)
    while let last = value.last, Self.isSpace(last) { value.removeLast() }
    guard !name.isEmpty else { return nil }
    return (String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self))
  }

  /// Takes the one byte of white space that ends a header. A comment that follows a number at once
  /// stands for the end of its line, as in Netpbm.
  mutating func skipOneSpace() throws(CodecError) {
    if position < bytes.count, bytes[position] == UInt8(ascii: "#") {
      hasComments = true
      position = bytes[position...].firstIndex { $0 == 10 || $0 == 13 } ?? bytes.count
    }
    guard position < bytes.count else { throw .truncated(at: bytes.count) }
    guard Self.isSpace(bytes[position]) else { throw .corrupt(field: "header", at: position) }
    position += 1
  }

  /// Moves to the next byte that is neither white space nor part of a comment.
  private mutating func skipSpace() throws(CodecError) {
    var isComment = false
    while position < bytes.count {
      let byte = bytes[position]
      if byte == UInt8(ascii: "#") {
        isComment = true
        hasComments = true
      }
      if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") { isComment = false }
      guard isComment || Self.isSpace(byte) else { return }
      position += 1
    }
    throw .truncated(at: bytes.count)
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }

  private static func digit(_ byte: UInt8) -> Int? {
    (48...57).contains(byte) ? Int(byte) - 48 : nil
  }
}
