internal import Entropy

/// The samples of one tile, planar.
package struct TileSamples: Sendable, Equatable {
  package var width: Int
  package var height: Int
  /// Bits per sample, 1 ... 16.
  package var depth: Int
  /// Whether the last plane is alpha.
  package var hasAlpha: Bool
  /// 1 ... 4 planes of width × height samples.
  package var planes: [[UInt16]]

  package init(width: Int, height: Int, depth: Int, hasAlpha: Bool, planes: [[UInt16]]) {
    self.width = width
    self.height = height
    self.depth = depth
    self.hasAlpha = hasAlpha
    self.planes = planes
  }
}

/// Codes the samples of a tile exactly, given P_dec(x|z) and the samples already coded.
///
/// A stream is a byte that names method and profile, then one range coder's bytes.
package enum ResidualCoder {
  /// Encodes a tile; `bits` is the objective: −log₂ p of every symbol.
  package static func encode(
    _ samples: TileSamples, prediction: TilePrediction?, effort: Int
  ) -> (bytes: [UInt8], bits: Double) {
    encode(
      samples, prediction: prediction, profile: .forEffort(effort),
      kernels: KernelISA.current.residualKernels)
  }

  /// Decodes a tile of the given geometry.
  package static func decode(
    _ bytes: [UInt8], in range: Range<Int>, width: Int, height: Int, depth: Int, planeCount: Int,
    hasAlpha: Bool, prediction: TilePrediction?
  ) throws(CodecError) -> TileSamples {
    try decode(
      bytes, in: range,
      TileGeometry(
        width: width, height: height, depth: depth, planeCount: planeCount, hasAlpha: hasAlpha),
      prediction: prediction, kernels: KernelISA.current.residualKernels)
  }

  static func encode(
    _ samples: TileSamples, prediction: TilePrediction?, profile: ResidualProfile,
    kernels: ResidualKernels
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
          samples, by: attempt.method, attempt.profile, prediction: prediction, kernels: kernels))
    }
    var best = trials.min { $0.stream.bytes.count < $1.stream.bytes.count }!
    for attempt in MethodChoice.fallbacks(after: trials, samples, profile: profile, best: best) {
      let stream = encode(
        samples, by: attempt.method, attempt.profile,
        prediction: attempt.method == .stored ? nil : prediction, kernels: kernels,
        limit: 8 * Double(best.stream.bytes.count))
      if let stream, stream.bytes.count < best.stream.bytes.count {
        best = ResidualTrial(attempt: attempt, stream: stream)
      }
    }
    return best.stream
  }

  /// Encodes a tile by one method.
  static func encode(
    _ samples: TileSamples, by method: ResidualMethod, _ profile: ResidualProfile,
    prediction: TilePrediction?, kernels: ResidualKernels
  ) -> (bytes: [UInt8], bits: Double) {
    encode(
      samples, by: method, profile, prediction: prediction, kernels: kernels, limit: .infinity)!
  }

  /// The same, given up where it takes more than `limit` bits: nil.
  static func encode(
    _ samples: TileSamples, by method: ResidualMethod, _ profile: ResidualProfile,
    prediction: TilePrediction?, kernels: ResidualKernels, limit: Double
  ) -> (bytes: [UInt8], bits: Double)? {
    var tile = TileCoder(samples, TileGeometry(samples))
    var coder = BinaryEncoder(limit: limit)
    do {
      try tile.code(by: method, profile, prediction: prediction, kernels: kernels, with: &coder)
    } catch {
      precondition(coder.isExhausted, "encoding cannot fail: \(error)")
      return nil
    }
    let bits = coder.ledger.bits + 8
    return ([UInt8(method.rawValue << 4 | profile.id)] + coder.finish(), bits)
  }

  static func decode(
    _ bytes: [UInt8], in range: Range<Int>, _ geometry: TileGeometry, prediction: TilePrediction?,
    kernels: ResidualKernels
  ) throws(CodecError) -> TileSamples {
    let (method, profile) = try parameters(bytes, in: range)
    var tile = TileCoder(geometry)
    var coder = BinaryDecoder(bytes, in: range.dropFirst())
    try tile.code(by: method, profile, prediction: prediction, kernels: kernels, with: &coder)
    return tile.samples()
  }

  /// What a stream's first byte says.
  static func parameters(
    _ bytes: [UInt8], in range: Range<Int>
  ) throws(CodecError) -> (method: ResidualMethod, profile: ResidualProfile) {
    guard let first = range.first else { throw .truncated(at: range.lowerBound) }
    guard let method = ResidualMethod(rawValue: Int(bytes[first] >> 4)),
      let profile = ResidualProfile.all.first(where: { $0.id == Int(bytes[first] & 15) })
    else { throw .corrupt(field: "residual method", at: first) }
    return (method, profile)
  }
}

/// One way to code a tile.
struct ResidualAttempt: Equatable {
  let method: ResidualMethod
  let profile: ResidualProfile
}

/// What it gave.
struct ResidualTrial {
  let attempt: ResidualAttempt
  let stream: (bytes: [UInt8], bits: Double)
}
