internal import DecoderCore

/// A bitstream in pieces that follow each other, so that a large one need not be put together in
/// memory.
public struct EncodedPieces: Sendable {
  /// Header and streams.
  public let pieces: [[UInt8]]
  /// As in ``EncodedImage``.
  public let rate: EncodedImage.Layer
  public let residual: EncodedImage.Layer
  public let exactReason: ExactReason?
  public let sourceNote: String?
  /// What the image's file has and the bitstream has not, as ``ReadImage/warnings`` says it.
  public let warnings: [String]

  public var byteCount: Int { pieces.reduce(0) { $0 + $1.count } }

  init(_ encoded: EncodedImage, warnings: [String]) {
    pieces = [encoded.bytes]
    rate = encoded.rate
    residual = encoded.residual
    exactReason = encoded.exactReason
    sourceNote = encoded.sourceNote
    self.warnings = warnings
  }

  init(
    _ header: Header, latents: [CodedStream], residuals: [CodedStream], warnings: [String]
  ) {
    pieces = [header.bytes()] + (latents + residuals).map(\.bytes)
    rate = .init(latents)
    residual = .init(residuals)
    exactReason = nil
    sourceNote = nil
    self.warnings = warnings
  }

  /// The pieces as one.
  var source: ByteSource {
    var starts: [Int] = []
    var count = 0
    for piece in pieces {
      starts.append(count)
      count += piece.count
    }
    let (pieces, bounds) = (pieces, starts + [count])
    return ByteSource(count: count) { range throws(CodecError) in
      var bytes: [UInt8] = []
      bytes.reserveCapacity(range.count)
      for (index, piece) in pieces.enumerated() {
        let part = (bounds[index]..<bounds[index + 1]).clamped(to: range)
        guard !part.isEmpty else { continue }
        bytes += piece[part.lowerBound - bounds[index]..<part.upperBound - bounds[index]]
      }
      return bytes
    }
  }
}

/// Encodes an image file that has been opened.
///
/// Of a large photograph that is to be kept exactly some rows of tiles are in memory at a time, and
/// the coded streams; the file is read three times. All others are read as a whole.
public func encode(
  _ reader: any ImageFileReader, _ options: EncoderOptions = .lossless,
  progress: ProgressHandler? = nil
) async throws(CodecError) -> EncodedPieces {
  try await onFloatExecutor(encodes: true) { () async throws(CodecError) in
    try options.check()
    let limit = options.memoryByteCount
    if let file = reader as? JPEGReader, options.keepsJPEG {
      try MemoryEstimate.encoding(file.header, options, looksAtSamples: false).check(allowed: limit)
      let streams = try await CoefficientStreams.encode(file, jobs: options.jobs)
      return EncodedPieces(
        try await encode(
          ReadImage(reader).image, EncodingPlan(options),
          file: .init(reader: file, streams: streams),
          progress: progress),
        warnings: file.warnings)
    }
    if let survey = try RowSurvey(reader, options) {
      try MemoryEstimate.encoding(
        rowsOf: survey.header, bandHeight: survey.bandHeight, jobs: options.jobs
      ).check(allowed: limit)
      return try await RowEncoder(reader, survey, EncodingPlan(options), progress).encoded()
    }
    let file = try ReadImage(reader)
    return EncodedPieces(
      try await encode(file.image, options, progress: progress), warnings: file.warnings)
  }
}

extension EncoderOptions {
  /// Whether a JPEG file is kept, and not only its picture.
  fileprivate var keepsJPEG: Bool {
    if case .lossless = mode { return !stripMetadata && recoversSource }
    return false
  }
}

/// What has to be known of a large image before any of it is coded.
struct RowSurvey {
  /// Images of fewer pixels are held as a whole: the search for sources looks at all of them.
  static let smallestPixelCount = 1 << 25
  /// Rows from the middle that are looked at for what only whole images are coded by.
  static let samplePixelCount = 1 << 22

  let header: Image
  /// The rows of a band: those of a row of tiles.
  let bandHeight: Int
  let colorRange: ClosedRange<Int>?
  let warnings: [String]

