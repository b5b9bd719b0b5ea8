internal import DecoderCore

/// Codes the planes of a source, tile by tile.
extension SourceTiles {
  /// The streams of a tile: all planes; or luma, then the cells of chroma.
  func encode(
    _ planes: SourcePlanes, _ tile: Tiling.Tile, _ output: LatentDecoder.Output?, effort: Int
  ) -> [CodedStream] {
    let predicted = self.predicted(tile, output)
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

  private func stream(
    _ samples: TileSamples, _ prediction: TilePrediction?, effort: Int
  ) -> CodedStream {
    let stream = ResidualCoder.encode(samples, prediction: prediction, effort: effort)
    return CodedStream(bytes: stream.bytes, bits: stream.bits)
  }

  private func cut(
    _ plane: [UInt16], width: Int, _ rows: Range<Int>, _ columns: Range<Int>
  ) -> [UInt16] {
    rows.flatMap { plane[$0 * width + columns.lowerBound..<$0 * width + columns.upperBound] }
  }
}
