/// The bytes of one coded stream.
package struct StreamSlice: Sendable {
  /// The stream lies in `bytes[range]`.
  package let bytes: [UInt8]
  package let range: Range<Int>
  /// Where it starts in its file, for errors.
  package let start: Int
  /// Says whether nobody waits for what is decoded from it any more.
  package var isAbandoned: (@Sendable () -> Bool)?

  package init(_ bytes: [UInt8], in range: Range<Int>, start: Int? = nil) {
    self.bytes = bytes
    self.range = range
    self.start = start ?? range.lowerBound
  }

  package var isEmpty: Bool { range.isEmpty }
  package var end: Int { start + range.count }

  /// Takes `count` bytes off the front.
  package mutating func takeFirst(_ count: Int) throws(CodecError) -> StreamSlice {
    guard count <= range.count else { throw .truncated(at: end) }
    var first = self
    let middle = range.lowerBound + count
    first = StreamSlice(bytes, in: range.lowerBound..<middle, start: start)
    first.isAbandoned = isAbandoned
    var rest = StreamSlice(bytes, in: middle..<range.upperBound, start: start + count)
    rest.isAbandoned = isAbandoned
    self = rest
    return first
  }

  /// Takes an integer in groups of seven bits, lowest first, off the front; one that the slice
  /// cannot hold is no length.
  package mutating func takeVarint() throws(CodecError) -> Int {
    var value = 0
    for shift in stride(from: 0, through: 28, by: 7) {
      let slice = try takeFirst(1)
      let byte = Int(slice.bytes[slice.range.lowerBound])
      guard shift < 28 || byte < 8 else { break }
      value |= (byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    throw .corrupt(field: "residual stream's length", at: start)
  }

  /// Without its first byte.
  package var tail: StreamSlice {
    var tail = StreamSlice(bytes, in: range.dropFirst(), start: start + min(1, range.count))
    tail.isAbandoned = isAbandoned
    return tail
  }
}
