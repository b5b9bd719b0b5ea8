/// Collects bits as bytes, most significant first.
package struct BitWriter {
  package private(set) var bytes: [UInt8] = []
  package private(set) var count = 0

  /// The low `count` bits of `value`.
  package mutating func append(_ value: UInt64, count: Int) {
    for bit in (0..<count).reversed() {
      if self.count % 8 == 0 { bytes.append(0) }
      bytes[bytes.count - 1] |= UInt8(value >> UInt64(bit) & 1) << UInt8(7 - self.count % 8)
      self.count += 1
    }
  }
}

/// Takes bits from whole bytes of a reader, most significant first.
package struct BitReader {
  package private(set) var bytes: ByteReader
  private var byte: UInt8 = 0
  private var left = 0

  package init(_ bytes: ByteReader) { self.bytes = bytes }

  package mutating func read(_ count: Int) throws(CodecError) -> UInt64 {
    var value: UInt64 = 0
    for _ in 0..<count {
      if left == 0 {
        byte = try bytes.uint8()
        left = 8
      }
      left -= 1
      value = value << 1 | UInt64(byte >> UInt8(left) & 1)
    }
    return value
  }

  /// Whether the rest of the byte is zero.
  package var isPaddedWithZeros: Bool { byte & (1 << UInt8(left) - 1) == 0 }

  package func corrupt(_ field: String) -> CodecError {
    .corrupt(field: field, at: bytes.position - 1)
  }
}
