package import DecoderCore
internal import Entropy
internal import RDCodec

/// Learns a start state: after every tile the state moves a little towards where that tile's
/// models ended.
///
/// Source: Nichol, Achiam, Schulman, "On First-Order Meta-Learning Algorithms", 2018 (Reptile).
package struct StartStateTrainer {
  private let state = StartState(copying: .shipped)

  /// One effort for each number of contexts.
  package static let efforts = [4, 5]

  package init() {}

  /// Learns from an image and returns its size in bits; `step` is the fraction of the way that the
  /// state moves.
  package func learn(from image: Image, effort: Int, step: Float) async throws(CodecError) -> Double
  {
    let profile = ResidualProfile.forEffort(effort)
    let kernels = KernelISA.current.residualKernels
    var bits = 0.0
    for tile in try await residualTiles(of: image) {
      var coder = TileCoder(tile.samples, TileGeometry(tile.samples))
      coder.start = state
      var output = LearningEncoder()
      output.planeLearner = { [state] index, plane in
        guard index < StartState.planeCount, tile.prediction != nil else { return }
        plane.move(
          state.plane(index, profile), profile: profile, by: step)
      }
      try coder.code(
        by: .planar, profile, prediction: tile.prediction, kernels: kernels, with: &output)
      bits += output.bits
    }
    return bits
  }

  /// The state as the codec ships it.
  package func bytes() -> [UInt8] { state.bytes().map { UInt8(bitPattern: $0) } }
}

extension PlaneCoder {
  /// Moves a start state by `step` of the way to where these models are.
  fileprivate func move(
    _ start: UnsafeMutablePointer<Float>, profile: ResidualProfile, by step: Float
  ) {
    let count = mixers.weights.count
    for place in 0..<count { start[place] += step * (mixers.weights[place] - start[place]) }
    let learned = start + count
    for place in 0..<gradients.count / max(profile.rates.count, 1) {
      learned[place] += step * (gradients[place] - learned[place])
    }
  }
}
