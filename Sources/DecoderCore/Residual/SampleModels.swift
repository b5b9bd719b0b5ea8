internal import CKernels

/// The adaptive models of one plane's decisions: counters and mixing weights.
///
/// Every decision mixes, in the logistic domain, what eight distributions say about the interval
/// that the sample is known to lie in and adaptive counters under each context.
package struct SampleModels: ~Copyable {
  /// Without a learned start all lanes, and all counters' slow probabilities, count alike.
  private static let laneWeight: Float = 0.11
  private static let counterWeight: Float = 0.08
  /// Step size of the weights: less where they start from learned ones.
  private static let rate: Float = 0.0022
  private static let startedRate: Float = 0.0008

  private let contextCount: Int
  private let counters: Buffer<KernelCounter>
  private let contextStarts: [Int]
  /// Two sets of weights are added for every decision, each chosen by a context of its own.
  package let weights: Buffer<Float>
  private let moreWeights: Buffer<Float>
  private let weightStride: Int
  private let isStarted: Bool

  /// `start` holds learned weights of all sets.
  init(contextCount: Int, start: UnsafePointer<Float>?) {
    self.contextCount = contextCount
    isStarted = start != nil
    precondition([0, 4, 8].contains(contextCount))
    var starts: [Int] = []
    var total = 0
    for size in Self.contextSizes.prefix(contextCount) {
      starts.append(total)
      total += size * ResidualKernels.nodes
    }
    contextStarts = starts
    counters = Buffer(zeroed: total)
    let lanes = ResidualKernels.lanes
    weightStride = lanes + 2 * contextCount
    // Symbols are not mixed.
    let sets = contextCount == 0 ? 0 : ResidualKernels.levels * ResidualKernels.nodes
    weights = Buffer(zeroed: sets * weightStride)
    moreWeights = Buffer(
      zeroed: sets / ResidualKernels.levels * ResidualKernels.helperLevels
        * ResidualKernels.deltas * weightStride)
    if let start {
      weights.base.update(from: start, count: weights.count)
      return
    }
    for set in 0..<sets {
      let first = weights.base + set * weightStride
      first.update(repeating: Self.counterWeight, count: contextCount)
      (first + 2 * contextCount).update(repeating: Self.laneWeight, count: lanes)
    }
  }

  /// The number of values of each context, in the order that kernels set them.
  private static let contextSizes: [Int] = {
    let levels = ResidualKernels.levels
    let deltas = ResidualKernels.deltas
    let triples = deltas * deltas * deltas
    return [
      levels * 8, triples, deltas * deltas * 8, triples, ResidualKernels.helperLevels * levels,
      2048, triples, levels * 64,
    ]
  }()

  /// Points `plane` at these models.
  func install(in plane: UnsafeMutablePointer<KernelPlane>) {
    plane.pointee.context_count = contextCount
    plane.pointee.weights = weights.base
    plane.pointee.more_weights = moreWeights.base
    plane.pointee.weight_stride = weightStride
    plane.pointee.mixer_rate = isStarted ? Self.startedRate : Self.rate
    plane.pointee.lean_starts = MixTables.shared.lean
    plane.pointee.logistic = MixTables.shared.logistic
    let contexts = plane.counters
    for (index, start) in contextStarts.enumerated() { contexts[index] = counters.base + start }
  }
}
