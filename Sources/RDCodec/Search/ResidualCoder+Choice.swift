package import DecoderCore

/// The choice of a method and profile: what an encoder does beside coding.
extension ResidualCoder {
  /// Encodes a tile; `bits` is the objective: −log₂ p of every symbol.
  package static func encode(
    _ samples: TileSamples, prediction: TilePrediction?, effort: Int, workers: BandWorkers? = nil
  ) -> (bytes: [UInt8], bits: Double) {
    encode(
      samples, prediction: prediction, profile: .forEffort(effort),
      kernels: KernelISA.current.residualKernels, workers: workers)
  }

  static func encode(
    _ samples: TileSamples, prediction: TilePrediction?, profile: ResidualProfile,
    kernels: ResidualKernels, workers: BandWorkers? = nil
  ) -> (bytes: [UInt8], bits: Double) {
    let geometry = TileGeometry(samples)
    precondition((1...4).contains(geometry.planeCount) && (1...16).contains(geometry.depth))
    precondition(samples.planes.allSatisfy { $0.count == geometry.pixelCount })
    let trials = MethodChoice.attempts(
      samples, profile: profile, prediction: prediction, kernels: kernels
    ).map { attempt in
      ResidualTrial(
        attempt: attempt,
        stream: encode(
          wholly: samples, by: attempt.method, attempt.profile, prediction: prediction,
          kernels: kernels, workers: workers))
    }
    var best = trials.min { $0.stream.bytes.count < $1.stream.bytes.count }!
    for attempt in MethodChoice.fallbacks(
      after: trials, samples, profile: profile, hasPrediction: prediction != nil, best: best)
    {
      let stream = encode(
        samples, by: attempt.method, attempt.profile,
        prediction: attempt.method == .stored ? nil : prediction, kernels: kernels,
        limit: 8 * Double(best.stream.bytes.count), isAbandoned: Cancellation.isRequested,
        workers: workers)
      if let stream, stream.bytes.count < best.stream.bytes.count {
        best = ResidualTrial(attempt: attempt, stream: stream)
      }
    }
    return best.stream
  }

  /// Encodes a tile by one method; nothing where the task was cancelled meanwhile.
  static func encode(
    wholly samples: TileSamples, by method: ResidualMethod, _ profile: ResidualProfile,
    prediction: TilePrediction?, kernels: ResidualKernels, workers: BandWorkers? = nil
  ) -> (bytes: [UInt8], bits: Double) {
    encode(
      samples, by: method, profile, prediction: prediction, kernels: kernels,
      isAbandoned: Cancellation.isRequested, workers: workers) ?? ([], 0)
  }
}

/// One way to code a tile.
package struct ResidualAttempt: Equatable {
  package let method: ResidualMethod
  package let profile: ResidualProfile
}

/// What it gave.
struct ResidualTrial {
  let attempt: ResidualAttempt
  let stream: (bytes: [UInt8], bits: Double)
}
