/// The tiles of an image, row after row; every tile is coded by itself.
package struct Tiling: Equatable, Sendable {
  /// Pixels that tile sides are multiples of (except at the right and bottom edge).
  package static let unit = 16
  /// Largest tile side, in units.
  package static let maximumUnits = 128
  /// Most pixels of a tile, so that its memory is bounded.
  package static let maximumArea = 1 << 21
  /// The encoder starts a new tile beyond this many pixels a side: photographs, for threads and
  /// memory; drawings, which repeat over long distances.
  private static let preferredSide = 768
  private static let preferredSideOfDrawings = maximumUnits * unit

  /// A rectangle of pixels, and the latents over it.
  package struct Tile: Equatable, Sendable {
    package let index: Int
    /// Inside the image.
    package let rows: Range<Int>
    package let columns: Range<Int>

    package init(
      index: Int, rows: Range<Int>, columns: Range<Int>
    ) {
      self.index = index
      self.rows = rows
      self.columns = columns
    }

    package var pixelCount: Int { rows.count * columns.count }
    package var latentRows: Range<Int> { Tile.latents(rows) }
    package var latentColumns: Range<Int> { Tile.latents(columns) }

    private static func latents(_ pixels: Range<Int>) -> Range<Int> {
      let first = pixels.lowerBound / 8
      return first..<first + LatentGeometry.latentCount(pixels.count)
    }
  }

  package let width: Int
  package let height: Int
  /// Size of a whole tile, in units of ``unit`` pixels.
  package let tileWidthUnits: Int
  package let tileHeightUnits: Int

  /// The encoder's choice: the fewest tiles of the preferred size, all about the same.
  package init(width: Int, height: Int, isDrawing: Bool = false) {
    let side = isDrawing ? Tiling.preferredSideOfDrawings : Tiling.preferredSide
    var columns = Tiling.count(width, side)
    var rows = Tiling.count(height, side)
    func units(_ length: Int, _ tiles: Int) -> Int {
      Tiling.count(Tiling.count(length, tiles), Tiling.unit)
    }
    while !Tiling.isAllowed(units(width, columns), units(height, rows)) {
      if units(width, columns) > units(height, rows) { columns += 1 } else { rows += 1 }
    }
    self.init(
      width: width, height: height, tileWidthUnits: units(width, columns),
      tileHeightUnits: units(height, rows))
  }

  /// Whether tiles may have this size, in units.
  package static func isAllowed(_ widthUnits: Int, _ heightUnits: Int) -> Bool {
    let sides = 1...maximumUnits
    return sides.contains(widthUnits) && sides.contains(heightUnits)
      && widthUnits * heightUnits * unit * unit <= maximumArea
  }

  /// Tiles of a given size, which ``isAllowed(_:_:)``.
  package init(width: Int, height: Int, tileWidthUnits: Int, tileHeightUnits: Int) {
    precondition(Tiling.isAllowed(tileWidthUnits, tileHeightUnits))
    self.width = width
    self.height = height
    self.tileWidthUnits = tileWidthUnits
    self.tileHeightUnits = tileHeightUnits
  }

  private var columnCount: Int { Tiling.count(width, tileWidthUnits * Tiling.unit) }
  private var rowCount: Int { Tiling.count(height, tileHeightUnits * Tiling.unit) }

  package var tileCount: Int { columnCount * rowCount }

  package var tiles: [Tile] {
    let columns = columnCount
    return (0..<tileCount).map { index in
      Tile(
        index: index,
        rows: Tiling.range(index / columns, tileHeightUnits * Tiling.unit, height),
        columns: Tiling.range(index % columns, tileWidthUnits * Tiling.unit, width))
    }
  }

  private static func range(_ index: Int, _ side: Int, _ limit: Int) -> Range<Int> {
    index * side..<min((index + 1) * side, limit)
  }

  private static func count(_ length: Int, _ side: Int) -> Int { (length + side - 1) / side }
}
