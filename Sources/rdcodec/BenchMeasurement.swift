import RDCodec

/// Encodes and decodes one image, measures both, and checks what must hold.
struct BenchMeasurement {
  var options: EncoderOptions

  func record(file: String, image: Image) async throws -> BenchRecord {
    var options = options
    // The round trip is checked below, outside the measured time.
    options.verify = false

    PeakMemory.reset()
    let clock = ContinuousClock()
    let start = clock.now
    let encoded = try await encode(image, options)
    let middle = clock.now
    let decoded = try await decode(encoded.bytes, DecoderOptions(jobs: options.jobs))
    let end = clock.now
    let peak = PeakMemory.byteCount

    let bugs =
      Self.roundTripBugs(image, decoded, options) + Self.gapBugs(encoded)
      + (try await determinismBugs(image, encoded, decoded))
    let preview = try await decode(
      encoded.bytes, DecoderOptions(layer: .preview, jobs: options.jobs))
    let (original, approximation) = (ColorPlanes(image), ColorPlanes(preview))
    let isFinite = { (value: Double?) in value.flatMap { $0.isFinite ? $0 : nil } }
    return BenchRecord(
      file: file, width: image.width, height: image.height, channels: image.planes.count,
      depth: image.depth, quality: options.mode.quality, rate: encoded.rate,
      residual: encoded.residual, fileBits: encoded.bytes.count * 8,
      psnr: isFinite(PSNR.pooled(original, approximation)),
      channelPSNR: isFinite(PSNR.channelMean(original, approximation)),
      similarity: MSSSIM.mean(original, approximation),
      singleScale: SSIM.mean(original, approximation),
      encodeSeconds: (middle - start).seconds, decodeSeconds: (end - middle).seconds,
      peakByteCount: peak, source: try inspect(encoded.bytes).source, bugs: bugs)
  }

  /// A lossless file gives back everything; a lossy one the size, the alpha and the metadata.
  private static func roundTripBugs(
    _ image: Image, _ decoded: Image, _ options: EncoderOptions
  ) -> [String] {
    let isRight: Bool
    if case .lossless = options.mode {
      isRight = decoded == image
    } else {
      // A palette may have become RGB, and RGB grey.
      let wanted = image.prepared(for: options)
      isRight =
        decoded.width == wanted.width && decoded.height == wanted.height
        && decoded.colorType == wanted.colorType && decoded.metadata == wanted.metadata
        && (!wanted.colorType.hasAlpha || decoded.planes.last == wanted.planes.last)
    }
    return isRight ? [] : ["round trip"]
  }

  private static func gapBugs(_ encoded: EncodedImage) -> [String] {
    encoded.rate.hasGap || encoded.residual.hasGap ? ["gap"] : []
  }

  /// Encodes and decodes once more with another number of threads.
  private func determinismBugs(
    _ image: Image, _ encoded: EncodedImage, _ decoded: Image
  ) async throws -> [String] {
    var options = options
    options.verify = false
    options.jobs = options.jobs == 1 ? 2 : 1
    let encodedAgain = try await encode(image, options)
    let decodedAgain = try await decode(encoded.bytes, DecoderOptions(jobs: options.jobs))
    return encodedAgain.bytes == encoded.bytes && decodedAgain == decoded ? [] : ["determinism"]
  }
}

extension EncoderOptions.Mode {
  /// The quality of a lossy mode, nil for lossless.
  fileprivate var quality: Double? {
    if case .lossy(let quality) = self { quality } else { nil }
  }
}

extension Image.ColorType {
  /// Whether the last plane is alpha.
  fileprivate var hasAlpha: Bool { self == .greyAlpha || self == .rgba }
}
