/// A bitstream, and what its symbols cost by the objective and as written.
public struct EncodedImage: Sendable, Equatable {
  /// Bits of one layer.
  public struct Layer: Sendable, Equatable {
    /// −log₂ p summed over the coded symbols: R(z) or H(x|z).
    public var objectiveBits: Double
    /// Bits of the coded streams as they stand in the file.
    public var writtenBits: Int

    public init(objectiveBits: Double = 0, writtenBits: Int = 0) {
      self.objectiveBits = objectiveBits
      self.writtenBits = writtenBits
    }

    init(_ streams: [CodedStream]) {
      objectiveBits = streams.reduce(0) { $0 + $1.bits }
      writtenBits = streams.reduce(0) { $0 + 8 * $1.bytes.count }
    }
  }

  /// The whole file.
  public var bytes: [UInt8]
  /// The latents z: the rate.
  public var rate: Layer
  /// The residual x given z: the distortion in bits; alpha of a lossy image counts here.
  public var residual: Layer
}

/// The bytes of one tile's stream and the objective that they cost.
struct CodedStream: Sendable {
  let bytes: [UInt8]
  let bits: Double

  var entry: Header.StreamEntry {
    .init(byteCount: bytes.count, checksum: Zlib.crc32(bytes, in: 0..<bytes.count))
  }
}

/// A tile's latents, where they are still needed, and their stream.
struct CodedLatents: Sendable {
  let z: Tensor?
  let stream: CodedStream
}

/// Encodes an image.
///
/// The bytes depend on the image and on the options except `jobs` and `verify`.
public func encode(
  _ image: Image, _ options: EncoderOptions = .lossless, progress: ProgressHandler? = nil
) async throws(CodecError) -> EncodedImage {
  try image.validate()
  let image = image.prepared(for: options)
  let model = try LatentModel.chosen(options.model)
  let tiling = Tiling(width: image.width, height: image.height)
  let content = options.mode.content(for: image.colorType)
  let layer = try await latentLayer(of: image, model, options)
  let latentTiling = Header.latentTiling(tiling, shift: layer?.shift ?? 0)
  let passCount = LatentSearch.passCount(effort: options.effort)
  let phases = ProgressPhases(
    progress,
    weights: [
      layer == nil ? 0 : Double(1 + passCount), content == .latentsOnly ? 0 : 6,
      options.verify ? 6 : 0,
    ],
    stepCounts: [latentTiling.tileCount * (1 + passCount), tiling.tileCount, 1])

  var latentStreams: [CodedStream] = []
  var approximation: Approximation?
  if let layer {
    let coded = try await codeLatents(
      LatentSearch(
        model, ModelInput(image, shift: layer.shift), latentTiling, layer.position,
        effort: options.effort),
      jobs: options.jobs, keepsLatents: content != .latentsOnly
    ) { phases.step(0) }
    latentStreams = coded.map(\.stream)
    if content != .latentsOnly {
      approximation = Approximation(
        model, LatentMap(coded.compactMap(\.z), latentTiling), latentTiling,
        position: layer.position, shift: layer.shift)
    }
  }

  var residualStreams: [CodedStream] = []
  if content != .latentsOnly {
    let approximation = approximation
    residualStreams = try await mapTiles(tiling.tiles, jobs: options.jobs) { tile in
      defer { phases.step(1) }
      return codeResidual(image, tile, content, approximation, effort: options.effort)
    }
  }

  let header = Header(
    content: content, colorType: image.colorType, depth: image.depth, tiling: tiling,
    latentShift: layer?.shift ?? 0, hasLatents: layer != nil,
    position: layer?.position ?? .lowest, modelHash: layer == nil ? 0 : model.hash,
    boxes: Boxes(image),
    latents: latentStreams.map(\.entry), residuals: residualStreams.map(\.entry))
  let bytes = (latentStreams + residualStreams).reduce(into: header.bytes()) { $0 += $1.bytes }
  if options.verify { try await verify(bytes, image, options, content, phases) }
  return EncodedImage(
    bytes: bytes, rate: .init(latentStreams), residual: .init(residualStreams))
}

/// Codes z tile by tile; only the residual needs z itself again.
func codeLatents(
  _ search: LatentSearch, jobs: Int, keepsLatents: Bool = true,
  step: @escaping @Sendable () -> Void = {}
) async throws(CodecError) -> [CodedLatents] {
  let found = search.passCount > 0 ? try await search.proposals(jobs: jobs, step: step) : nil
  return try await mapTiles(search.tiling.tiles, jobs: jobs) { tile in
    let proposal = found?[tile.index] ?? search.proposal(tile)
    var writer = LatentWriter()
    let z = search.model.prior.code(
      proposal, height: proposal.y.height, width: proposal.y.width, position: search.position,
      with: &writer)
    let stream = writer.finish()
    step()
    return CodedLatents(
      z: keepsLatents ? z : nil, stream: CodedStream(bytes: stream.bytes, bits: stream.bits))
  }
}

