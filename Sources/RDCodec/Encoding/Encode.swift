package import DecoderCore
internal import Entropy

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
  /// The latents z: the rate. A lossy image's filter is in the header, and counts in neither layer.
  public var rate: Layer
  /// The residual x given z: the distortion in bits; alpha of a lossy image counts here.
  public var residual: Layer
  /// Why the file holds every sample although the mode asked for less; nil where it does not.
  public var exactReason: ExactReason?
  /// What the search for what the pixels came from found; nil where there was none.
  public var sourceNote: String?
}

/// A stream, and the checksum of what it decodes to: a tile's latents or its samples.
struct CodedTile: Sendable {
  let stream: CodedStream
  let checksum: UInt32
}

/// Encodes an image.
///
/// The bytes depend on the image and on the options except `jobs` and `verify`.
public func encode(
  _ image: Image, _ options: EncoderOptions = .lossless, progress: ProgressHandler? = nil
) async throws(CodecError) -> EncodedImage {
  try await onFloatExecutor(encodes: true) { () async throws(CodecError) in
    try image.validate()
    if options.memoryByteCount < .max {
      try MemoryEstimate.encoding(image, options).check(allowed: options.memoryByteCount)
    }
    return try await encode(image, mode: options.mode, EncodingPlan(options), progress: progress)
  }
}

private func encode(
  _ image: Image, mode: EncoderOptions.Mode, _ plan: EncodingPlan, progress: ProgressHandler?
) async throws(CodecError) -> EncodedImage {
  switch mode {
  case .lossless:
    return try await encode(image, plan, progress: progress)
  case .lossy(let quality):
    let exact = ExactAlternative(image, plan)
    if exact.hasUnevenRange {
      return try await exact.encoded(because: .unevenRange, progress: progress)
    }
    let lossy = try await encode(
      image, plan.approximate(QualityPosition(quality: quality)), progress: progress)
    let smaller = try await exact.orSmaller(lossy)
    guard smaller.exactReason == nil else { return smaller }
    return try await exact.orBounded(lossy, quality: quality)
  case .target(let target):
    return try await encode(image, to: target, plan, progress: progress)
  case .nearLossless(let maximumError):
    return try await encode(image, maximumError: maximumError, plan, progress: progress)
  }
}

/// A JPEG file that is kept, and its streams.
struct CodedJPEG {
  let reader: JPEGReader
  let streams: [CodedStream]
}

/// Encodes one file; of a JPEG `file`, whose picture `image` is, all else as well.
func encode(
  _ image: Image, _ plan: EncodingPlan, file: CodedJPEG? = nil, progress: ProgressHandler?
) async throws(CodecError) -> EncodedImage {
  let original = image.prepared(plan.preparation)
  let bound = plan.bound
  let whole =
    bound?.form == .lattice ? original.rounded(maximumError: bound!.maximumError) : original
  try Cancellation.check()
  let content = plan.content(of: whole.colorType)
  guard content == .lossless, file == nil else {
    return try await encode(whole, .none, of: original, plan, file, progress: progress)
  }
  let widening = Widening(of: whole)
  let narrow = widening.narrowed(whole)
  let encoded = try await encode(narrow, widening, of: original, plan, file, progress: progress)
  guard let other = MethodChoice.paletteForm(of: narrow, widening) else { return encoded }
  let indexed = try await encode(
    other.image, other.widening, of: original, plan, file, progress: nil)
  return indexed.bytes.count < encoded.bytes.count ? indexed : encoded
}

