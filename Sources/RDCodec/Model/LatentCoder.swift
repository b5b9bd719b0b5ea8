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

/// Whoever codes decisions codes latents, by kernels.
extension LatentCoder where Self: BinaryCoder & ~Copyable {
  mutating func codeLatents(
    _ symbols: inout [Int16], scales: [UInt8], row: Int, column: Int,
    models: borrowing LatentModels
  ) {
    let (state, index) = models.place(row: row, column: column)
    precondition(symbols.count == state.pointee.count && scales.count >= symbols.count)
    let kernels = models.kernels
    code { kernels.call.code_latents(state, index, scales, &symbols, $0) }
  }

  mutating func codeHyperlatents(
    _ symbols: inout [Int16], scales: [UInt8], row: Int, column: Int,
    models: borrowing LatentModels
  ) {
    let (state, index) = models.place(row: row, column: column)
    precondition(symbols.count == state.pointee.channels && scales.count >= symbols.count)
    let kernels = models.kernels
    code { kernels.call.code_hyperlatents(state, index, scales, &symbols, $0) }
  }
}

extension BinaryEncoder: LatentCoder {
  /// An encoder with room for the latents of a position.
  static var ofLatents: BinaryEncoder {
    BinaryEncoder(room: LatentModel.latents * LatentKernels.decisions)
  }
}

extension BinaryDecoder: LatentCoder {}

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
