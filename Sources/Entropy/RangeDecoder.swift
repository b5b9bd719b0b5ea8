/// Reads back what ``RangeEncoder`` wrote, given the same probabilities in the same order.
///
/// Bytes past the end read as zero. Any bytes decode to some symbols; a decoder that needs more
/// bytes than the stream can hold sets ``isExhausted``, and what it returned then means nothing.
@frozen
@usableFromInline
package struct RangeDecoder: ~Copyable {
  @usableFromInline var code: UInt64 = 0
  @usableFromInline var range: UInt64 = (1 << 48) - 1
  @usableFromInline var position = 0
  /// A copy of the stream: a shared array would be counted at every symbol, by all threads at once.
  @usableFromInline let bytes: UnsafeMutablePointer<UInt8>
  @usableFromInline let end: Int

  /// Starts reading `bytes[range]`.
  package init(_ bytes: [UInt8], in range: Range<Int>) {
    end = range.count
    self.bytes = .allocate(capacity: max(end, 1))
    _ = UnsafeMutableBufferPointer(start: self.bytes, count: end).initialize(from: bytes[range])
    for _ in 0..<6 { code = code &<< 8 | UInt64(nextByte()) }
  }

  package init(_ bytes: [UInt8]) { self.init(bytes, in: 0..<bytes.count) }

  deinit { bytes.deallocate() }

  /// Whether more symbols were read than the stream can hold: a whole stream has at least as many
  /// bytes as `range` was moved by, besides the six that the decoder is ahead.
  package var isExhausted: Bool { position > end + 6 }

  /// Decodes one binary decision whose probability of `true` is `probability` · 2⁻²⁴.
  @inlinable @inline(always)
  package mutating func decode(probability: UInt32) -> Bool {
    let split = (range &>> 24) &* UInt64(probability)
    let bit = code < split
    // Selections, not branches: what is worth coding is hard to predict.
    code = bit ? code : code &- split
    range = bit ? split : range &- split
    normalize()
    return bit
  }

  /// The place of the next symbol in a table that sums to 2²⁴; ``consume(start:size:)`` follows.
  @inlinable @inline(always)
  package func target() -> UInt32 {
    UInt32(truncatingIfNeeded: min(code / (range &>> 24), (1 &<< 24) &- 1))
  }

  /// Moves past the symbol that occupies `start ..< start + size`.
  @inlinable @inline(always)
  package mutating func consume(start: UInt32, size: UInt32) {
    let unit = range &>> 24
    code &-= unit &* UInt64(start)
    range = start &+ size == 1 << 24 ? range &- unit &* UInt64(start) : unit &* UInt64(size)
    normalize()
  }

  /// Decodes `count` (0 ... 24) equally likely bits.
  @inlinable
  package mutating func decodeUniform(bitCount count: Int) -> UInt32 {
    let shift = UInt32(24 &- count)
    let value = target() &>> shift
    consume(start: value &<< shift, size: 1 &<< shift)
    return value
  }

  /// Lends the decoder's state to code that decodes the same way elsewhere: the code, the range,
  /// the next byte's position, and the bytes up to the end.
  @inlinable @inline(always)
  package mutating func withState<Result>(
    _ body: (
      _ code: inout UInt64, _ range: inout UInt64, _ position: inout Int,
      _ bytes: UnsafeBufferPointer<UInt8>
    ) -> Result
  ) -> Result {
    body(&code, &range, &position, UnsafeBufferPointer(start: bytes, count: end))
  }

  @inlinable @inline(always)
  mutating func normalize() {
    while range < 1 &<< 40 {
      code = code &<< 8 | UInt64(nextByte())
      range &<<= 8
    }
  }

  @inlinable @inline(always)
  mutating func nextByte() -> UInt8 {
    defer { position &+= 1 }
    return position < end ? bytes[position] : 0
  }
}