private func codeResidual(
  _ image: Image, _ tile: Tiling.Tile, _ content: Header.Content, _ approximation: Approximation?,
  effort: Int
) -> CodedStream {
  let count = image.colorType.channelCount
  let stream: (bytes: [UInt8], bits: Double)
  if content == .lossless {
    let (samples, prediction) = residualTile(image, tile, approximation)
    stream = ResidualCoder.encode(samples, prediction: prediction, effort: effort)
  } else {
    let alpha = image.samples(of: count - 1..<count, in: tile, hasAlpha: false)
    stream = ResidualCoder.encode(alpha, prediction: nil, effort: effort)
  }
  return CodedStream(bytes: stream.bytes, bits: stream.bits)
}

/// The samples of a tile, and P_dec(x|z) unless they are palette indices.
private func residualTile(
  _ image: Image, _ tile: Tiling.Tile, _ approximation: Approximation?
) -> (samples: TileSamples, prediction: TilePrediction?) {
  let channels = 0..<image.colorType.channelCount
  let samples = image.samples(of: channels, in: tile, hasAlpha: image.colorType.hasAlpha)
  guard image.colorType != .palette else { return (samples, nil) }
  let prediction = approximation?(tile).prediction(
    height: tile.rows.count, width: tile.columns.count, colorType: image.colorType,
    depth: image.depth)
  return (samples, prediction)
}

/// What the residual coder gets of an image at default options, tile by tile.
func residualTiles(
  of image: Image
) async throws(CodecError) -> [(samples: TileSamples, prediction: TilePrediction?)] {
  let model = try LatentModel.embedded.get()
  let layer = LatentLayer.preview(width: image.width, height: image.height)
  let position = layer.position
  let tiling = Tiling(width: image.width, height: image.height)
  let latentTiling = Header.latentTiling(tiling, shift: layer.shift)
  let input = ModelInput(image, shift: layer.shift)
  let search = LatentSearch(
    model, input, latentTiling, position, effort: EncoderOptions.lossless.effort)
  let coded = try await codeLatents(search, jobs: 1)
  let approximation = Approximation(
    model, LatentMap(coded.compactMap(\.z), latentTiling), latentTiling, position: position,
    shift: layer.shift)
  return tiling.tiles.map { residualTile(image, $0, approximation) }
}

/// Decodes what was just encoded; a difference is a fault of this program.
private func verify(
  _ bytes: [UInt8], _ image: Image, _ options: EncoderOptions, _ content: Header.Content,
  _ phases: ProgressPhases
) async throws(CodecError) {
  let limits = DecoderLimits(
    dimension: .max, pixelCount: .max, metadataByteCount: .max)
  let decoded = try await decode(
    bytes, DecoderOptions(jobs: options.jobs, limits: limits, model: options.model),
    progress: { phases.set(2, share: $0) })
  let isEqual =
    switch content {
    case .lossless: decoded == image
    case .latentsAndAlpha: decoded.planes.last == image.planes.last
    case .latentsOnly: decoded.width == image.width && decoded.height == image.height
    }
  guard isEqual else { throw .verificationFailed }
}

/// What latents to code of an image; nil: none.
private func latentLayer(
  of image: Image, _ model: LatentModel, _ options: EncoderOptions
) async throws(CodecError) -> LatentLayer? {
  switch options.mode {
  case .lossy(let quality), .lossless(let quality?):
    return LatentLayer(position: QualityPosition(quality: quality))
  case .lossless(nil):
    guard options.hasPreview else { return nil }
    // The ladder takes a tenth of the time of the fastest profile that mixes decisions.
    guard options.effort >= 4 else {
      return .preview(width: image.width, height: image.height)
    }
    return try await PreviewLadder(image, model, jobs: options.jobs).choice()
  }
}

extension EncoderOptions.Mode {
  func content(for colorType: Image.ColorType) -> Header.Content {
    switch self {
    case .lossless: .lossless
    case .lossy: colorType.hasAlpha ? .latentsAndAlpha : .latentsOnly
    }
  }
}

extension Image {
  /// The image that these options keep: colours instead of a palette where samples may change.
  func prepared(for options: EncoderOptions) -> Image {
    var image = self
    if options.stripMetadata { image.metadata = [] }
    guard case .lossy = options.mode else { return image }
    image = image.expandedToRGB()
    return image.withTransparentColorAsAlpha()
  }

  /// An alpha channel in place of the one transparent colour, which would not survive loss.
  private func withTransparentColorAsAlpha() -> Image {
    guard let transparentColor else { return self }
    let opaque = UInt16((1 << depth) - 1)
    var image = self
    image.transparentColor = nil
    image.colorType = colorType == .grey ? .greyAlpha : .rgba
    image.metadata = metadata.stating(depth: depth, ofChannels: image.colorType.channelCount)
    image.planes.append(
      (0..<pixelCount).map { i in
        zip(planes, transparentColor).allSatisfy { $0[i] == $1 } ? 0 : opaque
      })
    return image
  }
}
