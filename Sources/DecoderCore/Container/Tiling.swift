/// The tiles of an image, row after row; every tile is coded by itself.
package struct Tiling: Equatable, Sendable {
  /// Pixels that tile sides are multiples of (except at the right and bottom edge).
  package static let unit = 16
  /// Largest tile side, in units.
  package static let maximumUnits = 128
  /// Most pixels of a tile, so that its memory is bounded.
  package static let maximumArea = 1 << 21
  /// The same of a tile with a longer side, in units and in pixels: models have rows and columns
  /// around it.
  package static let maximumLongUnits = 1 << 16
  package static let maximumLongArea = 1 << 20
  /// Sides up to this make a thin image, which the encoder cuts seldom.
  private static let thinSide = 16
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

  /// The encoder's choice for an image that may be thin: then tiles as long as they may be.
  package init(width: Int, height: Int, isDrawing: Bool, cutsThin: Bool) {
    let usual = Tiling(width: width, height: height, isDrawing: isDrawing)
    let side = max(min(width, height), 1)
    guard !cutsThin, side <= Tiling.thinSide, usual.tileCount > 1 else {
      self = usual
      return
    }
    let length = max(width, height)
    let most = min(Tiling.maximumLongArea / side / Tiling.unit, Tiling.maximumLongUnits)
    let tiles = Tiling.count(length, most * Tiling.unit)
    let units = Tiling.count(Tiling.count(length, tiles), Tiling.unit)
    self.init(
      width: width, height: height, tileWidthUnits: width > height ? units : 1,
      tileHeightUnits: width > height ? 1 : units)
  }

  /// Whether tiles may have this size, in units.
  package static func isAllowed(_ widthUnits: Int, _ heightUnits: Int) -> Bool {
    let sides = 1...maximumUnits
    return sides.contains(widthUnits) && sides.contains(heightUnits)
      && widthUnits * heightUnits * unit * unit <= maximumArea
  }

  /// Whether an image of this size may have tiles of this size, in units: one with a longer side
  /// counts by the pixels that it has.
  package static func isAllowed(
    _ widthUnits: Int, _ heightUnits: Int, width: Int, height: Int
  ) -> Bool {
    if isAllowed(widthUnits, heightUnits) { return true }
    let sides = 1...maximumLongUnits
    guard sides.contains(widthUnits), sides.contains(heightUnits) else { return false }
    let area = Int64(min(width, widthUnits * unit)) * Int64(min(height, heightUnits * unit))
    return area <= Int64(maximumLongArea)
  }

  /// Tiles of a given size, which ``isAllowed(_:_:width:height:)``.
  package init(width: Int, height: Int, tileWidthUnits: Int, tileHeightUnits: Int) {
    precondition(
      Tiling.isAllowed(tileWidthUnits, tileHeightUnits, width: width, height: height))
    self.width = width
    self.height = height
    self.tileWidthUnits = tileWidthUnits
    self.tileHeightUnits = tileHeightUnits
  }

  private var columnCount: Int { Tiling.count(width, tileWidthUnits * Tiling.unit) }
  private var rowCount: Int { Tiling.count(height, tileHeightUnits * Tiling.unit) }

  package var tileCount: Int { columnCount * rowCount }

  package var tiles: [Tile] { tiles(rows: 0..<height, columns: 0..<width) }

  /// The tiles that hold some of these pixels; pixels beyond the edge are those of the last tile.
  ///
  /// Takes time for these tiles alone: a file may have very many.
  package func tiles(rows: Range<Int>, columns: Range<Int>) -> [Tile] {
    let tileRows = Tiling.indices(rows, tileHeightUnits * Tiling.unit, rowCount)
    let tileColumns = Tiling.indices(columns, tileWidthUnits * Tiling.unit, columnCount)
    var tiles: [Tile] = []
    tiles.reserveCapacity(tileRows.count * tileColumns.count)
    for row in tileRows {
      for column in tileColumns {
        tiles.append(
          Tile(
            index: row * columnCount + column,
            rows: Tiling.range(row, tileHeightUnits * Tiling.unit, height),
            columns: Tiling.range(column, tileWidthUnits * Tiling.unit, width)))
      }
    }
    return tiles
  }

  /// The tiles of a side that hold these pixels.
  private static func indices(_ pixels: Range<Int>, _ side: Int, _ count: Int) -> Range<Int> {
    guard !pixels.isEmpty else { return 0..<0 }
    return min(pixels.lowerBound / side, count - 1)..<min((pixels.upperBound - 1) / side, count - 1)
      + 1
  }

  private static func range(_ index: Int, _ side: Int, _ limit: Int) -> Range<Int> {
    index * side..<min((index + 1) * side, limit)
  }

  private static func count(_ length: Int, _ side: Int) -> Int { (length + side - 1) / side }
}