  /// Nil for an image that is read as a whole; the reader then stands at its first row.
  init?(
    _ reader: any ImageFileReader, _ options: EncoderOptions,
    smallestPixelCount: Int = RowSurvey.smallestPixelCount,
    samplePixelCount: Int = RowSurvey.samplePixelCount
  ) throws(CodecError) {
    let header = reader.header
    guard case .lossless(nil) = options.mode, header.colorType != .palette,
      header.pixelCount >= smallestPixelCount
    else { return nil }
    let tiling = Tiling(width: header.width, height: header.height)
    let bandHeight = tiling.tiles[0].rows.count
    let rows = RowBands(header, height: bandHeight)
    let count = min(header.height, max(1, samplePixelCount / header.width))
    let sampled = (header.height - count) / 2..<(header.height + count) / 2
    var sample = header
    (sample.height, sample.planes) = (sampled.count, header.planes.map { _ in [] })
    var (low, high) = (UInt16.max, UInt16.min)
    try rows.read(reader) { first, band throws(CodecError) in
      try band.validateSamples()
      let part = (first..<first + band.height).clamped(to: sampled)
      if !part.isEmpty {
        for index in band.planes.indices {
          sample.planes[index] +=
            band.planes[index][
              (part.lowerBound - first) * band.width..<(part.upperBound - first) * band.width]
        }
      }
      guard header.depth > 8 else { return }
      let extent = band.colorExtent
      (low, high) = (min(low, extent.low), max(high, extent.high))
    }
    warnings = try reader.finish()
    try reader.rewind()
    sample.metadata = []
    guard PixelReplication(of: sample).isNone, !MethodChoice.prefersLargeTiles(sample),
      Widening(of: sample).packing == nil, !RowSurvey.mayHaveSource(sample, options)
    else { return nil }
    self.header = header
    self.bandHeight = bandHeight
    colorRange =
      low < high && 2 * Int(high - low) <= header.peak ? Int(low)...Int(high) : nil
  }

  private static func mayHaveSource(_ sample: Image, _ options: EncoderOptions) -> Bool {
    guard options.recoversSource, sample.depth == 8 else { return false }
    let (width, height) = (sample.width, sample.height)
    switch sample.colorType {
    case .rgb: return LatticeStart.find(sample.planes, width: width, height: height) != nil
    case .grey:
      return CoefficientRecovery(
        grey: sample.planes[0], width: width, height: height,
        work: RecoveryWork(effort: options.effort)) != nil
    default: return false
    }
  }
}

/// The rows of an image file in bands.
struct RowBands {
  private let header: Image
  private let height: Int

  init(_ header: Image, height: Int) {
    self.header = header
    self.height = height
  }

  /// Reads all bands, from the first row on.
  func read(
    _ reader: any ImageFileReader,
    _ take: (_ first: Int, _ band: Image) throws(CodecError) -> Void
  ) throws(CodecError) {
    for first in stride(from: 0, to: header.height, by: height) {
      try take(first, try band(reader, at: first))
    }
  }

  /// The band that begins at row `first`, which is the reader's next.
  func band(_ reader: any ImageFileReader, at first: Int) throws(CodecError) -> Image {
    var band = header
    band.height = min(height, header.height - first)
    band.metadata = []
    band.planes = header.planes.map { _ in [] }
    band.reservePlanes()
    // About a mebibyte of samples at once.
    let most = max(1, (1 << 19) / (header.width * header.colorType.channelCount))
    var count = 0
    while count < band.height {
      let more = try reader.readRows(min(most, band.height - count), to: &band.planes)
      guard more > 0 else { throw .truncated(at: first + count) }
      count += more
    }
    return band
  }
}

/// Encodes a large photograph exactly, band by band.
struct RowEncoder {
  let reader: any ImageFileReader
  let survey: RowSurvey
  let plan: EncodingPlan
  let tiling: Tiling
  let progress: ProgressHandler?

  init(
    _ reader: any ImageFileReader, _ survey: RowSurvey, _ plan: EncodingPlan,
    _ progress: ProgressHandler?
  ) {
    self.reader = reader
    self.survey = survey
    self.plan = plan
    self.progress = progress
    tiling = Tiling(width: survey.header.width, height: survey.header.height)
  }

  private var bands: RowBands { RowBands(survey.header, height: survey.bandHeight) }

  func encoded() async throws(CodecError) -> EncodedPieces {
    let phases = ProgressPhases(
      progress, weights: [6, plan.verifies ? 0.1 : 0], stepCounts: [tiling.tileCount, 1])
    let layer: LatentLayer? =
      plan.preview == .none
      ? nil : .preview(width: survey.header.width, height: survey.header.height)
    var latents: [CodedTile] = []
    var approximation: Approximation?
    if let layer {
      let coded = try await preview(layer)
      latents = coded.tiles
      approximation = Approximation(
        plan.model.latents, coded.map, Header.latentTiling(tiling, shift: layer.shift),
        position: layer.position, shift: layer.shift,
        range: survey.colorRange ?? 0...survey.header.peak)
    }
    let residuals = try await residuals(approximation) { phases.step(0) }
    var image = survey.header.prepared(plan.preparation)
    image.planes = []
    let header = Header(
      content: .lossless, colorType: image.colorType, depth: image.depth, width: image.width,
      height: image.height, colorRange: layer == nil ? nil : survey.colorRange,
      replication: .none, tiling: tiling, latentShift: layer?.shift ?? 0,
      hasLatents: layer != nil, position: layer?.position ?? .lowest,
      modelName: layer == nil ? 0 : plan.model.name, boxes: Boxes(image),
      latents: latents.map(\.stream.entry), residuals: residuals.map(\.stream.entry),
      contents: .init(latents: latents.map(\.checksum), samples: residuals.map(\.checksum)))
    let streams = residuals.map(\.stream)
    let encoded = EncodedPieces(
      header, latents: latents.map(\.stream), residuals: streams, warnings: survey.warnings)
    if plan.verifies {
      try await verify(
        Bitstream(encoded.source, limits: .none), header, of: image, streams, plan)
      phases.set(1, fraction: 1)
    }
    return encoded
  }

