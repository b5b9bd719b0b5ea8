internal import Entropy

/// Codes latents position by position: the one code path of both directions.
///
/// An encoder writes `symbols`; a decoder replaces them by those that it reads.
protocol LatentCoder: ~Copyable {
  /// Codes the step's symbols at a position under the scale tables `scales`.
  mutating func codeLatents(
    _ symbols: inout [Int16], scales: [UInt8], row: Int, column: Int,
    models: borrowing LatentModels)
  /// Codes a position's hyperlatents.
  mutating func codeHyperlatents(
    _ symbols: inout [Int16], scales: [UInt8], row: Int, column: Int,
    models: borrowing LatentModels)
}

/// Writes latents.
struct LatentWriter: LatentCoder, ~Copyable {
  private var encoder = RangeEncoder()
  private var ledger = BitLedger()
  private let decisions = Buffer<UInt32>(zeroed: LatentKernels.channels * LatentKernels.decisions)

  mutating func codeLatents(
    _ symbols: inout [Int16], scales: [UInt8], row: Int, column: Int,
    models: borrowing LatentModels
  ) {
    let (state, index) = models.place(row: row, column: column)
    precondition(symbols.count == state.pointee.count && scales.count >= symbols.count)
    write(models.kernels.call.encode_latents(state, index, scales, symbols, decisions.base))
  }

  mutating func codeHyperlatents(
    _ symbols: inout [Int16], scales: [UInt8], row: Int, column: Int,
    models: borrowing LatentModels
  ) {
    let (state, index) = models.place(row: row, column: column)
    precondition(symbols.count == state.pointee.channels && scales.count >= symbols.count)
    write(models.kernels.call.encode_hyperlatents(state, index, scales, symbols, decisions.base))
  }

  /// Writes the decisions that a kernel has listed.
  private mutating func write(_ count: Int) {
    for index in 0..<count {
      let decision = decisions[index]
      let bit = decision &>> 31 != 0
      let probability = decision & 0x7FFF_FFFF
      encoder.encode(bit, probability: probability)
      ledger.add(probability: bit ? probability : (1 << 24) &- probability)
    }
  }

  /// The bytes, and −log₂ P_pri(z).
  consuming func finish() -> (bytes: [UInt8], bits: Double) {
    let bits = ledger.bits
    return (encoder.finish(), bits)
  }
}

/// Reads latents.
struct LatentReader: LatentCoder, ~Copyable {
  private var decoder: RangeDecoder

  init(_ bytes: [UInt8], in range: Range<Int>) { decoder = RangeDecoder(bytes, in: range) }

  mutating func codeLatents(
    _ symbols: inout [Int16], scales: [UInt8], row: Int, column: Int,
    models: borrowing LatentModels
  ) {
    let (state, index) = models.place(row: row, column: column)
    precondition(symbols.count == state.pointee.count && scales.count >= symbols.count)
    let kernels = models.kernels
    withRange { kernels.call.decode_latents(state, index, scales, &symbols, $0) }
  }

  mutating func codeHyperlatents(
    _ symbols: inout [Int16], scales: [UInt8], row: Int, column: Int,
    models: borrowing LatentModels
  ) {
    let (state, index) = models.place(row: row, column: column)
    precondition(symbols.count == state.pointee.channels && scales.count >= symbols.count)
    let kernels = models.kernels
    withRange { kernels.call.decode_hyperlatents(state, index, scales, &symbols, $0) }
  }

  /// Lends the decoder's state to a kernel.
  private mutating func withRange(_ body: (UnsafeMutablePointer<KernelRange>) -> Void) {
    decoder.withState { code, range, position, bytes in
      var state = KernelRange(
        code: code, range: range, bytes: bytes.baseAddress!, position: position, end: bytes.count)
      body(&state)
      (code, range, position) = (state.code, state.range, state.position)
    }
  }

  /// Whether more was read than the stream holds.
  var isExhausted: Bool { decoder.isExhausted }
}

/// Sums what latents cost by the prior alone, for the encoder's search.
struct LatentMeter: LatentCoder, ~Copyable {
  private(set) var bits = 0.0

  mutating func codeLatents(
    _ symbols: inout [Int16], scales: [UInt8], row: Int, column: Int,
    models: borrowing LatentModels
  ) {
    add(symbols, scales: scales)
  }

  mutating func codeHyperlatents(
    _ symbols: inout [Int16], scales: [UInt8], row: Int, column: Int,
    models: borrowing LatentModels
  ) {
    add(symbols, scales: scales)
  }

  private mutating func add(_ symbols: [Int16], scales: [UInt8]) {
    var sum: Float = 0
    for c in symbols.indices {
      sum += LatentRates.shared.bits(of: Int32(symbols[c]), scale: Int(scales[c]))
    }
    bits += Double(sum)
  }
}
