/// Learns a start state: after every tile the state moves a little towards where that tile's
/// models ended.
///
/// Source: Nichol, Achiam, Schulman, "On First-Order Meta-Learning Algorithms", 2018 (Reptile).
package struct StartStateTrainer {
  private let state = StartState(copying: .shipped)

  /// One effort for each number of contexts.
  package static let efforts = [4, 5]

  package init() {}

  /// Learns from an image and returns its size in bits; `step` is the share of the way that the
  /// state moves.
  package func learn(from image: Image, effort: Int, step: Float) async throws(CodecError) -> Double
  {
    let profile = ResidualProfile.forEffort(effort)
    let kernels = KernelISA.current.residualKernels
    var bits = 0.0
    for tile in try await residualTiles(of: image) {
      var coder = TileCoder(tile.samples, TileGeometry(tile.samples))
      coder.start = state
      coder.observer = { [state] index, plane in
        guard index < StartState.planeCount, tile.prediction != nil else { return }
        plane.move(
          state.plane(index, profile), profile: profile, by: step)
      }
      var output = BinaryEncoder()
      try coder.code(
        by: .planar, profile, prediction: tile.prediction, kernels: kernels, with: &output)
      bits += output.ledger.bits
    }
    return bits
  }

  /// The state as the codec ships it.
  package func bytes() -> [UInt8] { state.bytes().map { UInt8(bitPattern: $0) } }
}

/// Learns what the models of drawings start from, in the same way.
package struct DrawingStartTrainer {
  /// Decisions that a counter must have seen in a tile to be learned from it.
  fileprivate static let fewest: Int16 = 3

  private let start = DrawingStart()

  package init() {}

  /// Learns from an image by those methods of drawings that an encoder would try, and returns its size in
  /// bits by each; `step` is the share of the way that the start moves.
  package func learn(from image: Image, step: Float) async throws(CodecError) -> [Double] {
    let kernels = KernelISA.current.residualKernels
    let methods = [ResidualMethod.candidates, .bits]
    var bits = methods.map { _ in 0.0 }
    for tile in try await residualTiles(of: image) {
      let tried = MethodChoice.candidates(
        tile.samples, profile: .medium, prediction: tile.prediction, kernels: kernels)
      for (index, method) in methods.enumerated() where tried.contains(method) {
        var coder = TileCoder(tile.samples, TileGeometry(tile.samples))
        coder.drawingStart = start
        coder.drawingObserver = { [start] candidates, bits in
          start.move(to: candidates, by: step)
          if method == .bits { start.move(to: bits, by: step) }
        }
        var output = BinaryEncoder()
        try coder.code(
          by: method, .medium, prediction: tile.prediction, kernels: kernels, with: &output)
        bits[index] += output.ledger.bits
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
    move(candidateWeights(hasDistances: coder.hasDistances), to: coder.weights.base, count, step)
    var learned = counters.base
    for (context, size) in CandidateCoder.learnedContexts {
      if context < 6 || coder.hasDistances {
        let end = coder.counters(of: context)
        for index in 0..<size { move(&learned[index], to: end[index], by: step) }
      }
      learned += size
    }
  }

  fileprivate func move(to coder: borrowing ValueBitCoder, by step: Float) {
    move(bitWeights, to: coder.weights.base, ValueBitCoder.weightCount, step)
  }

  private func move(
    _ weights: UnsafeMutablePointer<Float>, to end: UnsafeMutablePointer<Float>, _ count: Int,
    _ step: Float
  ) {
    for index in 0..<count { weights[index] += step * (end[index] - weights[index]) }
  }

  private func move(_ counter: inout KernelCounter, to end: KernelCounter, by step: Float) {
    var fast = counter.fast
    if fast == 0 {
      guard end.quick & 31 >= DrawingStartTrainer.fewest else { return }
      fast = end.fast
    } else {
      fast = Int16((Float(fast) + step * (Float(end.fast) - Float(fast))).rounded())
    }
    counter = fast == 0 ? KernelCounter() : DrawingStart.learned(fast)
  }
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
