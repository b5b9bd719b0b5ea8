internal import DecoderCore

/// Whether an image is coded as what its pixels came from: decided by what it costs.
enum SourceChoice {
  /// Fractions of the plain cost, in a trial, below which a source is taken and above which it is
  /// not; between them both are coded as a whole.
  private static let clearGain = 0.9
  private static let clearLoss = 1.03
  /// Rows and number of the strips of a trial.
  private static let stripHeight = 16
  private static let stripCount = 3

  /// Of the other's cost as a trial shows it, what coefficients have to be below to be taken.
  private static let clearCoefficients = 0.85
  /// The least fraction of blocks that coefficients have to give.
  private static let minimumBlocks = 0.8

  /// A source, and the streams that go with it.
  struct Recovered: Sendable {
    let source: ImageSource
    let streams: [CodedStream]
    /// Whether nobody needs to know what the samples cost themselves.
    let isClear: Bool

    var byteCount: Int {
      var header = ByteWriter()
      ImageSource.write(source, to: &header)
      return Self.cost(streams) + header.bytes.count
    }

    func isSmaller(than plain: [CodedStream]) -> Bool { byteCount < Self.cost(plain) }

    private static func cost(_ streams: [CodedStream]) -> Int {
      streams.reduce(0) { $0 + $1.bytes.count + 5 }
    }
  }

  /// The source of an image, if it seems to pay.
  static func streams(
    _ image: Image, _ tiling: Tiling, _ content: Header.Content, _ approximation: Approximation?,
    _ plan: EncodingPlan, step: @escaping @Sendable () -> Void
  ) async throws(CodecError) -> Recovered? {
    guard plan.recoversSource, content == .lossless, image.depth == 8 else { return nil }
    if image.colorType == .grey { return try await greyCoefficients(image, plan) }
    guard image.colorType == .rgb,
      let recovered = LatticeRecovery.recover(
        image.planes, width: image.width, height: image.height)
    else { return nil }
    try Cancellation.check()
    let corrections = SourceStreams.corrections(recovered, image)
    let trial = trial(recovered, image, tiling, approximation, corrections.bits)
    try Cancellation.check()
    let coefficients = try await coefficients(image, recovered, plan)
    if let coefficients {
      let other = min(trial.source, trial.plain) / 8
      if Double(coefficients.byteCount) < clearCoefficients * other {
        for _ in tiling.tiles { step() }
        return coefficients
      }
    }
    let fraction = trial.source / max(trial.plain, 1)
    guard fraction < clearLoss else { return coefficients?.unclear }
    let streams = try await SourceStreams.encode(
      recovered, tiling, approximation, plan, step: step)
    let lattice = Recovered(
      source: .lattice(recovered.source), streams: streams + [corrections],
      isClear: fraction < clearGain)
    guard let coefficients, coefficients.byteCount < lattice.byteCount else { return lattice }
    return lattice.isClear ? coefficients : coefficients.unclear
  }

  private static func coefficients(
    _ image: Image, _ recovered: LatticeRecovery, _ plan: EncodingPlan
  ) async throws(CodecError) -> Recovered? {
    guard let known = recovered.jfif,
      let recovery = CoefficientRecovery(known, image.planes),
      recovery.solvedFraction >= minimumBlocks
    else { return nil }
    return try await coefficients(recovery, known, image, plan)
  }

  private static func greyCoefficients(
    _ image: Image, _ plan: EncodingPlan
  ) async throws(CodecError) -> Recovered? {
    guard
      let recovery = CoefficientRecovery(
        grey: image.planes[0], width: image.width, height: image.height),
      recovery.solvedFraction >= minimumBlocks
    else { return nil }
    return try await coefficients(recovery, nil, image, plan).unclear
  }

  private static func coefficients(
    _ recovery: CoefficientRecovery, _ known: JFIFPlanes?, _ image: Image,
    _ plan: EncodingPlan
  ) async throws(CodecError) -> Recovered {
    let source = CoefficientSource(
      sampling: known?.sampling, grids: recovery.planes.map(\.grid),
      tables: recovery.planes.map(\.table))
    let streams = try await CoefficientStreams.encode(
      recovery, source, known, image, jobs: plan.jobs)
    return Recovered(source: .coefficients(source), streams: streams, isClear: true)
  }

  /// What the source and the samples themselves cost, in bits: of some strips, coded quickly, as if
  /// they were the image.
  private static func trial(
    _ recovered: LatticeRecovery, _ image: Image, _ tiling: Tiling,
    _ approximation: Approximation?, _ correctionBits: Double
  ) -> (source: Double, plain: Double) {
    let tiles = SourceTiles(recovered.source, tiling)
    var (source, plain) = (0.0, 0.0)
    var pixelCount = 0
    for strip in strips(tiling) where !Task.isCancelled {
      let output = approximation?(strip)
      for stream in tiles.encode(recovered.planes, strip, output, effort: 4) {
        source += stream.bits
      }
      let samples = image.samples(of: 0..<3, in: strip, hasAlpha: false)
      let prediction = output?.prediction(
        height: strip.rows.count, width: strip.columns.count, colorType: .rgb, range: 0...255)
      plain += ResidualCoder.encode(samples, prediction: prediction, effort: 4).bits
      pixelCount += strip.pixelCount
    }
    let scale = Double(image.pixelCount) / Double(pixelCount)
    return (source * scale + correctionBits, plain * scale)
  }

  /// Parts of some tiles, evenly spread over the image.
  private static func strips(_ tiling: Tiling) -> [Tiling.Tile] {
    let tiles = tiling.tiles
    return (0..<stripCount).map { index in
      let tile = tiles[tiles.count * (2 * index + 1) / (2 * stripCount)]
      // In a tile of its own a strip stands where it would in the image.
      let units = tile.rows.count / Tiling.unit
      let first =
        tile.rows.lowerBound + units * (2 * index + 1) / (2 * stripCount) * Tiling.unit
      return Tiling.Tile(
        index: tile.index, rows: first..<min(first + stripHeight, tile.rows.upperBound),
        columns: tile.columns)
    }
  }
}

extension SourceChoice.Recovered {
  /// The same, to be compared with what the samples cost themselves.
  fileprivate var unclear: SourceChoice.Recovered {
    SourceChoice.Recovered(source: source, streams: streams, isClear: false)
  }
}
