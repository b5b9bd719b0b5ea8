/// The quantised latents of a whole image, put together from its tiles.
struct LatentMap: Sendable {
  /// In 1/64 of the quantisation step.
  private(set) var tensor: Tensor

  /// The latents of all tiles of an image of this tiling, `channels` at every position.
  init(_ parts: [Tensor], _ tiling: Tiling, channels: Int) {
    self.init(parts, tiles: tiling.tiles, of: tiling, channels: channels)
  }

  /// The latents of some tiles; all others are zero.
  init(_ parts: [Tensor], tiles: [Tiling.Tile], of tiling: Tiling, channels: Int) {
    self.init(
      parts, tiles: tiles, height: ModelInput.latentCount(tiling.height),
      width: ModelInput.latentCount(tiling.width), channels: channels)
  }

  init(_ parts: [Tensor], tiles: [Tiling.Tile], height: Int, width: Int, channels: Int) {
    tensor = Tensor(height: height, width: width, channels: channels)
    for (part, tile) in zip(parts, tiles) { place(part, in: tile) }
  }

  /// Sets the latents of a tile.
  mutating func place(_ part: Tensor, in tile: Tiling.Tile) {
    for (row, y) in tile.latentRows.enumerated() {
      let target = y * tensor.rowStride + tile.latentColumns.lowerBound * tensor.channels
      tensor.values.replaceSubrange(
        target..<target + part.rowStride,
        with: part.values[row * part.rowStride..<(row + 1) * part.rowStride])
    }
  }
}
