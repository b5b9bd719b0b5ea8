/// The bytes of one tile's stream and the objective that they cost.
package struct CodedStream: Sendable {
  package let bytes: [UInt8]
  package let bits: Double

  package init(
    bytes: [UInt8], bits: Double
  ) {
    self.bytes = bytes
    self.bits = bits
  }

  package var entry: Header.StreamEntry {
    .init(byteCount: bytes.count, checksum: Checksum.crc32(bytes, in: 0..<bytes.count))
  }
}
