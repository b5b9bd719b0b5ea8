extension Image {
  /// The samples of some planes inside a tile.
  func samples(of planeIndices: Range<Int>, in tile: Tiling.Tile, hasAlpha: Bool) -> TileSamples {
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

  /// Writes a tile's samples into the planes.
  mutating func place(_ tilePlanes: [[UInt16]], in tile: Tiling.Tile) {
    for (index, plane) in tilePlanes.enumerated() {
      for (row, y) in tile.rows.enumerated() {
        let target = y * width + tile.columns.lowerBound
        let source = row * tile.columns.count
        planes[index].replaceSubrange(
          target..<target + tile.columns.count, with: plane[source..<source + tile.columns.count])
      }
    }
  }
}

extension Image.ColorType {
  /// Whether the last plane is alpha.
  var hasAlpha: Bool { self == .greyAlpha || self == .rgba }
}
