internal import DecoderCore
internal import Entropy

/// Encodes at the quality that a target asks for.
///
/// At efforts that take long, the first trials are encoded at the least effort, which leads close
/// to the position; trials at the wanted effort then start there. Only the result is verified.
/// The image is kept exactly where that fits or takes fewer bytes, and where no quality has the
/// PSNR or score.
func encode(
  _ image: Image, to target: LossyTarget, _ plan: EncodingPlan, progress: ProgressHandler?
) async throws(CodecError) -> EncodedImage {
  let exact = ExactAlternative(image, plan)
  if let byteCount = target.byteCount(pixelCount: image.pixelCount),
    let fitting = try await exact.encoded(within: byteCount, because: .fits)
  {
    return fitting
  }
  if target.isQuality, exact.hasUnevenRange {
    return try await exact.encoded(because: .unevenRange, progress: progress)
  }
  if case .ssimulacra2 = target, min(image.width, image.height) < SSIMULACRA2.smallestSide {
    guard plan.allowsExact else {
      throw .unreachable("a score: SSIMULACRA 2 needs \(SSIMULACRA2.smallestSide) pixels a side")
    }
    return try await exact.encoded(because: .tooSmall, progress: progress)
  }
  let search = TargetSearch(image, target, plan, progress: progress)
  guard let best = try await search.run() else {
    return try await exact.encoded(because: .qualityOutOfReach)
  }
  return try await exact.orSmaller(best)
}

/// Trials of one image until a target is met.
private struct TargetSearch {
  /// The effort of the first trials, and how many of them there are at most.
  private static let quickEffort = 1
  private static let quickTrialCount = 5
  /// Trials at the wanted effort: three or four are usual, more in images of little content, where
  /// neighbouring positions differ by more than the tolerance.
  private static let trialCount = 16

  let image: Image
  let target: LossyTarget
  let plan: EncodingPlan
  let progress: ProgressHandler?
  private let original: ColorPlanes

  init(
    _ image: Image, _ target: LossyTarget, _ plan: EncodingPlan, progress: ProgressHandler?
  ) {
    self.image = image
    self.target = target
    self.plan = plan
    self.progress = progress
    original = ColorPlanes(image.prepared(plan.approximate(.lowest).preparation))
  }

  /// The approximation; nil where none is as good as was asked for, and the exact file will do.
  func run() async throws(CodecError) -> EncodedImage? {
    var search = target.search(pixelCount: image.pixelCount)
    var done = 0
    if plan.effort > TargetSearch.quickEffort {
      var quick = search
      while !quick.isDone, quick.trialCount < TargetSearch.quickTrialCount {
        let position = quick.next
        quick.record(position, try await trial(position, effort: TargetSearch.quickEffort).value)
        done += 1
        report(done)
      }
      if let nearest = quick.best ?? quick.below ?? quick.above {
        search = target.search(
          pixelCount: image.pixelCount, start: nearest.position, slope: quick.localSlope)
      }
    }
    var best: EncodedImage?
    while !search.isDone, search.trialCount < TargetSearch.trialCount {
      let position = search.next
      let (encoded, value) = try await trial(position, effort: plan.effort)
      search.record(position, value)
      if search.best?.position == position { best = encoded }
      done += 1
      report(done)
    }
    guard var best else {
      if target.isQuality, plan.allowsExact { return nil }
      throw .unreachable(unreachableReason(search))
    }
    best.bytes = try await sealed(best.bytes, plan) { progress?(0.8 + 0.2 * $0) }
    progress?(1)
    return best
  }

  /// The image at a position, and the measure that the target limits.
  private func trial(
    _ position: Int, effort: Int
  ) async throws(CodecError) -> (encoded: EncodedImage, value: Double) {
    let trial = plan.approximate(QualityPosition(rawValue: position)!).trial(effort: effort)
    let encoded = try await encode(image, trial, progress: nil)
    guard target.isQuality else {
      return (encoded, DeterministicMath.logarithm(Double(encoded.bytes.count)))
    }
    let decoded = ColorPlanes(
      try await decode(
        encoded.bytes, plan.decoding(.preview), checksContents: false, progress: nil))
    if case .ssimulacra2 = target {
      return (encoded, SSIMULACRA2.score(original, decoded) ?? -.infinity)
    }
    return (encoded, PSNR.pooled(original, decoded) ?? 0)
  }

