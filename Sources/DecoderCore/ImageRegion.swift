/// A rectangle of pixels, counted from the upper left corner of an image.
public struct ImageRegion: Sendable, Equatable {
  public var x: Int
  public var y: Int
  public var width: Int
  public var height: Int

  public init(x: Int, y: Int, width: Int, height: Int) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }

  /// Valid once ``check(width:height:)`` has passed.
  var rows: Range<Int> { y..<y + height }
  var columns: Range<Int> { x..<x + width }

  /// The region of a plane of this width.
  func cut(from plane: [UInt16], width planeWidth: Int) -> [UInt16] {
    if width == planeWidth, y == 0, width * height == plane.count { return plane }
    return rows.flatMap { plane[$0 * planeWidth + x..<$0 * planeWidth + x + width] }
  }

  /// Throws unless the region holds a pixel and lies inside an image of this size.
  func check(width imageWidth: Int, height imageHeight: Int) throws(CodecError) {
    guard x >= 0, y >= 0, width > 0, height > 0, x < imageWidth, y < imageHeight,
      width <= imageWidth - x, height <= imageHeight - y
    else {
      throw .invalidRegion(
        "\(x),\(y),\(width),\(height) of an image of \(imageWidth) x \(imageHeight) pixels")
    }
  }
}

extension Tiling {
  /// The tiles that hold pixels of a region.
  package func tiles(meeting region: ImageRegion) -> [Tile] {
    tiles(rows: region.rows, columns: region.columns)
  }
}

extension Header {
  /// The tiles of the latents that the pixels of `tiles`, a rectangle of tiles, depend on,
  /// when the decoder sees `halo` latents around a tile.
  func latentTiles(under tiles: [Tiling.Tile], halo: Int) -> [Tiling.Tile] {
    guard let first = tiles.first, let last = tiles.last else { return [] }
    let latentTiling = latentTiling
    let rows = Approximation.latents(
      behind: first.rows.lowerBound..<last.rows.upperBound, shift: latentShift,
      limit: latentTiling.height, halo: halo)
    let columns = Approximation.latents(
      behind: first.columns.lowerBound..<last.columns.upperBound, shift: latentShift,
      limit: latentTiling.width, halo: halo)
    // A latent stands for eight pixels.
    return latentTiling.tiles(rows: rows.scaled(by: 8), columns: columns.scaled(by: 8))
  }
}
