internal import Entropy

/// The streams of an image that has a source, and the way back.
enum SourceStreams {
  /// The tiles' streams, then those of chroma cells; corrections come after them.
  static func encode(
    _ recovered: LatticeRecovery, _ tiling: Tiling, _ approximation: Approximation?,
    _ options: EncoderOptions, step: @escaping @Sendable () -> Void
  ) async throws(CodecError) -> [CodedStream] {
    let tiles = SourceTiles(recovered.source, tiling)
    let planes = recovered.planes
    let streams = try await mapTiles(tiling.tiles, jobs: options.jobs) { tile in
      defer { step() }
      return tiles.encode(planes, tile, approximation?(tile), effort: options.effort)
    }
    let count = streams[0].count
    return (0..<count).flatMap { part in streams.map { $0[part] } }
  }

  /// What the planes do not give.
  static func corrections(_ recovered: LatticeRecovery, _ image: Image) -> CodedStream {
    var coder = BinaryEncoder()
    var corrections = SourceCorrections(recovered.source)
    var (chroma, samples) = (recovered.chroma, image.planes)
    do {
      try corrections.code(
        width: image.width, height: image.height, luma: recovered.planes.luma,
        made: recovered.madeChroma, chroma: &chroma, samples: &samples, with: &coder)
    } catch { preconditionFailure("encoding cannot fail: \(error)") }
    let bits = coder.ledger.bits
    return CodedStream(bytes: coder.finish(), bits: bits)
  }

  /// The samples of an image from its streams.
  static func decode(
    _ stream: Bitstream, _ source: ColorSource, _ approximation: Approximation?, jobs: Int,
    step: @escaping @Sendable () -> Void
  ) async throws(CodecError) -> [[UInt16]] {
    let tiling = stream.header.tiling
    let tiles = SourceTiles(source, tiling)
    let parts = try await mapTiles(tiling.tiles, jobs: jobs) { tile throws(CodecError) in
      defer { step() }
      var ranges = [try stream.checkedResidual(tile.index)]
      if source.sampling != nil {
        ranges.append(try stream.checkedResidual(tiling.tileCount + tile.index))
      }
      return try tiles.decode(stream.bytes, ranges, tile, approximation?(tile))
    }
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
    let range = try stream.checkedResidual(stream.residuals.count - 1)
    var coder = BinaryDecoder(stream.bytes, in: range)
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
