/// Decodes a bitstream that ``encode(_:_:progress:)`` wrote.
///
/// With ``DecoderOptions/Layer/preview`` the residual is neither read nor needed, so a file that
/// was cut after its latents still gives its lossy image.
///
/// `rows` gets the image from the top while the rest is decoded, and all of it before this returns.
public func decode(
  _ bytes: [UInt8], _ options: DecoderOptions = DecoderOptions(),
  rows: (any ImageRowReceiver)? = nil, progress: ProgressHandler? = nil
) async throws(CodecError) -> Image {
  try await decode(bytes, options, latentChecksums: nil, rows: rows, progress: progress)
}

/// Decodes a bitstream whose latents, where they are decoded, have to have these checksums, if any are given.
func decode(
  _ bytes: [UInt8], _ options: DecoderOptions, latentChecksums: [UInt32]?,
  rows: (any ImageRowReceiver)? = nil, progress: ProgressHandler?
) async throws(CodecError) -> Image {
  let stream = try Bitstream(bytes, limits: options.limits)
  try stream.check(for: options.layer)
  let header = stream.header
  try options.limits.check(
    memory: .decoding(header, jobs: options.jobs, fileByteCount: bytes.count))
  let isExact = header.content.hasSamples && options.layer == .full
  let hasAlpha = header.content == .latentsAndAlpha && options.layer == .full
  // Of one pixel, so that a palette or metadata that does not fit is found before the samples.
  try header.image(isExact: isExact, hasAlpha: hasAlpha, width: 1, height: 1).validate()
  let region =
    options.region ?? ImageRegion(x: 0, y: 0, width: header.width, height: header.height)
  try region.check(width: header.width, height: header.height)
  let coded = header.replication.coded(region)
  let tiles = header.tiling.tiles(meeting: coded)
  // Palette indices and coefficients are coded without the latents.
  let isIndependent = header.colorType == .palette || header.source?.needsLatents == false
  let needsLatents = header.hasLatents && !(isExact && isIndependent)
  let latentTiling = header.latentTiling
  let needsAll = options.region == nil || isExact && header.source != nil
  let model = needsLatents ? try LatentModel.find(header.modelHash, given: options.model) : nil
  let latentTiles =
    needsAll
    ? latentTiling.tiles : header.latentTiles(under: tiles, halo: model?.decoder.halo ?? 0)
  let phases = ProgressPhases(
    progress, weights: [needsLatents ? 1 : 0, hasAlpha || isExact ? 6 : 1],
    stepCounts: [latentTiles.count, tiles.count])

  var approximation: Approximation?
  if let model {
    let parts = try await mapTiles(latentTiles, jobs: options.jobs) {
      tile throws(CodecError) in
      defer { phases.step(0) }
      let z = try decodeLatents(stream, tile, model)
      if let latentChecksums, z.checksum != latentChecksums[tile.index] {
        throw .verificationFailed
      }
      return z
    }
    approximation = Approximation(
      model,
      LatentMap(parts, tiles: latentTiles, of: latentTiling, channels: model.shape.latents),
      latentTiling,
      position: header.position, shift: header.latentShift, range: header.range,
      filter: header.filter)
  } else if header.hasLatents {
    for tile in latentTiles { _ = try stream.checkedLatents(tile.index) }
  }

  let decoder = TileDecoder(
    stream: stream, approximation: approximation, isExact: isExact, hasAlpha: hasAlpha)
  var image = header.image(
    isExact: isExact, hasAlpha: hasAlpha, width: coded.width, height: coded.height)
  if isExact, let source = header.source {
    let planes: [[UInt16]]
    switch source {
    case .lattice(let source):
      planes = try await SourceStreams.decode(
        stream, source, approximation, jobs: options.jobs
      ) { phases.step(1) }
    case .coefficients(let source):
      planes = try await CoefficientStreams.decode(stream, source, jobs: options.jobs)
      for _ in tiles { phases.step(1) }
    }
    image.planes = planes.map { coded.cut(from: $0, width: header.tiling.width) }
    image = header.replication.expand(image, of: coded, to: region)
    try image.validate()
    try rows?.receive(0..<image.height, of: image)
    return image
  }
  let isGradual = header.replication.isNone
  try await forEachTile(tiles, jobs: options.jobs) { tile throws(CodecError) in
    defer { phases.step(1) }
    return try decoder.planes(of: tile)
  } consume: { tile, planes throws(CodecError) in
    image.place(planes, in: tile, of: coded)
    // The last tile of a row completes it.
    guard isGradual, let rows, tile.columns.upperBound >= coded.columns.upperBound else { return }
    let complete = tile.rows.clamped(to: coded.rows)
    try rows.receive(
      complete.lowerBound - coded.y..<complete.upperBound - coded.y, of: image)
  }
  image = header.replication.expand(image, of: coded, to: region)
  try image.validate()
  if !isGradual { try rows?.receive(0..<image.height, of: image) }
  return image
}

