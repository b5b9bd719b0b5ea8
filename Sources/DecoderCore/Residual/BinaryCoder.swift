package import CKernels
package import Entropy

/// One direction of the residual's bitstream: the coder's stages are written once, over this.
///
/// An encoder writes the value it is given and returns it; a decoder ignores it and returns the
/// one it reads.
package protocol BinaryCoder: ~Copyable {
  /// Whether it writes the values that it is given.
  var isEncoder: Bool { get }
  /// Codes one decision; `probability` · 2⁻²⁴ is that of `true`.
  mutating func code(_ bit: Bool, probability: UInt32) -> Bool
  /// Codes the decisions of a sample that `plane` has predicted; returns the sample.
  mutating func codeSample(
    _ value: Int, of plane: UnsafeMutablePointer<KernelPlane>, kernels: ResidualKernels
  ) -> Int
  /// The same as one symbol.
  mutating func codeSymbol(
    _ value: Int, of plane: UnsafeMutablePointer<KernelPlane>, kernels: ResidualKernels
  ) -> Int
  /// Codes `count` samples by the lean method, in place.
  mutating func codeBlock(
    _ values: UnsafeMutablePointer<UInt16>, count: Int, at x: Int,
    of plane: UnsafeMutablePointer<KernelPlane>, sums: KernelBlock, kernels: ResidualKernels)
  /// Codes `bitCount` (0 ... 24) equally likely bits.
  mutating func codeUniform(_ value: UInt32, bitCount: Int) -> UInt32
  /// Whether the stream ended before what was read from it, or has become longer than is wanted.
  var isExhausted: Bool { get }
  /// Where the stream starts in its file's bytes, for errors.
  var start: Int { get }
}

/// Writes decisions and sums their cost.
package struct BinaryEncoder: BinaryCoder, ~Copyable {
  package var isEncoder: Bool { true }
  private var encoder = RangeEncoder()
  package private(set) var ledger = BitLedger()
  private let decisions = Buffer<UInt32>(zeroed: ResidualKernels.maximumDecisions)
  /// Bits above which nobody wants the stream.
  private let limit: Double

  package init(limit: Double = .infinity) { self.limit = limit }

  @inline(__always)
  package mutating func code(_ bit: Bool, probability: UInt32) -> Bool {
    encoder.encode(bit, probability: probability)
    ledger.add(probability: bit ? probability : (1 << 24) &- probability)
    return bit
  }

  @inline(__always)
  package mutating func codeSample(
    _ value: Int, of plane: UnsafeMutablePointer<KernelPlane>, kernels: ResidualKernels
  ) -> Int {
    let count = kernels.call.encode_sample(
      plane, Int32(truncatingIfNeeded: value), decisions.base)
    for index in 0..<count {
      let decision = decisions[index]
      _ = code(decision &>> 31 != 0, probability: decision & 0x7FFF_FFFF)
    }
    return value
  }

  package mutating func codeBlock(
    _ values: UnsafeMutablePointer<UInt16>, count: Int, at x: Int,
    of plane: UnsafeMutablePointer<KernelPlane>, sums: KernelBlock, kernels: ResidualKernels
  ) {
    precondition(4 * count <= decisions.count)
    var sums = sums
    write(pairs: kernels.call.encode_block(plane, x, count, values, &sums, decisions.base))
  }

  @inline(__always)
  package mutating func codeSymbol(
    _ value: Int, of plane: UnsafeMutablePointer<KernelPlane>, kernels: ResidualKernels
  ) -> Int {
    write(
      pairs: kernels.call.encode_symbol(
        plane, Int32(truncatingIfNeeded: value), decisions.base))
    return value
  }

  /// Writes the pairs of start and size that kernels have listed.
  @inline(__always)
  private mutating func write(pairs: Int) {
    for pair in 0..<pairs {
      let size = decisions[2 &* pair &+ 1]
      encoder.encode(start: decisions[2 &* pair], size: size)
      ledger.add(probability: size)
    }
  }

  package mutating func codeUniform(_ value: UInt32, bitCount: Int) -> UInt32 {
    encoder.encodeUniform(value, bitCount: bitCount)
    ledger.add(bits: Double(bitCount))
    return value
  }

  package var isExhausted: Bool { ledger.bits > limit }
  package var start: Int { 0 }

  /// Ends the stream and returns its bytes.
  package consuming func finish() -> [UInt8] { encoder.finish() }
}

/// Reads decisions back.
package struct BinaryDecoder: BinaryCoder, ~Copyable {
  package var isEncoder: Bool { false }
  private var decoder: RangeDecoder
  package let start: Int

  package init(_ stream: StreamSlice) {
    decoder = RangeDecoder(stream.bytes, in: stream.range)
    start = stream.start
  }

  @inline(__always)
  package mutating func code(_ bit: Bool, probability: UInt32) -> Bool {
    decoder.decode(probability: probability)
  }

  @inline(__always)
  package mutating func codeSample(
    _ value: Int, of plane: UnsafeMutablePointer<KernelPlane>, kernels: ResidualKernels
  ) -> Int {
    withRange { Int(kernels.call.decode_sample(plane, $0)) }
  }

  @inline(__always)
  package mutating func codeSymbol(
    _ value: Int, of plane: UnsafeMutablePointer<KernelPlane>, kernels: ResidualKernels
  ) -> Int {
    withRange { Int(kernels.call.decode_symbol(plane, $0)) }
  }

  /// Lends the decoder's state to a kernel.
  @inline(__always)
  private mutating func withRange<Result>(
    _ body: (UnsafeMutablePointer<KernelRange>) -> Result
  ) -> Result {
    decoder.withState { code, range, position, bytes in
      var state = KernelRange(
        code: code, range: range, bytes: bytes.baseAddress!, position: position, end: bytes.count)
      defer { (code, range, position) = (state.code, state.range, state.position) }
      return body(&state)
    }
  }

  package mutating func codeBlock(
    _ values: UnsafeMutablePointer<UInt16>, count: Int, at x: Int,
    of plane: UnsafeMutablePointer<KernelPlane>, sums: KernelBlock, kernels: ResidualKernels
  ) {
    var sums = sums
    withRange { kernels.call.decode_block(plane, x, count, values, &sums, $0) }
  }

  package mutating func codeUniform(_ value: UInt32, bitCount: Int) -> UInt32 {
    decoder.decodeUniform(bitCount: bitCount)
  }

  package var isExhausted: Bool { decoder.isExhausted }
}
