internal import DecoderCore

/// What an encoder does to write one file: everything that its stages need, resolved from
/// ``EncoderOptions``.
struct EncodingPlan: Sendable {
  /// What the file keeps of the samples.
  enum Samples: Sendable, Equatable {
    /// Every one.
    case exact
    /// Latents alone, and alpha exactly.
    case approximate(QualityPosition)
    /// Every one within a bound.
    case bounded(NearLossless)
  }

  /// Which latents an exact file holds.
  enum Preview: Sendable, Equatable {
    case none
    /// Of a reduced image, as cheap as it can be.
    case small
    /// Of the image's size.
    case full(QualityPosition)
  }

  private(set) var samples = Samples.exact
  private(set) var preview: Preview
  /// All else that was asked for: a stage reads its options here. What the mode means stands in
  /// ``samples`` and ``preview``, the model in ``model``.
  private(set) var options: EncoderOptions
  let model: EncoderModel
  /// Nobody keeps a trial's file: it is not verified, and a lossy one has no checksums of samples.
  private(set) var isTrial = false

  var effort: Int { options.effort }
  var jobs: Int { options.jobs }
  var verifies: Bool { options.verify }
  var recoversSource: Bool { options.recoversSource }
  /// Whether an exact file may take the place of an approximation.
  var allowsExact: Bool { options.allowsExact }

  /// The exact file by these options, whatever their mode; plans of other files are derived from
  /// it.
  ///
  /// Throws ``CodecError/invalidOption(_:)`` where an option has a value that it cannot have.
  init(_ options: EncoderOptions) throws(CodecError) {
    try options.check()
    preview =
      switch options.mode {
      case .lossless(let quality?): .full(QualityPosition(quality: quality))
      case .lossless(nil), .nearLossless: options.hasPreview ? .small : .none
      // In place of a lossy file, a preview would only make it larger.
      case .lossy, .target: .none
      }
    model = try EncoderModel.chosen(options)
    self.options = options
  }

  /// The plan of an approximation.
  func approximate(_ position: QualityPosition) -> EncodingPlan {
    var plan = self
    plan.samples = .approximate(position)
    return plan
  }

  /// The plan of a file within a bound.
  func bounded(_ bound: NearLossless) -> EncodingPlan {
    var plan = self
    plan.samples = .bounded(bound)
    return plan
  }

  /// Whether a preview that nobody asked for is left out where it costs more than it should.
  private var mayOmitPreview: Bool { !options.keepsPreview }

  /// The plan of the same file without a preview.
  var withoutPreview: EncodingPlan {
    var plan = self
    plan.preview = .none
    return plan
  }

  /// Whether the preview of an image is left out where real sizes say so.
  func mayOmitPreview(of image: Image, isDrawing: Bool) -> Bool {
    mayOmitPreview && preview == .small
      && (isDrawing || image.pixelCount < PreviewCost.keptPixelCount)
  }

  /// The plan of a trial, whose file has to be ``sealed(_:_:progress:)`` to be kept after all.
  func trial(effort: Int) -> EncodingPlan {
    var plan = self
    plan.isTrial = true
    plan.options.effort = effort
    plan.options.verify = false
    return plan
  }

  /// What the file of an image of this type holds.
  func content(of colorType: Image.ColorType) -> Header.Content {
    switch samples {
    case .exact: .lossless
    case .approximate: colorType.hasAlpha ? .latentsAndAlpha : .latentsOnly
    case .bounded(let bound): bound.content
    }
  }

  /// The bound, where there is one.
  var bound: NearLossless? {
    if case .bounded(let bound) = samples { bound } else { nil }
  }

  /// How the image is prepared.
  var preparation: Preparation {
    let keeps: Preparation.Samples =
      switch samples {
      case .exact: .exact
      case .approximate: .approximate
      case .bounded: .bounded
      }
    return Preparation(
      samples: keeps, stripsMetadata: options.stripMetadata,
      keepsHiddenColor: options.keepsHiddenColorResolved)
  }

  /// What latents to code of an image, perhaps beside coefficients of so many bytes; nil: none.
  func latentLayer(
    of image: Image, besideJPEG byteCount: Int? = nil
  ) async throws(CodecError) -> LatentLayer? {
    if let byteCount, preview == .small { return .preview(of: image, besideJPEG: byteCount) }
    switch samples {
    case .approximate(let position): return LatentLayer(position: position)
    case .bounded(let bound): return bound.latentLayer(of: image)
    case .exact: break
    }
    switch preview {
    case .none: return nil
    case .full(let position): return LatentLayer(position: position)
    case .small:
      // On photographs the ladder takes half as long as the residual at default effort, and saves
      // little.
      guard MethodChoice.isDrawing(image) else {
        return .preview(width: image.width, height: image.height)
      }
      // What hardly ever pays may not take time at low efforts. Samples of drawings, unless they are
      // indices and do not ask for x̂, lose 0.5 to 0.8 % by one of a dozen bytes.
      guard !mayOmitPreview || (effort >= 4 && image.colorType == .palette) else { return nil }
      return try await PreviewLadder(image, model, jobs: jobs).choice(isOptional: mayOmitPreview)
    }
  }

  /// How what was encoded is decoded again.
  func decoding(_ layer: DecoderOptions.Layer = .full) -> DecoderOptions {
    DecoderOptions(layer: layer, jobs: jobs, limits: .none, model: options.model)
  }
}

extension EncoderOptions {
  /// Throws ``CodecError/invalidOption(_:)`` where an option has a value that it cannot have.
  func check() throws(CodecError) {
    guard (1...9).contains(effort) else { throw .invalidOption("effort \(effort): it is 1 to 9") }
    guard jobs > 0 else { throw .invalidOption("\(jobs) jobs: it is 1 or more") }
    switch mode {
    case .lossless(nil): break
    case .lossless(let quality?), .lossy(let quality):
      guard (1...100).contains(quality) else {
        throw .invalidOption("quality \(quality): it is 1 to 100")
      }
    case .nearLossless(let maximumError):
      guard NearLossless.errorRange.contains(maximumError) else {
        throw .invalidOption("maximum error \(maximumError): it is 1 to 16")
      }
    case .target(.bitsPerPixel(let value)), .target(.psnr(let value)):
      guard value > 0, value.isFinite else {
        throw .invalidOption("target \(value): it is a number above 0")
      }
    case .target(.ssimulacra2(let score)):
      guard (-100...100).contains(score) else {
        throw .invalidOption("target \(score): it is -100 to 100")
      }
    case .target(.byteCount(let count)):
      guard count > 0 else { throw .invalidOption("target \(count): it is above 0") }
    }
  }

  /// ``keepsHiddenColor``, or what the mode means by nil.
  var keepsHiddenColorResolved: Bool {
    if let keepsHiddenColor { return keepsHiddenColor }
    switch mode {
    case .lossless, .nearLossless: return true
    case .lossy, .target: return false
    }
  }
}
