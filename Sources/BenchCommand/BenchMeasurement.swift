import CommandSupport
import RDCodec

/// Encodes and decodes one image, measures both, and checks what must hold.
struct BenchMeasurement {
  var options: EncoderOptions
  var limits: DecoderLimits

  /// The measures of one image, and what came back of it.
  func record(
    of input: BenchInput, reference: BenchReference
  ) async throws -> (record: BenchRecord, decoded: Image) {
    var options = options
    // The round trip is checked below, outside the measured time.
    options.verify = false
    let image = input.image
    let jpeg = input.keptJPEG(options)
    // All of the file is kept, its metadata as well.
    if jpeg != nil { options.stripMetadata = false }

    PeakMemory.reset()
    let clock = ContinuousClock()
    let start = clock.now
    let encoded = try await Self.encoded(image, jpeg, options, limits)
    let middle = clock.now
    var decoded = image
    var restored: [UInt8] = []
    if jpeg == nil {
      decoded = try await decode(encoded.bytes, decoderOptions(jobs: options.jobs))
    } else {
      restored = try await decodeJPEG(
        ByteSource(encoded.bytes), decoderOptions(jobs: options.jobs))
    }
    let end = clock.now
    let peak = PeakMemory.byteCount

    var bugs = Self.gapBugs(encoded)
    if let jpeg {
      decoded = try await decode(encoded.bytes, decoderOptions(jobs: options.jobs))
      if restored != jpeg || decoded.planes != image.planes { bugs.insert("round trip", at: 0) }
    } else {
      bugs = Self.roundTripBugs(image, decoded, options) + bugs
    }
    bugs += try await determinismBugs(image, jpeg, encoded, decoded, options)
    let info = try inspect(encoded.bytes)
    // Of an exact file the lossy layer says more than the image itself.
    let approximation = options.mode.isLossless ? try await preview(of: encoded) : decoded
    let distortion = approximation.map(reference.distortion) ?? Distortion()
    let record = BenchRecord(
      file: input.file, inputFormat: input.format, inputByteCount: input.byteCount,
      width: image.width, height: image.height, channels: image.planes.count,
      depth: image.depth, mode: options.mode, rate: encoded.rate,
      residual: encoded.residual, fileBits: encoded.bytes.count * 8, distortion: distortion,
      encodeSeconds: (middle - start).seconds, decodeSeconds: (end - middle).seconds,
      peakByteCount: peak, source: info.source, formatVersion: info.formatVersion,
      model: info.latentReduction > 0 ? info.modelIdentifier : "", bugs: bugs)
    return (record, decoded)
  }

  /// What is measured of a file.
  private struct Encoded {
    var bytes: [UInt8]
    var rate: EncodedImage.Layer
    var residual: EncodedImage.Layer
  }

  /// Of a JPEG file all of it, else of an image.
  private static func encoded(
    _ image: Image, _ jpeg: [UInt8]?, _ options: EncoderOptions, _ limits: DecoderLimits
  ) async throws -> Encoded {
    guard let jpeg else {
      let encoded = try await encode(image, options)
      return Encoded(bytes: encoded.bytes, rate: encoded.rate, residual: encoded.residual)
    }
    let reader = try ImageFormat.reader(of: ByteSource(jpeg), limits: limits)
    let encoded = try await encode(reader, options)
    return Encoded(
      bytes: encoded.pieces.flatMap { $0 }, rate: encoded.rate, residual: encoded.residual)
  }

  private func decoderOptions(
    layer: DecoderOptions.Layer = .full, jobs: Int
  ) -> DecoderOptions {
    DecoderOptions(layer: layer, jobs: jobs, limits: limits, model: options.model)
  }

  /// Nil where the file holds no latents.
  private func preview(of encoded: Encoded) async throws -> Image? {
    do {
      return try await decode(
        encoded.bytes, decoderOptions(layer: .preview, jobs: options.jobs))
    } catch CodecError.noPreview {
      return nil
    }
  }

  /// A lossless file gives back everything; a lossy one size and alpha, and colours within the
  /// bound where there is one.
  private static func roundTripBugs(
    _ image: Image, _ decoded: Image, _ options: EncoderOptions
  ) -> [String] {
    var plain = image
    plain.metadata = []
    if decoded == plain { return [] }
    if options.mode.isLossless { return ["round trip"] }
    // A palette may have become RGB, and RGB grey.
    let wanted = image.prepared(for: options)
    guard decoded.width == wanted.width, decoded.height == wanted.height,
      decoded.colorType == wanted.colorType, decoded.metadata == wanted.metadata,
      !wanted.hasAlpha || decoded.planes.last == wanted.planes.last
    else { return ["round trip"] }
    if case .nearLossless(let bound) = options.mode, !isWithin(bound, wanted, decoded) {
      return ["bound"]
    }
    return []
  }

  private static func isWithin(_ bound: Int, _ a: Image, _ b: Image) -> Bool {
    zip(a.planes, b.planes).allSatisfy { before, after in
      before.count == after.count
        && zip(before, after).allSatisfy { abs(Int($0) - Int($1)) <= bound }
    }
  }

  private static func gapBugs(_ encoded: Encoded) -> [String] {
    encoded.rate.hasGap || encoded.residual.hasGap ? ["gap"] : []
  }

  /// Encodes and decodes once more with another number of threads.
  private func determinismBugs(
    _ image: Image, _ jpeg: [UInt8]?, _ encoded: Encoded, _ decoded: Image,
    _ options: EncoderOptions
  ) async throws -> [String] {
    var options = options
    options.jobs = options.jobs == 1 ? 2 : 1
    let encodedAgain = try await Self.encoded(image, jpeg, options, limits)
    let decodedAgain = try await decode(encoded.bytes, decoderOptions(jobs: options.jobs))
    return encodedAgain.bytes == encoded.bytes && decodedAgain == decoded ? [] : ["determinism"]
  }
}
