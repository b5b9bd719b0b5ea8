/// Turns latents and residual of one tile into samples.
struct TileDecoder: Sendable {
  let stream: Bitstream
  let approximation: Approximation?
  let isExact: Bool
  let hasAlpha: Bool

  func planes(of tile: Tiling.Tile) throws(CodecError) -> [[UInt16]] {
    let header = stream.header
    let height = tile.rows.count
    let width = tile.columns.count
    if isExact {
      let output = approximation?(tile, hasScale: true)
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
    let colors = colors(of: tile)
    guard hasAlpha else { return colors }
    return colors + (try residual(tile, planeCount: 1, hasAlpha: false, prediction: nil))
  }

  /// x̂ as samples. Previews of lossless files are of latents that may be reduced.
  private func colors(of tile: Tiling.Tile) -> [[UInt16]] {
    guard let approximation else { return [] }
    let colorType = stream.header.colorType
    if stream.header.latentShift == 0 {
      return approximation.samples(of: tile, colorType: colorType)
    }
    return approximation(tile, hasScale: false).samples(
      height: tile.rows.count, width: tile.columns.count, colorType: colorType,
      range: stream.header.range)
  }

  private func residual(
    _ tile: Tiling.Tile, planeCount: Int, hasAlpha: Bool, prediction: TilePrediction?
  ) throws(CodecError) -> [[UInt16]] {
    try ResidualCoder.decode(
      try stream.checkedResidual(tile.index), width: tile.columns.count,
      height: tile.rows.count, depth: stream.header.depth, planeCount: planeCount,
      hasAlpha: hasAlpha, prediction: prediction
    ).planes
  }
}