/// Encodes one file of an image that is coded as `whole`.
private func encode(
  _ whole: Image, _ widening: Widening, of original: Image, _ plan: EncodingPlan,
  _ file: CodedJPEG?, progress: ProgressHandler?
) async throws(CodecError) -> EncodedImage {
  let bound = plan.bound
  let content = plan.content(of: whole.colorType)
  let replication = content == .lossless && file == nil ? PixelReplication(of: whole) : .none
  let image = replication.reduce(whole)
  let model = plan.model
  let colorRange = image.colorRange
  let isDrawing = content == .lossless && MethodChoice.prefersLargeTiles(image)
  let tiling = Tiling(
    width: image.width, height: image.height, isDrawing: isDrawing, cutsThin: content != .lossless)
  let search =
    file == nil ? try await SourceChoice.search(image, tiling, content, plan) : .init()
  var layer = try await plan.latentLayer(
    of: image, besideJPEG: file?.reader.kept.byteCount ?? search.settledByteCount)
  let latentTiling = Header.latentTiling(tiling, shift: layer?.shift ?? 0)
  let budget = LatentSearch.Budget(
    effort: plan.effort, isPreview: content == .lossless || content == .lattice,
    fitsFilter: !content.hasSamples, tuning: model.tuning)
  let passCount = budget.passCount
  // Tiles are decoded again as soon as they are coded, unless their samples are not the image's.
  let checksTiles = plan.verifies && !content.isNearLossless && replication.isNone
  let phases = ProgressPhases(
    progress,
    weights: [
      layer == nil ? 0 : Double(1 + passCount), content == .latentsOnly ? 0 : checksTiles ? 12 : 6,
      content.hasSamples ? !plan.verifies ? 0 : checksTiles ? 0.1 : 6 : plan.isTrial ? 0 : 1,
    ],
    stepCounts: [latentTiling.tileCount * (1 + passCount), tiling.tileCount, 1])

  var latents: [CodedTile] = []
  var filter: WienerFilter?
  var approximation: Approximation?
  if let layer {
    let search = LatentSearch(
      model, ModelInput(image, shift: layer.shift), latentTiling, layer.position, budget)
    let coded = try await codeLatents(search, jobs: plan.jobs) { phases.step(0) }
    latents = coded.tiles
    filter = coded.filter
    if content.hasSamples {
      approximation = Approximation(
        model.latents, coded.map, latentTiling, position: layer.position, shift: layer.shift,
        range: colorRange ?? 0...image.peak)
    }
  }

  var source: ImageSource?
  var residualStreams: [CodedStream] = []
  var sampleChecksums = [UInt32](repeating: 0, count: tiling.tileCount)
  if content != .latentsOnly {
    let approximation = approximation
    let recovered =
      if let file {
        SourceChoice.Recovered(
          source: .coefficients(file.reader.source), streams: file.streams, isClear: true)
      } else {
        try await SourceChoice.streams(search, image, tiling, approximation, plan) {
          phases.step(1)
        }
      }
    if let recovered, recovered.isClear {
      (source, residualStreams) = (recovered.source, recovered.streams)
      sampleChecksums = tiling.tiles.map { image.checksum(of: $0) }
    } else {
      let workers = BandRun.workers(jobs: plan.jobs, tileCount: tiling.tileCount)
      let tiles = try await mapTiles(tiling.tiles, jobs: plan.jobs) {
        tile throws(CodecError) in
        defer { phases.step(1) }
        let (samples, prediction) =
          content.hasSamples
          ? residualTile(image, tile, approximation) : (alphaTile(image, tile), nil)
        let coded = codeResidual(
          samples, prediction, content, bound, peak: image.peak, effort: plan.effort,
          workers: workers)
        if checksTiles { try coded.stream.check(samples, prediction, workers: workers) }
        return coded
      }
      residualStreams = tiles.map(\.stream)
      if content.hasSamples { sampleChecksums = tiles.map(\.checksum) }
      if let recovered, recovered.isSmaller(than: residualStreams) {
        (source, residualStreams) = (recovered.source, recovered.streams)
      }
    }
  }

  var withoutPreview: EncodedImage?
  if content == .lossless, layer != nil,
    plan.mayOmitPreview(of: image, isDrawing: isDrawing),
    !PreviewCost(latents.map(\.stream), residualStreams, source, of: image).isSmall
  {
    if image.colorType == .palette || source?.needsLatents == false {
      (layer, latents) = (nil, [])  // which no sample follows from
    } else {
      withoutPreview = try await encode(
        whole, widening, of: original, plan.withoutPreview, file, progress: nil)
    }
  }

  let header = Header(
    content: content, maximumError: bound?.maximumError ?? 0, colorType: image.colorType,
    depth: image.depth, width: whole.width, height: whole.height,
    colorRange: layer == nil ? nil : colorRange, replication: replication,
    widening: widening, tiling: tiling, latentShift: layer?.shift ?? 0, hasLatents: layer != nil,
    position: layer?.position ?? .lowest, modelName: layer == nil ? 0 : model.name,
    filter: filter, source: source, boxes: Boxes(image), latents: latents.map(\.stream.entry),
    residuals: residualStreams.map(\.entry),
    contents: .init(latents: latents.map(\.checksum), samples: sampleChecksums))
  let latentStreams = latents.map(\.stream)
  var bytes = header.bytes()
  let streams = latentStreams + residualStreams
  bytes.reserveCapacity(streams.reduce(bytes.count) { $0 + $1.bytes.count })
  for stream in streams { bytes += stream.bytes }
  if let withoutPreview, withoutPreview.bytes.count < bytes.count {
    phases.set(2, fraction: 1)
    return withoutPreview
  }
  if !content.hasSamples, !plan.isTrial {
    bytes = try await sealed(bytes, plan) { phases.set(2, fraction: $0) }
  } else if plan.verifies {
    if checksTiles, source == nil {
      try await verify(
        Bitstream(bytes, limits: .none), header, of: original, residualStreams, plan)
      phases.set(2, fraction: 1)
    } else if let file {
      try await verify(bytes, of: original, and: file.reader, plan)
      phases.set(2, fraction: 1)
    } else {
      try await verify(bytes, of: original, plan) { phases.set(2, fraction: $0) }
    }
  }
  return EncodedImage(
    bytes: bytes, rate: .init(latentStreams), residual: .init(residualStreams),
    sourceNote: search.note.map { "\($0); taken: \(source?.name ?? "none")" })
}

