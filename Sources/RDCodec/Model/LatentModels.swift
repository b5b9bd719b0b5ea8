/// The adaptive models of one tile's hyperlatents or latents, and the symbols coded so far.
///
/// Every latent is coded as decisions whose probabilities are mixed from the prior's and from
/// counters (docs/FORMAT.md §8.4); `latent_kernels.h` does the work.
struct LatentModels: ~Copyable {
  /// Zero positions around a tile.
  private static let border = 2

  let kernels: LatentKernels
  /// Of one element.
  private let state = Buffer<KernelLatents>(zeroed: 1)
  private let counters: Buffer<KernelCounter>
  private let signs: Buffer<KernelCounter>
  private let flags: Buffer<KernelCounter>
  private let sets: Buffer<KernelLatentSet>
  private let flagSets: Buffer<KernelLatentSet>
  private let symbols: Buffer<Int8>
  private let places: Buffer<KernelLatentPlace>
  private let rowPlaces: Int

  /// For a tile's hyperlatents.
  init(hyperlatentsOf height: Int, _ width: Int, kernels: LatentKernels) {
    self.init(
      height: height, width: width, channels: LatentModel.hyperlatents,
      counters: LatentKernels.hyperlatentCounters, sets: LatentKernels.hyperlatentSets,
      kernels: kernels)
  }

  /// For a tile's latents.
  init(latentsOf height: Int, _ width: Int, kernels: LatentKernels) {
    self.init(
      height: height, width: width, channels: LatentModel.latents,
      counters: LatentKernels.counters, sets: LatentKernels.sets, kernels: kernels)
  }

  private init(
    height: Int, width: Int, channels: Int, counters counterCount: Int, sets setCount: Int,
    kernels: LatentKernels
  ) {
    self.kernels = kernels
    rowPlaces = width + 2 * LatentModels.border
    let placeCount = rowPlaces * (height + 2 * LatentModels.border)
    counters = Buffer(zeroed: counterCount * LatentKernels.nodes)
    signs = Buffer(zeroed: LatentKernels.signs)
    flags = Buffer(zeroed: LatentKernels.flags)
    sets = Buffer(repeating: LatentKernels.startSet, count: setCount)
    flagSets = Buffer(repeating: LatentKernels.startSet, count: LatentKernels.flagSets)
    symbols = Buffer(zeroed: placeCount * channels)
    places = Buffer(zeroed: placeCount)
    let state = KernelLatents(
      tables: LatentTables.shared.pointers, stretch: MixTables.shared.stretch,
      squash: MixTables.shared.squash,
      counters: counters.base, signs: signs.base, flags: flags.base, sets: sets.base,
      flag_sets: flagSets.base, symbols: symbols.base, places: places.base, channels: channels,
      row_places: rowPlaces, step: 0, first: 0, count: channels)
    self.state.base.initialize(to: state)
  }

  /// Chooses the channels that follow: those of one group at the positions of one parity.
  mutating func start(step: Int, first: Int, count: Int) {
    state.base.pointee.step = step
    state.base.pointee.first = first
    state.base.pointee.count = count
  }

  /// The state, and the place of a position, for kernels.
  @inline(__always)
  func place(row: Int, column: Int) -> (state: UnsafeMutablePointer<KernelLatents>, index: Int) {
    (state.base, (row + LatentModels.border) * rowPlaces + column + LatentModels.border)
  }
}
