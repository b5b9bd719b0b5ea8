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

  /// Without its first byte.
  package var tail: StreamSlice {
    var tail = StreamSlice(bytes, in: range.dropFirst(), start: start + min(1, range.count))
    tail.isAbandoned = isAbandoned
    return tail
  }
}
