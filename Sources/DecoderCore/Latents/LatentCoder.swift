internal import CKernels
package import Entropy

/// Where some latents lie.
package struct LatentPlace {
  package let row: Int
  package let column: Int
  /// Of the first one, among the values of the tile's latents or hyperlatents.
  package let start: Int
  /// The first one's channel.
  package var channel = 0
}

/// Codes latents position by position: the one code path of both directions.
///
/// An encoder's coder says what the symbols are; a decoder's reads them.
package protocol LatentCoder: ~Copyable {
  /// Codes the step's symbols at a position under the scale tables `scales`; they stand for steps from `means`.
  mutating func codeLatents(
    _ symbols: inout [Int16], _ place: LatentPlace, means: ArraySlice<Int16>, scales: [UInt8],
    models: borrowing LatentModels)
  /// Codes a position's hyperlatents.
  mutating func codeHyperlatents(
    _ symbols: inout [Int16], _ place: LatentPlace, scales: [UInt8],
    models: borrowing LatentModels)
  /// Is shown the adaptive models of a tile's hyperlatents as they end.
  mutating func finish(hyperlatents models: borrowing LatentModels)
  /// The same for latents.
  mutating func finish(latents models: borrowing LatentModels)
}

extension LatentCoder where Self: ~Copyable {
  package mutating func finish(hyperlatents models: borrowing LatentModels) {}
  package mutating func finish(latents models: borrowing LatentModels) {}
}

/// Whoever codes decisions codes latents, by kernels.
extension LatentCoder where Self: BinaryCoder & ~Copyable {
  package mutating func codeLatents(
    _ symbols: inout [Int16], _ place: LatentPlace, means: ArraySlice<Int16>, scales: [UInt8],
    models: borrowing LatentModels
  ) {
    let (state, index) = models.place(row: place.row, column: place.column)
    precondition(symbols.count == state.pointee.count && scales.count >= symbols.count)
    let kernels = models.kernels
    code { kernels.call.code_latents(state, index, scales, &symbols, $0) }
  }

  package mutating func codeHyperlatents(
    _ symbols: inout [Int16], _ place: LatentPlace, scales: [UInt8],
    models: borrowing LatentModels
  ) {
    let (state, index) = models.place(row: place.row, column: place.column)
    precondition(symbols.count == state.pointee.channels && scales.count >= symbols.count)
    let kernels = models.kernels
    code { kernels.call.code_hyperlatents(state, index, scales, &symbols, $0) }
  }
}

extension BinaryEncoder: LatentCoder {
  /// An encoder with room for the latents of a position.
  package static var ofLatents: BinaryEncoder {
    BinaryEncoder(room: LatentKernels.channels * LatentKernels.decisions)
  }
}

extension BinaryDecoder: LatentCoder {}

extension BinaryDecoder {
  /// Starts reading a stream.
  package init(_ stream: StreamSlice) {
    self.init(stream.bytes, in: stream.range, start: stream.start)
  }
}
