internal import DecoderCore

/// Why a file holds every sample although less was asked for.
public enum ExactReason: String, Sendable, Equatable, CaseIterable {
  /// The exact file takes no more bytes than the approximation.
  case smaller
  /// The exact file has no more bytes than were asked for.
  case fits
  /// No approximation is as good as was asked for.
  case qualityOutOfReach
  /// The bound is so large a fraction of the samples' range that little would be left of the image.
  case coarseBound
  /// A palette's indices take fewer bytes than colours near to them.
  case palette
  /// Few samples set a range in which all others lie close together, and errors would be of its
  /// size.
  case unevenRange
  /// It is too small to have the score that was asked for.
  case tooSmall

  /// Ends a sentence about why a file is exact.
  public var explanation: String {
    switch self {
    case .smaller: "that takes fewer bytes"
    case .fits: "that fits"
    case .qualityOutOfReach: "no approximation is as good as was asked for"
    case .coarseBound: "such errors would leave little of its range"
    case .palette: "it has a palette"
    case .tooSmall: "it is too small for a score"
    case .unevenRange: "few samples set its range, and errors of that size would lose the others"
    }
  }
}

/// The exact file that an image could be written as instead of an approximation.
///
/// Of drawings, text and patterns it is often the smaller one.
struct ExactAlternative: Sendable {
  /// How far off a sample of the best approximation of a drawing may be, in steps of 8 bits.
  private static let largestError = 8
  /// From which quality on files within one step are tried in place of approximations of drawings.
  private static let boundedQuality = 80.0

  private let image: Image
  /// Of the exact file.
  private let plan: EncodingPlan
  private let estimate: LosslessEstimate

  init(_ image: Image, _ plan: EncodingPlan) {
    self.image = image
    self.plan = plan
    estimate = LosslessEstimate(image.prepared(plan.preparation))
  }

  /// The exact file.
  func encoded(
    because reason: ExactReason, progress: ProgressHandler? = nil
  ) async throws(CodecError) -> EncodedImage {
    var exact = try await encode(image, plan, progress: progress)
    exact.exactReason = reason
    return exact
  }

  /// The exact file if it has at most this many bytes; it is not tried where that is unlikely.
  func encoded(
    within byteCount: Int, because reason: ExactReason
  ) async throws(CodecError) -> EncodedImage? {
    guard plan.allowsExact,
      estimate.allows(byteCount) || isDecodedJPEG(within: byteCount)
    else { return nil }
    let exact = try await encoded(because: reason)
    return exact.bytes.count <= byteCount ? exact : nil
  }

  /// Whether the image was decoded from a JPEG file whose coefficients may take this many bytes.
  ///
  /// Looking for that takes 10 to 20 ms a megapixel: where lossy coding takes little more than
  /// that, only rates at which a JPEG file is likely to be the smaller one are worth it.
  private func isDecodedJPEG(within byteCount: Int) -> Bool {
    let rate = Double(byteCount) * 8 / Double(image.pixelCount)
    guard plan.recoversSource, image.depth == 8, rate > (plan.effort < 5 ? 1.2 : 0.5) else {
      return false
    }
    let (width, height) = (image.width, image.height)
    switch image.colorType {
    case .rgb:
      return LatticeStart.find(image.planes, width: width, height: height)?.isJFIF ?? false
    case .grey:
      let recovery = CoefficientRecovery(
        grey: image.planes[0], width: width, height: height,
        work: RecoveryWork(effort: plan.effort))
      return recovery.map { $0.solvedFraction > 0.5 } ?? false
    default: return false
    }
  }

  /// Whether an approximation would spare a few samples of more than eight bits and lose the rest.
  var hasUnevenRange: Bool { plan.allowsExact && imageToApproximate.hasUnevenRange }

  /// The image as a lossy file would have it.
  private var imageToApproximate: Image {
    image.prepared(plan.approximate(.lowest).preparation)
  }

  /// A file with every sample within 1 in place of a good approximation, where that is no larger,
  /// or where the best one has samples that are further off than is expected of a drawing.
  ///
  /// Latents spend their bits on drawings in vain: an icon took 12 130 bytes at quality 100, with
  /// an error of 17, and 9 416 within 2; two graphs an eighth more at quality 90 than within 1.
  func orBounded(
    _ approximation: EncodedImage, quality: Double
  ) async throws(CodecError) -> EncodedImage {
    guard plan.allowsExact, image.depth <= 8, quality >= ExactAlternative.boundedQuality,
      estimate.isDrawing
    else { return approximation }
    let bounded = try await encode(image, maximumError: 1, plan, progress: nil)
    if bounded.bytes.count <= approximation.bytes.count { return bounded }
    return quality >= 100
      ? (try await isFarOff(approximation) ? bounded : approximation)
      : approximation
  }

  /// Whether some sample of a drawing of eight bits is far from its own.
  private func isFarOff(_ approximation: EncodedImage) async throws(CodecError) -> Bool {
    let decoded = try await decode(approximation.bytes, plan.decoding())
    let wanted = ColorPlanes(imageToApproximate)
    guard let (a, b) = ColorPlanes.comparable(wanted, ColorPlanes(decoded)) else { return false }
    return zip(a.planes, b.planes).contains { p, q in
      zip(p, q).contains { abs(Int($0) - Int($1)) > ExactAlternative.largestError }
    }
  }

  /// Whichever of the two has fewer bytes.
  func orSmaller(_ approximation: EncodedImage) async throws(CodecError) -> EncodedImage {
    try await encoded(within: approximation.bytes.count, because: .smaller) ?? approximation
  }
}
