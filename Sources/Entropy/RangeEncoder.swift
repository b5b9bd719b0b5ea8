/// Turns decisions and their probabilities into bytes; ``RangeDecoder`` reads them back.
///
/// A carry-propagating range coder with a 48-bit interval: before every symbol the range is at
/// least 2⁴⁰, so rounding widens no cost by more than 2⁻¹⁵ bits.
/// Source: G. N. N. Martin, "Range encoding", 1979; carry handling as in LZMA.
@frozen
@usableFromInline
package struct RangeEncoder: ~Copyable {
  @usableFromInline var low: UInt64 = 0
  @usableFromInline var range: UInt64 = (1 << 48) - 1
  @usableFromInline var cache: UInt8 = 0
  @usableFromInline var pendingCount = 0
  @usableFromInline var isFirstByte = true
  @usableFromInline var bytes: [UInt8] = []

  @inlinable
  package init() {}

  /// Encodes one binary decision whose probability of `true` is `probability` · 2⁻²⁴.
  ///
  /// `probability` lies in 1 ... 2²⁴ − 1.
  @inlinable @inline(always)
  package mutating func encode(_ bit: Bool, probability: UInt32) {
    // Selections, not branches: what is worth coding is hard to predict.
    encode(
      start: bit ? 0 : probability, size: bit ? probability : (1 &<< 24) &- probability)
  }

  /// Encodes a symbol that occupies `start ..< start + size` of a table that sums to 2²⁴.
  @inlinable @inline(always)
  package mutating func encode(start: UInt32, size: UInt32) {
    let unit = range &>> 24
    low &+= unit &* UInt64(start)
    // The last symbol takes what rounding left over.
    range = start &+ size == 1 << 24 ? range &- unit &* UInt64(start) : unit &* UInt64(size)
    normalize()
  }

  /// Encodes `value` < 2^`count` as `count` (0 ... 24) bits, each as likely set as not.
  @inlinable
  package mutating func encodeUniform(_ value: UInt32, bitCount count: Int) {
    let shift = UInt32(24 &- count)
    encode(start: value &<< shift, size: 1 &<< shift)
  }

  /// Ends the stream and returns its bytes.
  ///
  /// With n moves of `range` by a byte these are n bytes, or n + 1 where the last one is not zero.
  package consuming func finish() -> [UInt8] {
    // Some multiple of 2⁴⁰ lies in the interval, and a decoder reads zeros behind it; a multiple
    // of 2⁴⁸ needs no byte of its own.
    let last = low &+ range &- 1
    let carried = last & ~((1 &<< 48) &- 1)
    low = carried >= low ? carried : last & ~((1 &<< 40) &- 1)
    shiftOut()
    shiftOut()
    if bytes.last == 0 { bytes.removeLast() }
    return bytes
  }

  @inlinable @inline(always)
  mutating func normalize() {
    while range < 1 &<< 40 {
      shiftOut()
      range &<<= 8
    }
  }

  /// Moves the top byte of `low` out, after settling the carry into the bytes before it.
  @usableFromInline
  mutating func shiftOut() {
    let carry = UInt8(truncatingIfNeeded: low &>> 48)
    let top = UInt8(truncatingIfNeeded: low &>> 40)
    if top != 0xFF || carry != 0 {
      if !isFirstByte { bytes.append(cache &+ carry) }
      isFirstByte = false
      while pendingCount > 0 {
        bytes.append(0xFF &+ carry)
        pendingCount -= 1
      }
      cache = top
    } else {
      pendingCount += 1
    }
    low = (low &<< 8) & ((1 &<< 48) &- 1)
  }
}
