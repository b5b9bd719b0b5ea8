/// Turns latents and residual of one tile into samples.
struct TileDecoder: Sendable {
  let stream: Bitstream
  let approximation: Approximation?
  let isExact: Bool
  let hasAlpha: Bool
  let workers: BandWorkers?

  func planes(of tile: Tiling.Tile) throws(CodecError) -> [[UInt16]] {
    let header = stream.header
    if isExact {
      let prediction = approximation?.prediction(of: tile, colorType: header.colorType)
      let steps =
        header.content == .steps
        ? PredictionSteps(peak: header.peak, maximumError: header.maximumError) : nil
      let planes = try residual(
        tile, planeCount: header.colorType.channelCount, hasAlpha: header.colorType.hasAlpha,
        prediction: prediction.map { steps?.prediction($0) ?? $0 })
      guard let steps, let prediction else { return planes }
      return steps.inverse(planes, prediction)
    }
    let colors = approximation?.samples(of: tile, colorType: header.colorType) ?? []
    guard hasAlpha else { return colors }
    return colors + (try residual(tile, planeCount: 1, hasAlpha: false, prediction: nil))
  }

  private func residual(
    _ tile: Tiling.Tile, planeCount: Int, hasAlpha: Bool, prediction: TilePrediction?
  ) throws(CodecError) -> [[UInt16]] {
    let slice = try stream.checkedResidual(tile.index)
    do throws(CodecError) {
      return try ResidualCoder.decode(
        slice, width: tile.columns.count, height: tile.rows.count, depth: stream.header.depth,
        planeCount: planeCount, hasAlpha: hasAlpha, prediction: prediction, workers: workers
      ).planes
    } catch {
      throw error.ofIntactStream(.samples(tile: tile.index))
    }
  }
}