  /// The latents of the reduced image.
  private func preview(_ layer: LatentLayer) async throws(CodecError) -> CodedLayer {
    var input = ReducedInput(survey.header, shift: layer.shift, range: survey.colorRange)
    try bands.read(reader) { _, band throws(CodecError) in input.append(prepared(band)) }
    try reader.rewind()
    let budget = LatentSearch.Budget(
      effort: plan.effort, isPreview: true, fitsFilter: false, tuning: plan.model.tuning)
    let search = LatentSearch(
      plan.model, ModelInput(input), Header.latentTiling(tiling, shift: layer.shift),
      layer.position, budget)
    return try await codeLatents(search, jobs: plan.jobs)
  }

  private func residuals(
    _ approximation: Approximation?, step: @escaping @Sendable () -> Void
  ) async throws(CodecError) -> [CodedTile] {
    let tiles = tiling.tiles
    let (height, bandHeight) = (survey.header.height, survey.bandHeight)
    let (rows, plan) = (BandsAhead(bands, reader), plan)
    var streams: [CodedTile] = []
    for first in stride(from: 0, to: height, by: bandHeight) {
      let band = prepared(try rows.band(at: first))
      let next = first + bandHeight
      // On several threads one reads the next band while others code this one; nil stands for that.
      let readsAhead = plan.jobs > 1 && next < height
      let work =
        (readsAhead ? [nil] : []) + tiles.filter { $0.rows.lowerBound == first }.map(Optional.some)
      let workers = BandRun.workers(jobs: plan.jobs, tileCount: work.count)
      let coded = try await mapTiles(work, jobs: plan.jobs) { tile throws(CodecError) in
        guard let tile else {
          try rows.read(at: next)
          return CodedTile?.none
        }
        defer { step() }
        return try RowEncoder.coded(
          tile, of: band, at: first, approximation, plan, workers: workers)
      }
      streams += coded.compactMap { $0 }
    }
    try reader.rewind()
    return streams
  }

  /// The residual of a tile of the band that begins at row `first`.
  private static func coded(
    _ tile: Tiling.Tile, of band: Image, at first: Int, _ approximation: Approximation?,
    _ plan: EncodingPlan, workers: BandWorkers?
  ) throws(CodecError) -> CodedTile {
    let place = Tiling.Tile(
      index: tile.index, rows: tile.rows.shifted(by: -first), columns: tile.columns)
    let channels = 0..<band.colorType.channelCount
    let samples = band.samples(of: channels, in: place, hasAlpha: band.colorType.hasAlpha)
    let prediction = approximation?.prediction(of: tile, colorType: band.colorType)
    let stream = ResidualCoder.encode(
      samples, prediction: prediction, effort: plan.effort, workers: workers)
    let coded = CodedStream(bytes: stream.bytes, bits: stream.bits)
    if plan.verifies { try coded.check(samples, prediction, workers: workers) }
    return CodedTile(stream: coded, checksum: samples.checksum)
  }

  /// Hidden colours are left out by bands: what is seen stays as it is.
  private func prepared(_ band: Image) -> Image { band.prepared(plan.preparation) }
}

/// The bands of a file, of which the next may be read before it is needed.
///
/// Used by one thread at a time: the task that codes a band waits for all that it began.
private final class BandsAhead: @unchecked Sendable {
  private let bands: RowBands
  private let reader: any ImageFileReader
  private var waiting: Image?

  init(_ bands: RowBands, _ reader: any ImageFileReader) {
    self.bands = bands
    self.reader = reader
  }

  /// Reads the band that begins at row `first`, to be kept.
  func read(at first: Int) throws(CodecError) { waiting = try bands.band(reader, at: first) }

  /// The band that begins at row `first`: the one that is kept, or the reader's next.
  func band(at first: Int) throws(CodecError) -> Image {
    defer { waiting = nil }
    if let waiting { return waiting }
    return try bands.band(reader, at: first)
  }
}
