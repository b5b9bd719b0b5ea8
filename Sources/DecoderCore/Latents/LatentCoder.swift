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

/// Where a step's latents lie in a row of positions, every second of which is coded.
package struct LatentRow {
  package let row: Int
  /// Of the first position.
  package let column: Int
  /// Positions that are coded.
  package let count: Int
  /// The step's first channel, and how many follow.
  package let channel: Int
  package let channels: Int
  /// Latents of a position.
  package let latentCount: Int
  /// The first latent among the values of the tile.
  package let start: Int
  /// Of every position, means and then log-scales.
  let parameters: UnsafePointer<Int16>
  /// Of every position, indices of tables.
  let scales: UnsafePointer<UInt8>
  /// Where the first latent goes, in 1/64 of a step.
  let z: UnsafeMutablePointer<Int16>
  /// Room for the symbols of a position.
  let symbols: UnsafeMutablePointer<Int16>
}

/// Codes latents position by position: the one code path of both directions.
///
/// An encoder's coder says what the symbols are; a decoder's reads them.
package protocol LatentCoder: ~Copyable {
  /// Codes the step's symbols at a position under the scale tables `scales`; they stand for steps
  /// from `means`.
  mutating func codeLatents(
    _ symbols: inout [Int16], _ place: LatentPlace, means: ArraySlice<Int16>, scales: [UInt8],
    models: borrowing LatentModels)
  /// The same for a row of positions; writes the latents.
  mutating func codeLatents(_ row: LatentRow, models: borrowing LatentModels)
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

  package mutating func codeLatents(_ row: LatentRow, models: borrowing LatentModels) {
    let channels = row.channels
    let parameters = Array(
      UnsafeBufferPointer(start: row.parameters, count: 2 * channels * row.count))
    var symbols = [Int16](repeating: 0, count: channels)
    for index in 0..<row.count {
      let means = 2 * channels * index
      codeLatents(
        &symbols,
        LatentPlace(
          row: row.row, column: row.column + 2 * index,
          start: row.start + 2 * index * row.latentCount, channel: row.channel),
        means: parameters[means..<means + channels],
        scales: Array(
          UnsafeBufferPointer(start: row.scales + index * channels, count: channels)),
        models: models)
      ModelKernels.best.call.reconstruct(
        row.parameters + means, symbols, row.z + 2 * index * row.latentCount, channels)
    }
  }
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

extension BinaryDecoder: LatentCoder {
  package mutating func codeLatents(_ row: LatentRow, models: borrowing LatentModels) {
    let (state, first) = models.place(row: row.row, column: row.column)
    precondition(row.channels == state.pointee.count)
    let (kernels, layers) = (models.kernels.call, ModelKernels.best.call)
    code { port in
      for index in 0..<row.count {
        kernels.code_latents(
          state, first + 2 * index, row.scales + index * row.channels, row.symbols, port)
        layers.reconstruct(
          row.parameters + 2 * index * row.channels, row.symbols,
          row.z + 2 * index * row.latentCount, row.channels)
      }
    }
  }
}

extension BinaryDecoder {
  /// Starts reading a stream.
  package init(_ stream: StreamSlice) {
    self.init(
      stream.bytes, in: stream.range, start: stream.start, isAbandoned: stream.isAbandoned)
  }
}
