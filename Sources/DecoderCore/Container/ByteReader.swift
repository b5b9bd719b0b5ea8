/// Reads little-endian values from bytes; every read past the end throws.
package struct ByteReader {
  private let source: [UInt8]
  package private(set) var position: Int
  package let end: Int

  package init(_ source: [UInt8]) {
    self.source = source
    position = 0
    end = source.count
  }

  package var remaining: Int { end - position }

  package mutating func bytes(_ count: Int) throws(CodecError) -> [UInt8] {
    guard count >= 0, count <= remaining else { throw .truncated(at: position) }
    defer { position += count }
    return Array(source[position..<position + count])
  }

  package mutating func uint8() throws(CodecError) -> UInt8 {
    guard position < end else { throw .truncated(at: position) }
    defer { position += 1 }
    return source[position]
  }

  package mutating func uint16() throws(CodecError) -> Int { Int(try integer(byteCount: 2)) }

  package mutating func uint32() throws(CodecError) -> UInt32 {
    UInt32(truncatingIfNeeded: try integer(byteCount: 4))
  }

  /// An unsigned integer in groups of seven bits, lowest first, at most `limit`; what an Int of
  /// this machine cannot hold becomes its largest value, which no file has bytes for.
  package mutating func varint(limit: UInt64, field: String) throws(CodecError) -> Int {
    let start = position
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      let byte = try uint8()
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { break }
      shift += 7
      if shift > 56 { throw .corrupt(field: field, at: start) }
    }
    guard value <= limit else { throw .corrupt(field: field, at: start) }
    return Int(clamping: value)
  }

  package mutating func int32s(_ count: Int) throws(CodecError) -> [Int32] { try integers(count) }

  package mutating func int16s(_ count: Int) throws(CodecError) -> [Int16] { try integers(count) }

  private mutating func integers<Value: FixedWidthInteger>(
    _ count: Int
  ) throws(CodecError) -> [Value] {
    let size = Value.bitWidth / 8
    guard count <= remaining / size else { throw .truncated(at: position) }
    let start = try skip(count * size)
    return source.withUnsafeBytes { bytes in
      (0..<count).map {
        Value(littleEndian: bytes.loadUnaligned(fromByteOffset: start + size * $0, as: Value.self))
      }
    }
  }

  private mutating func integer(byteCount: Int) throws(CodecError) -> UInt64 {
    let start = try skip(byteCount)
    var value: UInt64 = 0
    for b in 0..<byteCount { value |= UInt64(source[start + b]) << UInt64(8 * b) }
    return value
  }

  private mutating func skip(_ count: Int) throws(CodecError) -> Int {
    guard count <= remaining else { throw .truncated(at: position) }
    defer { position += count }
    return position
  }
}
