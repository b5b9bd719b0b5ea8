internal import Entropy

/// An image that has a source, from its streams.
package enum SourceStreams {
  /// The planes of a tile; `tiles` are those of the source.
  static func planes(
    of tile: Tiling.Tile, _ stream: Bitstream, _ tiles: SourceTiles,
    _ approximation: Approximation?
  ) throws(CodecError) -> [[UInt16]] {
    var streams = [try stream.checkedResidual(tile.index)]
    if tiles.source.sampling != nil {
      streams.append(try stream.checkedResidual(tiles.tiling.tileCount + tile.index))
    }
    return try tiles.decode(streams, tile, approximation?(tile))
  }

  /// The samples of the image from the planes of all tiles.
  static func samples(
    _ parts: [[[UInt16]]], _ stream: Bitstream, _ source: ColorSource
  ) throws(CodecError) -> [[UInt16]] {
    let tiling = stream.header.tiling
    let (width, height) = (tiling.width, tiling.height)
    let columnCount = source.sampling?.columns(width: width).cellCount ?? width
    let rowCount = source.sampling?.rows(height: height).cellCount ?? height
    var luma = [UInt16](repeating: 0, count: width * height)
    var cells = [[UInt16]](
      repeating: [UInt16](repeating: 0, count: columnCount * rowCount), count: 2)
    for (tile, planes) in zip(tiling.tiles, parts) {
      place(planes[1], tile.rows, tile.columns, into: &luma, width: width)
      let rows = source.sampling?.cellRows(tile.rows, of: height) ?? tile.rows
      let columns = source.sampling?.cellColumns(tile.columns, of: width) ?? tile.columns
      place(planes[0], rows, columns, into: &cells[0], width: columnCount)
      place(planes[2], rows, columns, into: &cells[1], width: columnCount)
    }
    let made =
      source.sampling.map { sampling in
        cells.map { sampling.upsampled($0, width: width, height: height) }
      } ?? cells
    var chroma = made
    var samples = [[UInt16]](repeating: luma, count: 3)
    var coder = BinaryDecoder(try stream.checkedResidual(stream.residuals.count - 1))
    var corrections = SourceCorrections(source)
    try corrections.code(
      width: width, height: height, luma: luma, made: made, chroma: &chroma, samples: &samples,
      with: &coder)
    return samples
  }

  private static func place(
    _ part: [UInt16], _ rows: Range<Int>, _ columns: Range<Int>, into plane: inout [UInt16],
    width: Int
  ) {
    guard !columns.isEmpty else { return }
    for (index, y) in rows.enumerated() {
      let start = y * width + columns.lowerBound
      plane.replaceSubrange(
        start..<start + columns.count,
        with: part[index * columns.count..<(index + 1) * columns.count])
    }
  }
}
