/// Codes the planes of a source, tile by tile, in either direction.
package struct SourceTiles: Sendable {
  package let source: ColorSource
  package let tiling: Tiling
  private let prediction: SourcePrediction?

  package init(_ source: ColorSource, _ tiling: Tiling) {
    self.source = source
    self.tiling = tiling
    prediction = SourcePrediction(source)
  }

  /// The planes of a tile: first chroma, luma, second chroma; chroma by cells where it is smaller.
  package func decode(
    _ streams: [StreamSlice], _ tile: Tiling.Tile,
    _ output: LatentDecoder.Output?
  ) throws(CodecError) -> [[UInt16]] {
    let predicted = predicted(tile, output)
    guard let sampling = source.sampling else {
      return try planes(streams[0], count: 3, tile, predicted)
    }
    let luma = try planes(streams[0], count: 1, tile, predicted.map { $0.only(1) })[0]
    let cells = CellTile(sampling, tile, tiling)
    guard !cells.isEmpty else {
      guard streams[1].isEmpty else {
        throw .corrupt(field: "size of a chroma stream", at: streams[1].start)
      }
      return [[], luma, []]
    }
    let chroma = try ResidualCoder.decode(
      streams[1],
      TileGeometry(
        width: cells.columns.count, height: cells.rows.count, depth: source.depth, planeCount: 3,
        hasAlpha: false),
      known: (1, cells.sites(of: luma)), prediction: predicted.map(cells.prediction)
    ).planes
    return [chroma[0], luma, chroma[2]]
  }

  private func planes(
    _ stream: StreamSlice, count: Int, _ tile: Tiling.Tile,
    _ prediction: TilePrediction?
  ) throws(CodecError) -> [[UInt16]] {
    try ResidualCoder.decode(
      stream, width: tile.columns.count, height: tile.rows.count, depth: source.depth,
      planeCount: count, hasAlpha: false, prediction: prediction
    ).planes
  }

  /// P_dec of the three coordinates in the order of the planes.
  package func predicted(_ tile: Tiling.Tile, _ output: LatentDecoder.Output?) -> TilePrediction? {
    guard let prediction,
      let colors = output?.prediction(
        height: tile.rows.count, width: tile.columns.count, colorType: .rgb, range: 0...255)
    else { return nil }
    return TilePrediction(
      means: [1, 0, 2].map { prediction.means($0, of: colors) }, scales: colors.scales)
  }

  package func samples(
    _ planes: [[UInt16]], _ rows: Range<Int>, _ columns: Range<Int>
  ) -> TileSamples {
    TileSamples(
      width: columns.count, height: rows.count, depth: source.depth, hasAlpha: false,
      planes: planes)
  }
}

/// The cells of smaller chroma planes that belong to a tile.
package struct CellTile {
  package let rows: Range<Int>
  package let columns: Range<Int>
  private let sampling: ChromaSampling
  private let tile: Tiling.Tile

  package init(_ sampling: ChromaSampling, _ tile: Tiling.Tile, _ tiling: Tiling) {
    self.sampling = sampling
    self.tile = tile
    rows = sampling.cellRows(tile.rows, of: tiling.height)
    columns = sampling.cellColumns(tile.columns, of: tiling.width)
  }

  package var isEmpty: Bool { rows.isEmpty || columns.isEmpty }

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

  package func sites(of plane: [UInt16]) -> [UInt16] { sites.map { plane[$0] } }

  package func prediction(_ whole: TilePrediction) -> TilePrediction {
    let sites = sites
    return TilePrediction(
      means: whole.means.map { plane in sites.map { plane[$0] } },
      scales: whole.scales.map { plane in sites.map { plane[$0] } })
  }
}

extension TilePrediction {
  /// That of one plane.
  package func only(_ plane: Int) -> TilePrediction {
    TilePrediction(means: [means[plane]], scales: [scales[plane]])
  }
}