private func decodeLatents(
  _ stream: Bitstream, _ tile: Tiling.Tile, _ model: LatentModel
) throws(CodecError) -> Tensor {
  let range = try stream.checkedLatents(tile.index)
  var reader = LatentReader(stream.bytes, in: range)
  let z = model.prior.code(
    nil, height: tile.latentRows.count, width: tile.latentColumns.count,
    position: stream.header.position, with: &reader)
  let isExhausted = reader.isExhausted
  guard !isExhausted else { throw .truncated(at: range.upperBound) }
  return z
}

/// Turns latents and residual of one tile into samples.
private struct TileDecoder: Sendable {
  let stream: Bitstream
  let approximation: Approximation?
  let isExact: Bool
  let hasAlpha: Bool

  func planes(of tile: Tiling.Tile) throws(CodecError) -> [[UInt16]] {
    let header = stream.header
    let height = tile.rows.count
    let width = tile.columns.count
    let output = approximation?(tile, hasScale: isExact)
    if isExact {
      let prediction = output?.prediction(
        height: height, width: width, colorType: header.colorType, range: header.range)
      let steps =
        header.content == .steps
        ? PredictionSteps(peak: header.peak, maximumError: header.maximumError) : nil
      let planes = try residual(
        tile, planeCount: header.colorType.channelCount, hasAlpha: header.colorType.hasAlpha,
        prediction: prediction.map { steps?.prediction($0) ?? $0 })
      guard let steps, let prediction else { return planes }
      return steps.inverse(planes, prediction)
    }
    let colors =
      output?.samples(
        height: height, width: width, colorType: header.colorType, range: header.range) ?? []
    guard hasAlpha else { return colors }
    return colors + (try residual(tile, planeCount: 1, hasAlpha: false, prediction: nil))
  }

  private func residual(
    _ tile: Tiling.Tile, planeCount: Int, hasAlpha: Bool, prediction: TilePrediction?
  ) throws(CodecError) -> [[UInt16]] {
    try ResidualCoder.decode(
      stream.bytes, in: try stream.checkedResidual(tile.index), width: tile.columns.count,
      height: tile.rows.count, depth: stream.header.depth, planeCount: planeCount,
      hasAlpha: hasAlpha, prediction: prediction
    ).planes
  }
}

extension Header {
  /// Bits per sample of x̂.
  var lossyDepth: Int { colorType == .palette ? 8 : depth }

  /// The largest possible sample, of x̂ where the image has a palette.
  var peak: Int { boxes.statedPeak ?? (1 << lossyDepth) - 1 }

  /// The samples that x̂ stands between.
  var range: ClosedRange<Int> { colorRange ?? 0...peak }

  /// The colour type of x̂.
  func lossyType(hasAlpha: Bool) -> Image.ColorType {
    switch colorType {
    case .grey, .greyAlpha: hasAlpha && colorType == .greyAlpha ? .greyAlpha : .grey
    case .rgb, .palette: .rgb
    case .rgba: hasAlpha ? .rgba : .rgb
    }
  }

  /// The image to decode into, all samples zero.
  fileprivate func image(isExact: Bool, hasAlpha: Bool, width: Int, height: Int) -> Image {
    let type = isExact ? colorType : lossyType(hasAlpha: hasAlpha)
    let plane = [UInt16](repeating: 0, count: width * height)
    return Image(
      width: width, height: height, colorType: type,
      depth: isExact ? depth : lossyDepth, statedPeak: boxes.statedPeak,
      planes: [[UInt16]](repeating: plane, count: type.channelCount),
      palette: isExact ? boxes.palette : [],
      paletteAlphaCount: isExact ? boxes.paletteAlphaCount : 0,
      transparentColor: isExact ? boxes.transparentColor : nil,
      metadata: metadata(for: type))
  }
}

extension Header {
  /// The metadata, as far as it makes sense in an image of this type.
  func metadata(for type: Image.ColorType) -> [MetadataChunk] {
    if type == colorType { return boxes.metadata }
    if colorType == .palette {
      return boxes.metadata.expanded(from: boxes.palette, hasAlpha: false)
    }
    return boxes.metadata.stating(depth: depth, ofChannels: type.channelCount)
  }
}
