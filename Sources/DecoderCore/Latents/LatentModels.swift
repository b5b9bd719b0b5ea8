internal import CKernels

/// The adaptive models of one tile's hyperlatents or latents, and the symbols coded so far.
///
/// Every latent is coded as decisions whose probabilities are mixed from the prior's, an expert's and
/// counters' (docs/FORMAT.md §8.4); `latent_kernels.h` does the work.
package struct LatentModels: ~Copyable {
  /// Zero positions around a tile.
  private static let border = LatentKernels.reach

  package let kernels: LatentKernels
  /// Of one element.
  private let state = Buffer<KernelLatents>(zeroed: 1)
  package let counters: Buffer<KernelCounter>
  package let sets: Buffer<KernelLatentSet>
  private let symbols: Buffer<Int8>
  private let places: Buffer<KernelLatentPlace>
  private let features: Buffer<Int8>
  private let rowPlaces: Int
  /// For each half of the checkerboard.
  private let neighbours: [KernelNeighbours]
  private let expert: LatentExpert?
  /// The tile's own: those of latents learn.
  private let expertWeights: Buffer<Float>
  private let expertBias: Buffer<Float>

  /// For a tile of `height` × `width` positions.
  package init(
    _ start: LatentStart, _ expert: LatentExpert?, height: Int, width: Int,
    position: QualityPosition, kernels: LatentKernels
  ) {
    self.kernels = kernels
    self.expert = expert
    expertWeights = expert?.copyOfWeights() ?? Buffer(zeroed: 0)
    expertBias = expert?.bias(at: position) ?? Buffer(zeroed: 0)
    rowPlaces = width + 2 * LatentModels.border
    let placeCount = rowPlaces * (height + 2 * LatentModels.border)
    let layout = start.layout
    let channels = layout.channels
    neighbours = layout.neighbours.map { [rowPlaces] in KernelNeighbours($0, rowPlaces: rowPlaces) }
    counters = Buffer(zeroed: layout.counterCount)
    counters.base.update(from: start.counters.base, count: layout.counterCount)
    sets = Buffer(zeroed: layout.setCount)
    sets.base.update(from: start.sets.base, count: layout.setCount)
    symbols = Buffer(zeroed: placeCount * channels)
    places = Buffer(zeroed: placeCount)
    features = Buffer(zeroed: expert?.isOfLatents == true ? placeCount * channels : 0)
    let state = KernelLatents(
      tables: LatentTables.shared.pointers, logistic: MixTables.shared.logistic,
      layout: layout.kernel, counters: counters.base, signs: counters.base + layout.magnitudes,
      flags: counters.base + layout.magnitudes + layout.signs, sets: sets.base,
      flag_sets: sets.base + layout.sets,
      channel_sets: layout.channelSets == 0 ? nil : sets.base + layout.sets + layout.flagSets,
      symbols: symbols.base, places: places.base,
      features: features.base, expert: expert == nil ? nil : expertWeights.base,
      expert_bias: UnsafePointer(expertBias.base), channels: channels,
      hidden: expert?.hidden ?? 0, row_places: rowPlaces, neighbours: neighbours[0], step: 0,
      first: 0, count: channels)
    self.state.base.initialize(to: state)
  }

  /// Chooses the channels that follow: those of one group at the positions of one parity.
  package mutating func start(step: Int, first: Int, count: Int) {
    state.base.pointee.step = step
    state.base.pointee.first = first
    state.base.pointee.count = count
    state.base.pointee.neighbours = neighbours[step % neighbours.count]
    state.base.pointee.expert = expert.map { expertWeights.base + $0.starts[step] }
  }

  /// The state, and the place of a position, for kernels.
  @inline(__always)
  package func place(row: Int, column: Int) -> (state: UnsafeMutablePointer<KernelLatents>, index: Int) {
    (state.base, (row + LatentModels.border) * rowPlaces + column + LatentModels.border)
  }
}

extension KernelNeighbours {
  /// Where neighbours lie in a map of `rowPlaces` positions a row.
  fileprivate init(_ neighbours: [ModelShape.Offset], rowPlaces: Int) {
    precondition(neighbours.count <= LatentKernels.neighbours)
    self.init()
    count = neighbours.count
    withUnsafeMutableBytes(of: &offsets) { bytes in
      let offsets = bytes.assumingMemoryBound(to: Int.self)
      for (index, neighbour) in neighbours.enumerated() {
        offsets[index] = neighbour.rows * rowPlaces + neighbour.columns
      }
    }
  }
}
