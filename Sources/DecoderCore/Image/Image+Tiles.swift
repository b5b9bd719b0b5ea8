extension Image {
  /// The samples of some planes inside a tile.
  package func samples(of planeIndices: Range<Int>, in tile: Tiling.Tile, hasAlpha: Bool)
    -> TileSamples
  {
    TileSamples(
      width: tile.columns.count, height: tile.rows.count, depth: depth, hasAlpha: hasAlpha,
      planes: planeIndices.map { index in
        [UInt16](unsafeUninitializedCapacity: tile.pixelCount) { samples, count in
          planes[index].withUnsafeBufferPointer { plane in
            precondition(
              tile.columns.upperBound <= width && tile.rows.upperBound * width <= plane.count)
            for (row, y) in tile.rows.enumerated() {
              (samples.baseAddress! + row * tile.columns.count).initialize(
                from: plane.baseAddress! + (y * width + tile.columns.lowerBound),
                count: tile.columns.count)
            }
          }
          count = tile.pixelCount
        }
      })
  }

  /// Writes a tile's samples into the planes of an image that shows `region` of the whole one.
  package mutating func place(
    _ tilePlanes: [[UInt16]], in tile: Tiling.Tile, of region: ImageRegion
  ) {
    let columns = tile.columns.clamped(to: region.columns)
    let rows = tile.rows.clamped(to: region.rows)
    guard !rows.isEmpty, !columns.isEmpty else { return }
    for (index, plane) in tilePlanes.enumerated() {
      planes[index].withUnsafeMutableBufferPointer { target in
        plane.withUnsafeBufferPointer { source in
          precondition(
            plane.count == tile.pixelCount && columns.upperBound - region.x <= width
              && (rows.upperBound - region.y) * width <= target.count)
          for y in rows {
            (target.baseAddress! + ((y - region.y) * width + columns.lowerBound - region.x)).update(
              from: source.baseAddress!
                + ((y - tile.rows.lowerBound) * tile.columns.count
                  + columns.lowerBound - tile.columns.lowerBound),
              count: columns.count)
          }
        }
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