  /// The number of trials is not known before, so each one comes some way closer to the end.
  private func report(_ trialCount: Int) {
    progress?(0.8 * Double(trialCount) / Double(trialCount + 2))
  }

  /// A number with so many digits behind the point.
  private func text(_ value: Double, places: Int) -> String {
    guard abs(value) < 1e12 else { return "\(value)" }
    let scale = (0..<places).reduce(1) { product, _ in 10 * product }
    let (whole, rest) = Int((abs(value) * Double(scale)).rounded()).quotientAndRemainder(
      dividingBy: scale)
    let digits = String(rest)
    let zeros = String(repeating: "0", count: places - digits.count)
    return "\(value < 0 ? "-" : "")\(whole).\(zeros)\(digits)"
  }

  /// A limit as it was given: without ".0".
  private func plain(_ value: Double) -> String {
    Int(exactly: value).map { "\($0)" } ?? "\(value)"
  }

  private func unreachableReason(_ search: PositionSearch) -> String {
    guard let nearest = search.above ?? search.below else { return "the target" }
    switch target {
    case .bitsPerPixel(let limit):
      let bits = DeterministicMath.exponential(nearest.value) * 8 / Double(image.pixelCount)
      return "\(plain(limit)) bits per pixel; the smallest file has \(text(bits, places: 4))"
    case .byteCount(let limit):
      let count = Int(DeterministicMath.exponential(nearest.value).rounded())
      return "\(limit) bytes; the smallest file has \(count)"
    case .psnr(let limit):
      return "\(plain(limit)) dB; the best quality has \(text(nearest.value, places: 2))"
    case .ssimulacra2(let limit):
      return "a score of \(plain(limit)); the best quality has \(text(nearest.value, places: 2))"
    }
  }
}

extension LossyTarget {
  /// A search that starts where photographs meet the target, or at a given position.
  fileprivate func search(
    pixelCount: Int, start: Int? = nil, slope: Double? = nil
  ) -> PositionSearch {
    let typical = typicalPosition(pixelCount: pixelCount)
    switch self {
    case .bitsPerPixel(let bits):
      return PositionSearch(
        limit: DeterministicMath.logarithm(max(1, bits * Double(pixelCount) / 8)), side: .atMost,
        tolerance: LossyTarget.sizeTolerance, slope: slope ?? 0.0019, start: start ?? typical)
    case .byteCount(let count):
      return PositionSearch(
        limit: DeterministicMath.logarithm(Double(max(1, count))), side: .atMost,
        tolerance: LossyTarget.sizeTolerance,
        slope: slope ?? 0.0019, start: start ?? typical)
    case .psnr(let decibels):
      return PositionSearch(
        limit: decibels, side: .atLeast, tolerance: LossyTarget.psnrTolerance,
        slope: slope ?? 0.0105, start: start ?? typical)
    case .ssimulacra2(let score):
      return PositionSearch(
        limit: score, side: .atLeast, tolerance: LossyTarget.scoreTolerance,
        slope: slope ?? 0.05, start: start ?? typical)
    }
  }

  /// Means of photographs: 0.42 bits per pixel and 31.1 dB at quality 50, and slopes around it; a score
  /// of 60 at quality 62, which rises more slowly from there on.
  private func typicalPosition(pixelCount: Int) -> Int {
    let quality =
      switch self {
      case .bitsPerPixel(let bits): 50 + DeterministicMath.logarithm(max(bits, 1e-3) / 0.42) / 0.04
      case .byteCount(let count):
        50 + DeterministicMath.logarithm(
          max(Double(count) * 8 / Double(pixelCount), 1e-3) / 0.42) / 0.04
      case .psnr(let decibels): 50 + (decibels - 31.1) / 0.22
      case .ssimulacra2(let score): 62 + (score - 60) / (score < 60 ? 1.75 : 0.8)
      }
    return QualityPosition(quality: min(max(quality, 1), 100)).rawValue
  }
}
