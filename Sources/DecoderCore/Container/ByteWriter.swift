/// Collects little-endian values as bytes.
package struct ByteWriter {
  package private(set) var bytes: [UInt8] = []

  package init() {}

  package mutating func append(_ more: [UInt8]) { bytes += more }
  package mutating func uint8(_ value: UInt8) { bytes.append(value) }
  package mutating func uint16(_ value: Int) { integer(UInt64(value), byteCount: 2) }
  package mutating func uint32(_ value: UInt32) { integer(UInt64(value), byteCount: 4) }

  package mutating func uint64(_ value: UInt64) { integer(value, byteCount: 8) }

  /// An unsigned integer in groups of seven bits, lowest first.
  package mutating func varint(_ value: Int) {
    precondition(value >= 0)
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  private mutating func integer(_ value: UInt64, byteCount: Int) {
    for b in 0..<byteCount { bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * b))) }
  }
}
