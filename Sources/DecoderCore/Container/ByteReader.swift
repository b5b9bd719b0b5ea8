/// Bytes that stay where they are: an array's, or memory that lives as long as the process.
package enum ByteStore: @unchecked Sendable {
  case array([UInt8])
  case memory(UnsafeRawBufferPointer)

  package var count: Int {
    switch self {
    case .array(let bytes): bytes.count
    case .memory(let bytes): bytes.count
    }
  }

  package subscript(place: Int) -> UInt8 {
    switch self {
    case .array(let bytes): bytes[place]
    case .memory(let bytes): bytes[place]
    }
  }

  package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    switch self {
    case .array(let bytes): bytes.withUnsafeBytes { body($0) }
    case .memory(let bytes): body(bytes)
    }
  }
}

/// Reads little-endian values from bytes; every read past the end throws.
package struct ByteReader {
  private let source: ByteStore
  package private(set) var position: Int
  package let end: Int

  package init(_ source: [UInt8]) { self.init(.array(source)) }

  /// Begins at `position`, which lies within the bytes.
  package init(_ source: ByteStore, at position: Int = 0) {
    precondition(position >= 0 && position <= source.count)
    self.source = source
    self.position = position
    end = source.count
  }

  package var remaining: Int { end - position }

  package mutating func bytes(_ count: Int) throws(CodecError) -> [UInt8] {
    guard count >= 0, count <= remaining else { throw .truncated(at: position) }
    defer { position += count }
    return source.withBytes { Array($0[position..<position + count]) }
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

  package mutating func uint64() throws(CodecError) -> UInt64 { try integer(byteCount: 8) }

  package mutating func uint32s(_ count: Int) throws(CodecError) -> [UInt32] { try integers(count) }

  package mutating func int32s(_ count: Int) throws(CodecError) -> [Int32] { try integers(count) }

  package mutating func int16s(_ count: Int) throws(CodecError) -> [Int16] { try integers(count) }

  private mutating func integers<Value: FixedWidthInteger>(
    _ count: Int
  ) throws(CodecError) -> [Value] {
    let size = Value.bitWidth / 8
    guard count <= remaining / size else { throw .truncated(at: position) }
    let start = try skip(count * size)
    return source.withBytes { bytes in
      [Value](unsafeUninitializedCapacity: count) { values, initialized in
        for index in 0..<count {
          let value = bytes.loadUnaligned(
            fromByteOffset: start &+ size &* index, as: Value.self)
          (values.baseAddress! + index).initialize(to: Value(littleEndian: value))
        }
        initialized = count
      }
    }
  }

  private mutating func integer(byteCount: Int) throws(CodecError) -> UInt64 {
    let start = try skip(byteCount)
    var value: UInt64 = 0
    for b in 0..<byteCount { value |= UInt64(source[start + b]) << UInt64(8 * b) }
    return value
  }

  /// Passes over bytes, and returns where they begin.
  @discardableResult
  package mutating func skip(_ count: Int) throws(CodecError) -> Int {
    guard count >= 0, count <= remaining else { throw .truncated(at: position) }
    defer { position += count }
    return position
  }
}
