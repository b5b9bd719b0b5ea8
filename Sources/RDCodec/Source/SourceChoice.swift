/// Whether an image is coded as what its pixels came from: decided by what it costs.
enum SourceChoice {
  /// Shares of the plain cost, in a trial, below which a source is taken and above which it is
  /// not; between them both are coded as a whole.
  private static let clearGain = 0.9
  private static let clearLoss = 1.03
  /// Rows and number of the strips of a trial.
  private static let stripHeight = 16
  private static let stripCount = 3

  /// A source, and the residual's streams that go with it.
  struct Recovered: Sendable {
    let source: ColorSource
    let streams: [CodedStream]
    /// Whether nobody needs to know what the samples cost themselves.
    let isClear: Bool

    func isSmaller(than plain: [CodedStream]) -> Bool {
      let cost = { (streams: [CodedStream]) in streams.reduce(0) { $0 + $1.bytes.count + 5 } }
      return cost(streams) + ColorSource.byteCount < cost(plain)
    }
  }

  /// The source of an image, if it seems to pay.
  static func streams(
    _ image: Image, _ tiling: Tiling, _ content: Header.Content, _ approximation: Approximation?,
    _ options: EncoderOptions, step: @escaping @Sendable () -> Void
  ) async throws(CodecError) -> Recovered? {
    guard options.recoversSource, content == .lossless, image.colorType == .rgb,
      image.depth == 8,
      let recovered = LatticeRecovery.recover(
        image.planes, width: image.width, height: image.height)
    else { return nil }
    let corrections = SourceStreams.corrections(recovered, image)
    let share = share(recovered, image, tiling, approximation, corrections.bits)
    guard share < clearLoss else { return nil }
    let streams = try await SourceStreams.encode(
      recovered, tiling, approximation, options, step: step)
    return Recovered(
      source: recovered.source, streams: streams + [corrections], isClear: share < clearGain)
  }

  /// What the source costs, as a share of what the samples cost themselves: of some strips, quickly.
  private static func share(
    _ recovered: LatticeRecovery, _ image: Image, _ tiling: Tiling,
    _ approximation: Approximation?, _ correctionBits: Double
  ) -> Double {
    let tiles = SourceTiles(recovered.source, tiling)
    var (source, plain) = (0.0, 0.0)
    var pixelCount = 0
    for strip in strips(tiling) {
      let output = approximation?(strip)
      for stream in tiles.encode(recovered.planes, strip, output, effort: 4) {
        source += stream.bits
      }
      let samples = image.samples(of: 0..<3, in: strip, hasAlpha: false)
      let prediction = output?.prediction(
        height: strip.rows.count, width: strip.columns.count, colorType: .rgb, depth: 8)
      plain += ResidualCoder.encode(samples, prediction: prediction, effort: 4).bits
      pixelCount += strip.pixelCount
    }
    let correctionShare = Double(pixelCount) / Double(image.pixelCount)
    return (source + correctionBits * correctionShare) / max(plain, 1)
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
