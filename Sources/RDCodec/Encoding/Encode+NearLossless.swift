internal import DecoderCore

/// Encodes within a bound, in the form that suits the image.
///
/// The image is kept exactly where it has a palette (colours in place of its few indices would take
/// more bytes), where the bound would leave little of it, and where that takes fewer bytes.
func encode(
  _ image: Image, maximumError: Int, _ plan: EncodingPlan, progress: ProgressHandler?
) async throws(CodecError) -> EncodedImage {
  let exact = ExactAlternative(image, plan)
  if image.colorType == .palette {
    return try await exact.encoded(because: .palette, progress: progress)
  }
  if NearLossless.isCoarse(maximumError, for: image) {
    return try await exact.encoded(because: .coarseBound, progress: progress)
  }
  let form = try await NearLossless.form(for: image, maximumError: maximumError, plan)
  let bound = NearLossless(maximumError: maximumError, form: form)
  return try await exact.orSmaller(
    encode(image, plan.bounded(bound), progress: progress))
}

extension NearLossless {
  /// The largest fraction of the possible samples, and of those that occur, that a bound may be:
  /// with more of the first eight bits would keep fewer than eight levels, with more of the second
  /// fewer than five would be left.
  private static let largestShareOfRange = 1.0 / 15
  private static let largestShareOfUse = 1.0 / 8

  /// Whether samples within this bound would say little of the image.
  static func isCoarse(_ maximumError: Int, for image: Image) -> Bool {
    let bound = Double(maximumError)
    if bound >= largestShareOfRange * Double(image.peak) { return true }
    let colors = image.colorType.hasAlpha ? image.planes.dropLast() : image.planes[...]
    return colors.allSatisfy { plane in
      let (low, high) = plane.reduce((UInt16.max, UInt16.min)) { (min($0.0, $1), max($0.1, $1)) }
      return bound >= largestShareOfUse * Double(high - low)
    }
  }

  /// Quality of the latents by maximum error, from 5 on: where files are the smallest, or little
  /// larger and much better (decisions/0011).
  private static let qualities: [Double] = [98, 93, 88, 85, 82, 79, 77, 74, 73, 70, 69, 67]
  private static let firstError = errorRange.upperBound - qualities.count + 1

  /// A lattice for small errors and for what is no photograph; otherwise steps from x̂ where they
  /// take no more than the lattice of the next smaller error.
  ///
  /// That lattice would be within the bound as well, so a wider bound does not take more. At equal
  /// size steps have 2 to 5 dB more, and no bands.
  fileprivate static func form(
    for image: Image, maximumError: Int, _ plan: EncodingPlan
  ) async throws(CodecError) -> Form {
    let eightBitError = maximumError * 255 / image.peak
    guard image.depth >= 8, eightBitError >= firstError else { return .lattice }
    let steps = Form.steps(quality: qualities[eightBitError - firstError])
    // Effort 1 is too coarse for lattices: it took 7 to 32 % more than effort 5 at N = 4.
    let trial = plan.trial(effort: min(3, plan.effort))
    var counts: [Int] = []
    for bound in [
      NearLossless(maximumError: maximumError - 1, form: .lattice),
      NearLossless(maximumError: maximumError, form: steps),
    ] {
      counts.append(try await encode(image, trial.bounded(bound), progress: nil).bytes.count)
    }
    return counts[1] <= counts[0] ? steps : .lattice
  }

  /// What latents to code.
  func latentLayer(of image: Image) -> LatentLayer {
    switch form {
    case .lattice: .preview(width: image.width, height: image.height)
    case .steps(let quality): .init(position: QualityPosition(quality: quality))
    }
  }

  /// Codes a tile with samples up to `peak` as steps from x̂.
  ///
  /// Mixed decisions use the scale of P_dec well: up to 1.5 % fewer bits than colours remembered,
  /// which are better for symbols (three photographs, errors up to 4, 8 and 16).
  func codedSteps(
    _ samples: TileSamples, _ prediction: TilePrediction, peak: Int, effort: Int
  ) -> CodedTile {
    let steps = PredictionSteps(peak: peak, maximumError: maximumError)
    let counts = steps.forward(samples, prediction)
    var kept = samples
    kept.planes = steps.inverse(counts.planes, prediction)
    let ofSteps = steps.prediction(prediction)
    let profile = ResidualProfile.forEffort(effort)
    let stream =
      profile.contextCount == 0
      ? ResidualCoder.encode(counts, prediction: ofSteps, effort: effort)
      : ResidualCoder.encode(
        wholly: counts, by: .planar, profile, prediction: ofSteps,
        kernels: KernelISA.current.residualKernels)
    return CodedTile(
      stream: CodedStream(bytes: stream.bytes, bits: stream.bits), checksum: kept.checksum)
  }
}
