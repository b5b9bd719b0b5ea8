public import CKernels

/// Reads back what ``RangeEncoder`` wrote, given the same probabilities in the same order.
///
/// Bytes past the end read as zero. Any bytes decode to some symbols; a decoder that needs more
/// bytes than the stream can hold sets ``isExhausted``, and what it returned then means nothing.
/// Kernels read on from the same state; `ck_port.h` has the arithmetic.
@frozen
@usableFromInline
package struct RangeDecoder: ~Copyable {
  @usableFromInline var state: ck_range
  /// A copy of the stream: a shared array would be counted at every symbol, by all threads at once.
  @usableFromInline let bytes: UnsafeMutablePointer<UInt8>

  /// Starts reading `bytes[range]`.
  package init(_ bytes: [UInt8], in range: Range<Int>) {
    let count = range.count
    self.bytes = .allocate(capacity: max(count, 1))
    _ = UnsafeMutableBufferPointer(start: self.bytes, count: count).initialize(from: bytes[range])
    state = ck_range_of(self.bytes, count)
  }

  package init(_ bytes: [UInt8]) { self.init(bytes, in: 0..<bytes.count) }

  deinit { bytes.deallocate() }

  /// Whether more symbols were read than the stream can hold: a whole stream has at least as many
  /// bytes as `range` was moved by, besides the six that the decoder is ahead.
  package var isExhausted: Bool { state.position > state.end + 6 }

  /// Decodes one binary decision whose probability of `true` is `probability` · 2⁻²⁴.
  @inlinable @inline(__always)
  package mutating func decode(probability: UInt32) -> Bool {
    ck_range_bit(&state, probability) != 0
  }

  /// Decodes `count` (0 ... 24) equally likely bits.
  @inlinable
  package mutating func decodeUniform(bitCount count: Int) -> UInt32 {
    ck_range_uniform(&state, Int32(truncatingIfNeeded: count))
  }
}