/// What ``codeLatents(_:jobs:step:)`` gives.
package struct CodedLayer: Sendable {
  let tiles: [CodedTile]
  package let map: LatentMap
  let filter: WienerFilter?
}

/// Codes z tile by tile, and fits the filter of x̂ if the search is to.
package func codeLatents(
  _ search: LatentSearch, jobs: Int, step: @escaping @Sendable () -> Void = {}
) async throws(CodecError) -> CodedLayer {
  let found = search.passCount > 0 ? try await search.found(jobs: jobs, step: step) : nil
  let curvature = found == nil ? try await search.initialCurvature(jobs: jobs) : nil
  var map = LatentMap([], search.tiling, channels: search.model.shape.latents)
  var tiles: [CodedTile] = []
  try await forEachTile(search.tiling.tiles, jobs: jobs) { tile in
    let proposal = found.map { search.proposal(tile, of: $0) } ?? search.proposal(tile, curvature)
    var writer = LatentWriter(proposal)
    let z = search.model.prior.code(
      height: proposal.y.height, width: proposal.y.width, position: search.position,
      with: &writer)
    let stream = writer.finish()
    step()
    return (z: z, stream: CodedStream(bytes: stream.bytes, bits: stream.bits))
  } consume: { tile, coded in
    map.place(coded.z, in: tile)
    tiles.append(CodedTile(stream: coded.stream, checksum: coded.z.checksum))
  }
  let filter =
    if let found, search.fitsInPasses { found.filter } else {
      try await search.filter(for: map.tensor, jobs: jobs)
    }
  return CodedLayer(tiles: tiles, map: map, filter: filter)
}

private func codeResidual(
  _ samples: TileSamples, _ prediction: TilePrediction?, _ content: Header.Content,
  _ bound: NearLossless?, peak: Int, effort: Int, workers: BandWorkers?
) -> CodedTile {
  if content == .steps, let bound, let prediction {
    return bound.codedSteps(samples, prediction, peak: peak, effort: effort)
  }
  let stream = ResidualCoder.encode(
    samples, prediction: prediction, effort: effort, workers: workers)
  return CodedTile(
    stream: CodedStream(bytes: stream.bytes, bits: stream.bits), checksum: samples.checksum)
}

private func alphaTile(_ image: Image, _ tile: Tiling.Tile) -> TileSamples {
  let count = image.colorType.channelCount
  return image.samples(of: count - 1..<count, in: tile, hasAlpha: false)
}

/// The samples of a tile, and P_dec(x|z) unless they are palette indices.
package func residualTile(
  _ image: Image, _ tile: Tiling.Tile, _ approximation: Approximation?
) -> (samples: TileSamples, prediction: TilePrediction?) {
  let channels = 0..<image.colorType.channelCount
  let samples = image.samples(of: channels, in: tile, hasAlpha: image.colorType.hasAlpha)
  guard image.colorType != .palette else { return (samples, nil) }
  return (samples, approximation?.prediction(of: tile, colorType: image.colorType))
}
