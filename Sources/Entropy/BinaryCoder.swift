public import CKernels

/// One direction of a bitstream: what models code is written once, over this.
///
/// An encoder writes the value that it is given and returns it; a decoder ignores it and returns
/// the one it reads.
package protocol BinaryCoder: ~Copyable {
  /// Whether it writes the values that it is given.
  var isEncoder: Bool { get }
  /// Codes one decision; `probability` · 2⁻²⁴ is that of `true`.
  mutating func code(_ bit: Bool, probability: UInt32) -> Bool
  /// Codes `bitCount` (0 ... 24) equally likely bits.
  mutating func codeUniform(_ value: UInt32, bitCount: Int) -> UInt32
  /// Lets a kernel code through a port: at most as many symbols as an encoder has room for.
  mutating func code<Result>(through kernel: (UnsafeMutablePointer<ck_port>) -> Result) -> Result
  /// Whether the stream ended before what was read from it, or has become longer than is wanted, or
  /// nobody waits for it any more.
  var isExhausted: Bool { get }
  /// Where the stream starts in its file's bytes, for errors.
  var start: Int { get }
}

/// Writes decisions and sums their cost.
@frozen
@usableFromInline
package struct BinaryEncoder: BinaryCoder, ~Copyable {
  @usableFromInline var encoder = RangeEncoder()
  @usableFromInline package var ledger = BitLedger()
  /// What a kernel has listed.
  @usableFromInline let symbols: Symbols
  /// Bits above which nobody wants the stream.
  @usableFromInline let limit: Double
  /// Asked from time to time whether anybody still does.
  @usableFromInline let isAbandoned: (@Sendable () -> Bool)?

  /// Kernels list at most `room` symbols at once.
  package init(
    limit: Double = .infinity, room: Int = 64, isAbandoned: (@Sendable () -> Bool)? = nil
  ) {
    self.limit = limit
    self.isAbandoned = isAbandoned
    symbols = Symbols(capacity: room)
  }

  @frozen
  @usableFromInline
  struct Symbols: ~Copyable {
    @usableFromInline let base: UnsafeMutablePointer<ck_symbol>
    init(capacity: Int) { base = .allocate(capacity: capacity) }
    deinit { base.deallocate() }
  }

  @inlinable
  package var isEncoder: Bool { true }

  @inlinable @inline(__always)
  package mutating func code(_ bit: Bool, probability: UInt32) -> Bool {
    encoder.encode(bit, probability: probability)
    ledger.add(probability: bit ? probability : (1 << 24) &- probability)
    return bit
  }

  @inlinable
  package mutating func codeUniform(_ value: UInt32, bitCount: Int) -> UInt32 {
    encoder.encodeUniform(value, bitCount: bitCount)
    ledger.add(bits: Double(bitCount))
    return value
  }

  @inlinable @inline(__always)
  package mutating func code<Result>(
    through kernel: (UnsafeMutablePointer<ck_port>) -> Result
  ) -> Result {
    var port = ck_port(in: nil, out: symbols.base)
    let result = kernel(&port)
    var next = symbols.base
    while next != port.out {
      encoder.encode(start: next.pointee.start, size: next.pointee.size)
      ledger.add(probability: next.pointee.size)
      next += 1
    }
    return result
  }

  package var isExhausted: Bool { ledger.bits > limit || isAbandoned?() == true }
  package var start: Int { 0 }

  /// Ends the stream and returns its bytes.
  package consuming func finish() -> [UInt8] { encoder.finish() }
}

/// Reads decisions back.
@frozen
@usableFromInline
package struct BinaryDecoder: BinaryCoder, ~Copyable {
  @usableFromInline var decoder: RangeDecoder
  package let start: Int
  @usableFromInline let isAbandoned: (@Sendable () -> Bool)?

  /// Starts reading `bytes[range]`, which stand from `start` on in their file.
  package init(
    _ bytes: [UInt8], in range: Range<Int>, start: Int? = nil,
    isAbandoned: (@Sendable () -> Bool)? = nil
  ) {
    self.isAbandoned = isAbandoned
    decoder = RangeDecoder(bytes, in: range)
    self.start = start ?? range.lowerBound
  }

  @inlinable
  package var isEncoder: Bool { false }

  @inlinable @inline(__always)
  package mutating func code(_ bit: Bool, probability: UInt32) -> Bool {
    decoder.decode(probability: probability)
  }

  @inlinable
  package mutating func codeUniform(_ value: UInt32, bitCount: Int) -> UInt32 {
    decoder.decodeUniform(bitCount: bitCount)
  }

  @inlinable @inline(__always)
  package mutating func code<Result>(
    through kernel: (UnsafeMutablePointer<ck_port>) -> Result
  ) -> Result {
    withUnsafeMutablePointer(to: &decoder.state) { state in
      var port = ck_port(in: state, out: nil)
      return kernel(&port)
    }
  }

  package var isExhausted: Bool { decoder.isExhausted || isAbandoned?() == true }
}
