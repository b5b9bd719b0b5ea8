package import DecoderCore
internal import Entropy
internal import RDCodec

/// Learns what the models of drawings start from, as ``StartStateTrainer`` does for photographs.
package struct DrawingStartTrainer {
  /// Decisions that a counter must have seen in a tile to be learned from it.
  fileprivate static let fewest: Int16 = 3

  private let start = DrawingStart()

  package init() {}

  /// Learns from an image by those methods of drawings that an encoder would try, and returns its
  /// size in bits by each; `step` is the fraction of the way that the start moves.
  package func learn(from image: Image, step: Float) async throws(CodecError) -> [Double] {
    let kernels = KernelISA.current.residualKernels
    let methods = [ResidualMethod.candidates, .bitwise]
    var bits = methods.map { _ in 0.0 }
    for tile in try await residualTiles(of: image) {
      let tried = MethodChoice.attempts(
        tile.samples, profile: .level4, prediction: tile.prediction, kernels: kernels
      ).map(\.method)
      for (index, method) in methods.enumerated() where tried.contains(method) {
        var coder = TileCoder(tile.samples, TileGeometry(tile.samples))
        coder.drawingStart = start
        var output = LearningEncoder()
        output.drawingLearner = { [start] candidates, bitwise in
          start.move(to: candidates, by: step)
          if method == .bitwise { start.move(to: bitwise, by: step) }
        }
        try coder.code(
          by: method, .level4, prediction: tile.prediction, kernels: kernels, with: &output)
        bits[index] += output.bits
      }
    }
    return bits
  }

  /// The start as the codec ships it.
  package func bytes() -> [UInt8] { start.bytes() }
}

extension DrawingStart {
  fileprivate func move(to coder: borrowing CandidateCoder, by step: Float) {
    let count = CandidateCoder.weightCount(hasDistances: coder.hasDistances)
    move(
      candidateWeights(hasDistances: coder.hasDistances), to: coder.mixer.weights.base, count, step)
    var learned = counters.base
    for (context, size) in CandidateCoder.learnedContexts {
      if context < 6 || coder.hasDistances {
        let end = coder.mixer.counters(of: context)
        for index in 0..<size {
          learned[index].learn(
            from: end[index], step: step, age: Self.age, fewest: DrawingStartTrainer.fewest)
        }
      }
      learned += size
    }
  }

  fileprivate func move(to coder: borrowing BitwiseValueCoder, by step: Float) {
    move(bitwiseWeights, to: coder.mixer.weights.base, BitwiseValueCoder.weightCount, step)
  }

  private func move(
    _ weights: UnsafeMutablePointer<Float>, to end: UnsafeMutablePointer<Float>, _ count: Int,
    _ step: Float
  ) {
    for index in 0..<count { weights[index] += step * (end[index] - weights[index]) }
  }
}
