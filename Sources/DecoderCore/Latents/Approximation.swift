/// x̂ and its scale for any part of an image, from the latents of the image or of a reduced one.
package struct Approximation: Sendable {
  let model: LatentModel
  /// Of the whole image, or as many rows as the tiles that are asked for need.
  let latents: LatentMap
  let position: QualityPosition
  /// Size of what the latents describe, in pixels.
  let width: Int
  let height: Int
  /// The latents' image is this much smaller: 2^shift in width and height.
  let shift: Int
  /// Of a lossy image, whose latents are never reduced.
  let filter: WienerFilter?

  /// The samples between which x̂ lies.
  package let range: ClosedRange<Int>

  /// `tiling`: of the latents.
  package init(
    _ model: LatentModel, _ latents: LatentMap, _ tiling: Tiling, position: QualityPosition,
    shift: Int, range: ClosedRange<Int> = 0...255, filter: WienerFilter? = nil
  ) {
    precondition(filter == nil || shift == 0)
    self.range = range
    self.filter = filter
    self.model = model
    self.latents = latents
    self.position = position
    width = tiling.width
    height = tiling.height
    self.shift = shift
  }

  /// The pixels of a tile of the whole image; with the residual's scale if `hasScale`.
  package func callAsFunction(_ tile: Tiling.Tile, hasScale: Bool = true) -> LatentDecoder.Output {
    guard shift > 0 else {
      return decode(tile.latentRows, tile.latentColumns, hasScale: hasScale)
    }
    let latentRows = latents(under: tile.rows, limit: height)
    let latentColumns = latents(under: tile.columns, limit: width)
    let small = decode(latentRows, latentColumns, hasScale: hasScale)
    let rowSide = ReducedSide(count: height, origin: latentRows.lowerBound * 8, shift: shift)
    let columnSide = ReducedSide(count: width, origin: latentColumns.lowerBound * 8, shift: shift)
    return LatentDecoder.Output(
      mean: small.mean.interpolated(
        rows: tile.rows, of: rowSide, columns: tile.columns, of: columnSide),
      scale: small.scale?.selected(
        rows: rowSide.pairs(tile.rows), columns: columnSide.pairs(tile.columns)))
  }

  /// The latents that x̂ at `positions` of a side depends on, when the latents' image is 2^shift
  /// smaller and has `limit` pixels, and the decoder sees `halo` latents around a tile.
  package static func latents(
    behind positions: Range<Int>, shift: Int, limit: Int, halo: Int
  ) -> Range<Int> {
    let covered = positions.lowerBound >> shift..<((positions.upperBound - 1) >> shift) + 1
    let pixels = covered.expanded(by: shift > 0 ? 1 : 0, within: 0..<limit)
    return (pixels.lowerBound / 8..<(pixels.upperBound + 7) / 8)
      .expanded(by: halo, within: 0..<LatentGeometry.latentCount(limit))
  }

  private func decode(
    _ rows: Range<Int>, _ columns: Range<Int>, hasScale: Bool
  ) -> LatentDecoder.Output {
    let gains = model.gains(at: position)
    guard let filter else {
      return model.decoder(
        latents, rows: rows, columns: columns, position: position, gains: gains,
        hasScale: hasScale)
    }
    let part = model.decoder.surrounded(
      latents, rows: rows, columns: columns, position: position, gains: gains)
    return LatentDecoder.Output(mean: filter(part), scale: nil)
  }

  /// The latents of the reduced pixels that the interpolation at `positions` needs.
  private func latents(under positions: Range<Int>, limit: Int) -> Range<Int> {
    let covered = positions.lowerBound >> shift..<((positions.upperBound - 1) >> shift) + 1
    let pixels = covered.expanded(by: 1, within: 0..<limit)
    return pixels.lowerBound / 8..<(pixels.upperBound + 7) / 8
  }
}
