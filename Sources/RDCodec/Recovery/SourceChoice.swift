internal import DecoderCore

/// Whether an image is coded as what its pixels came from: decided by what it costs.
enum SourceChoice {
  /// Fractions of the plain cost, in a trial, below which a source is taken and above which it is
  /// not; between them both are coded as a whole.
  private static let clearGain = 0.8
  private static let clearLoss = 1.03
  /// Rows and number of the strips of a trial.
  private static let stripHeight = 16
  private static let stripCount = 3

  /// Of the other's cost as a trial shows it, what coefficients have to be below to be taken.
  private static let clearCoefficients = 0.85
  /// The least fraction of blocks that coefficients have to give.
  private static let minimumBlocks = 0.8
  /// The fraction of blocks, and one part in so many of the bytes for corrections, from which on
  /// nothing else is tried.
  private static let exactBlocks = 0.9
  private static let exactPart = 5
  /// Of what the samples cost, what nothing but coefficients comes below.
  private static let unrivalled = 0.4

  /// A source, and the streams that go with it.
  struct Recovered: Sendable {
    let source: ImageSource
    let streams: [CodedStream]
    /// Whether nobody needs to know what the samples cost themselves.
    let isClear: Bool
    /// Whether coefficients give the image with few corrections.
    var isExact = false

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

  /// What is known before anything of an image is coded.
  struct Search: Sendable {
    /// Coefficients of a JPEG file.
    fileprivate(set) var coefficients: Recovered?
    /// Whether these are taken, and nothing else is tried.
    fileprivate(set) var isSettled = false
    /// What was found, for reports; nil where nothing was looked for.
    fileprivate(set) var note: String?
    /// Bytes of coefficients that are taken.
    var settledByteCount: Int? { isSettled ? coefficients?.byteCount : nil }
    fileprivate var start: LatticeStart?
    fileprivate var known: JFIFPlanes?
  }

  /// Looks for the JPEG file that an image was decoded from.
  static func search(
    _ image: Image, _ tiling: Tiling, _ content: Header.Content, _ plan: EncodingPlan
  ) async throws(CodecError) -> Search {
    var search = Search()
    guard plan.recoversSource, content == .lossless, image.depth == 8 else { return search }
    let (width, height) = (image.width, image.height)
    let work = RecoveryWork(effort: plan.effort)
    var recovery: CoefficientRecovery?
    if image.colorType == .grey {
      recovery = CoefficientRecovery(
        grey: image.planes[0], width: width, height: height, work: work)
    } else if image.colorType == .rgb {
      search.start = LatticeStart.find(image.planes, width: width, height: height)
      search.note = search.start?.name ?? "no lattice of colours"
      try Cancellation.check()
      search.known = search.start?.jfif(image.planes, work)
      guard let known = search.known else { return search }
      try Cancellation.check()
      recovery = CoefficientRecovery(known, image.planes, work: work)
    } else {
      return search
    }
    try Cancellation.check()
    search.note =
      (search.note.map { $0 + "; " } ?? "") + (recovery?.note ?? "no steps of a JPEG file")
    guard let recovery, recovery.solvedFraction >= minimumBlocks else { return search }
    let found = try await coefficients(recovery, recovery.known, image, plan)
    search.coefficients = found
    let limit = found.isExact ? clearCoefficients : unrivalled
    let byteCount = Double(found.byteCount)
    // More strips only add bits.
    let bits = plainBits(image, tiling, nil, plan) { byteCount < limit * $0 / 8 }
    search.isSettled = byteCount < limit * bits / 8
    return search
  }

