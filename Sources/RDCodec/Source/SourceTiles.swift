/// Codes the planes of a source, tile by tile, in either direction.
struct SourceTiles: Sendable {
  let source: ColorSource
  let tiling: Tiling
  private let prediction: SourcePrediction?

  init(_ source: ColorSource, _ tiling: Tiling) {
    self.source = source
    self.tiling = tiling
    prediction = SourcePrediction(source)
  }

  /// The streams of a tile: all planes; or luma, then the cells of chroma.
  func encode(
    _ planes: SourcePlanes, _ tile: Tiling.Tile, _ output: LatentDecoder.Output?, effort: Int
  ) -> [CodedStream] {
    let predicted = predicted(tile, output)
    let luma = cut(planes.luma, width: planes.width, tile.rows, tile.columns)
    guard let sampling = source.sampling else {
      let chroma = planes.chroma.map {
        cut($0, width: planes.width, tile.rows, tile.columns)
      }
      let samples = samples([chroma[0], luma, chroma[1]], tile.rows, tile.columns)
      return [stream(samples, predicted, effort: effort)]
    }
    let lumaSamples = samples([luma], tile.rows, tile.columns)
    let lumaStream = stream(lumaSamples, predicted.map { $0.only(1) }, effort: effort)
    let cells = CellTile(sampling, tile, tiling)
    guard !cells.isEmpty else { return [lumaStream, CodedStream(bytes: [], bits: 0)] }
    let width = sampling.columns(width: planes.width).cellCount
    let chroma = planes.chroma.map { cut($0, width: width, cells.rows, cells.columns) }
    let chromaSamples = samples(
      [chroma[0], cells.sites(of: luma), chroma[1]], cells.rows, cells.columns)
    let chromaStream = ResidualCoder.encode(
      chromaSamples, knownPlane: 1, prediction: predicted.map(cells.prediction), effort: effort)
    return [lumaStream, chromaStream]
  }

  /// The planes of a tile: first chroma, luma, second chroma; chroma by cells where it is smaller.
  func decode(
    _ bytes: [UInt8], _ streams: [Range<Int>], _ tile: Tiling.Tile,
    _ output: LatentDecoder.Output?
  ) throws(CodecError) -> [[UInt16]] {
    let predicted = predicted(tile, output)
    guard let sampling = source.sampling else {
      return try planes(bytes, streams[0], count: 3, tile, predicted)
    }
    let luma = try planes(bytes, streams[0], count: 1, tile, predicted.map { $0.only(1) })[0]
    let cells = CellTile(sampling, tile, tiling)
    guard !cells.isEmpty else {
      guard streams[1].isEmpty else {
        throw .corrupt(field: "size of a chroma stream", at: streams[1].lowerBound)
      }
      return [[], luma, []]
    }
    let chroma = try ResidualCoder.decode(
      bytes, in: streams[1],
      TileGeometry(
        width: cells.columns.count, height: cells.rows.count, depth: source.depth, planeCount: 3,
        hasAlpha: false),
      known: (1, cells.sites(of: luma)), prediction: predicted.map(cells.prediction)
    ).planes
    return [chroma[0], luma, chroma[2]]
  }

  private func planes(
    _ bytes: [UInt8], _ range: Range<Int>, count: Int, _ tile: Tiling.Tile,
    _ prediction: TilePrediction?
  ) throws(CodecError) -> [[UInt16]] {
    try ResidualCoder.decode(
      bytes, in: range, width: tile.columns.count, height: tile.rows.count, depth: source.depth,
      planeCount: count, hasAlpha: false, prediction: prediction
    ).planes
  }

  private func stream(
    _ samples: TileSamples, _ prediction: TilePrediction?, effort: Int
  ) -> CodedStream {
    let stream = ResidualCoder.encode(samples, prediction: prediction, effort: effort)
    return CodedStream(bytes: stream.bytes, bits: stream.bits)
  }

  /// P_dec of the three coordinates in the order of the planes.
  private func predicted(_ tile: Tiling.Tile, _ output: LatentDecoder.Output?) -> TilePrediction? {
    guard let prediction,
      let colors = output?.prediction(
        height: tile.rows.count, width: tile.columns.count, colorType: .rgb, range: 0...255)
    else { return nil }
    return TilePrediction(
      means: [1, 0, 2].map { prediction.means($0, of: colors) }, scales: colors.scales)
  }

  private func samples(
    _ planes: [[UInt16]], _ rows: Range<Int>, _ columns: Range<Int>
  ) -> TileSamples {
    TileSamples(
      width: columns.count, height: rows.count, depth: source.depth, hasAlpha: false,
      planes: planes)
  }

  private func cut(
    _ plane: [UInt16], width: Int, _ rows: Range<Int>, _ columns: Range<Int>
  ) -> [UInt16] {
    rows.flatMap { plane[$0 * width + columns.lowerBound..<$0 * width + columns.upperBound] }
  }
}

/// The cells of smaller chroma planes that belong to a tile.
private struct CellTile {
  let rows: Range<Int>
  let columns: Range<Int>
  private let sampling: ChromaSampling
  private let tile: Tiling.Tile

  init(_ sampling: ChromaSampling, _ tile: Tiling.Tile, _ tiling: Tiling) {
    self.sampling = sampling
    self.tile = tile
    rows = sampling.cellRows(tile.rows, of: tiling.height)
    columns = sampling.cellColumns(tile.columns, of: tiling.width)
  }

  var isEmpty: Bool { rows.isEmpty || columns.isEmpty }

  /// For each cell, the place in the tile of the first pixel that it covers.
  private var sites: [Int] {
    let (ys, xs) = (homes(rows, tile.rows, isRow: true), homes(columns, tile.columns, isRow: false))
    return ys.flatMap { y in xs.map { y * tile.columns.count + $0 } }
  }

  private func homes(_ cells: Range<Int>, _ pixels: Range<Int>, isRow: Bool) -> [Int] {
    let isHalved = isRow ? sampling.halvesRows : sampling.halvesColumns
    guard isHalved else { return cells.map { $0 - pixels.lowerBound } }
    let phase = isRow ? sampling.rowPhase : sampling.columnPhase
    let shift = sampling.filter == .bilinear ? phase : -phase
    return cells.map { min(max(2 * $0 + shift, pixels.lowerBound), pixels.upperBound - 1) }
      .map { $0 - pixels.lowerBound }
  }

  func sites(of plane: [UInt16]) -> [UInt16] { sites.map { plane[$0] } }

  func prediction(_ whole: TilePrediction) -> TilePrediction {
    let sites = sites
    return TilePrediction(
      means: whole.means.map { plane in sites.map { plane[$0] } },
      scales: whole.scales.map { plane in sites.map { plane[$0] } })
  }
}

extension TilePrediction {
  /// That of one plane.
  fileprivate func only(_ plane: Int) -> TilePrediction {
    TilePrediction(means: [means[plane]], scales: [scales[plane]])
  }
}
