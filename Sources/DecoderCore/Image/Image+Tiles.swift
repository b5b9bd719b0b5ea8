extension Image {
  /// The samples of some planes inside a tile.
  package func samples(of planeIndices: Range<Int>, in tile: Tiling.Tile, hasAlpha: Bool)
    -> TileSamples
  {
    TileSamples(
      width: tile.columns.count, height: tile.rows.count, depth: depth, hasAlpha: hasAlpha,
      planes: planeIndices.map { index in
        var plane: [UInt16] = []
        plane.reserveCapacity(tile.pixelCount)
        for y in tile.rows {
          plane +=
            planes[index][y * width + tile.columns.lowerBound..<y * width + tile.columns.upperBound]
        }
        return plane
      })
  }

  /// Writes a tile's samples into the planes of an image that shows `region` of the whole one.
  package mutating func place(
    _ tilePlanes: [[UInt16]], in tile: Tiling.Tile, of region: ImageRegion
  ) {
    let columns = tile.columns.clamped(to: region.columns)
    for (index, plane) in tilePlanes.enumerated() {
      for y in tile.rows.clamped(to: region.rows) {
        let target = (y - region.y) * width + columns.lowerBound - region.x
        let source =
          (y - tile.rows.lowerBound) * tile.columns.count
          + columns.lowerBound - tile.columns.lowerBound
        planes[index].replaceSubrange(
          target..<target + columns.count, with: plane[source..<source + columns.count])
      }
    }
  }
}

extension Image.ColorType {
  /// Whether the last plane is alpha.
  package var hasAlpha: Bool { self == .greyAlpha || self == .rgba }
  /// Whether there is one channel besides alpha, and no palette.
  package var isGrey: Bool { self == .grey || self == .greyAlpha }
}