  /// The source of an image, if it seems to pay, after a search.
  static func streams(
    _ search: Search, _ image: Image, _ tiling: Tiling, _ approximation: Approximation?,
    _ plan: EncodingPlan, step: @escaping @Sendable () -> Void
  ) async throws(CodecError) -> Recovered? {
    if search.isSettled {
      for _ in tiling.tiles { step() }
      return search.coefficients
    }
    let unclear = search.coefficients?.unclear
    let work = RecoveryWork(effort: plan.effort)
    guard let recovered = search.start?.recovered(image.planes, search.known, work) else {
      return unclear
    }
    try Cancellation.check()
    let corrections = SourceStreams.corrections(recovered, image)
    let latticeBytes =
      latticeBits(recovered, image, tiling, approximation, corrections.bits, plan) / 8
    try Cancellation.check()
    let plainBytes = plainBits(image, tiling, approximation, plan) / 8
    try Cancellation.check()
    if let coefficients = search.coefficients,
      Double(coefficients.byteCount) < clearCoefficients * min(latticeBytes, plainBytes)
    {
      for _ in tiling.tiles { step() }
      return coefficients
    }
    let fraction = latticeBytes / max(plainBytes, 1)
    guard fraction < clearLoss else { return unclear }
    let streams = try await SourceStreams.encode(
      recovered, tiling, approximation, plan, step: step)
    let lattice = Recovered(
      source: .lattice(recovered.source), streams: streams + [corrections],
      isClear: fraction < clearGain)
    guard let coefficients = search.coefficients, coefficients.byteCount < lattice.byteCount else {
      return lattice
    }
    return lattice.isClear ? coefficients : unclear
  }

  private static func coefficients(
    _ recovery: CoefficientRecovery, _ known: JFIFPlanes?, _ image: Image,
    _ plan: EncodingPlan
  ) async throws(CodecError) -> Recovered {
    var source = CoefficientSource(
      sampling: known?.sampling, grids: recovery.planes.map(\.grid),
      tables: recovery.planes.map(\.table))
    source.method = recovery.planes[0].method
    source.scalesChroma = known?.scalesChroma ?? false
    let streams = try await CoefficientStreams.encode(
      recovery, source, known, image, jobs: plan.jobs)
    let corrections = known == nil ? 0 : streams[streams.count - 1].bytes.count
    let byteCount = streams.reduce(0) { $0 + $1.bytes.count }
    return Recovered(
      source: .coefficients(source), streams: streams, isClear: true,
      isExact: recovery.solvedFraction > exactBlocks && exactPart * corrections < byteCount)
  }

  /// What the samples themselves cost, in bits: of some strips, coded quickly, as if they were the
  /// image; less where less is enough.
  private static func plainBits(
    _ image: Image, _ tiling: Tiling, _ approximation: Approximation?, _ plan: EncodingPlan,
    isEnough: (Double) -> Bool = { _ in false }
  ) -> Double {
    let channels = 0..<image.colorType.channelCount
    return whole(image, tiling, isEnough: isEnough) { strip in
      let samples = image.samples(of: channels, in: strip, hasAlpha: false)
      let prediction = approximation?(strip).prediction(
        height: strip.rows.count, width: strip.columns.count, colorType: image.colorType,
        range: 0...255)
      return ResidualCoder.encode(
        samples, prediction: prediction, effort: trialEffort(plan)
      ).bits
    }
  }

  /// The same of a source.
  private static func latticeBits(
    _ recovered: LatticeRecovery, _ image: Image, _ tiling: Tiling,
    _ approximation: Approximation?, _ correctionBits: Double, _ plan: EncodingPlan
  ) -> Double {
    let tiles = SourceTiles(recovered.source, tiling)
    return correctionBits
      + whole(image, tiling) { strip in
        tiles.encode(
          recovered.planes, strip, approximation?(strip), effort: trialEffort(plan)
        )
        .reduce(0) { $0 + $1.bits }
      }
  }

  private static func trialEffort(_ plan: EncodingPlan) -> Int { min(plan.effort, 4) }

  /// What strips cost, scaled to the image; of the first ones alone where that is enough.
  private static func whole(
    _ image: Image, _ tiling: Tiling, isEnough: (Double) -> Bool = { _ in false },
    _ bits: (Tiling.Tile) -> Double
  ) -> Double {
    let strips = strips(tiling)
    let pixelCount = strips.reduce(0) { $0 + $1.pixelCount }
    var (sum, scaled) = (0.0, 0.0)
    for strip in strips where !Task.isCancelled {
      sum += bits(strip)
      scaled = sum * Double(image.pixelCount) / Double(max(pixelCount, 1))
      if isEnough(scaled) { break }
    }
    return scaled
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
