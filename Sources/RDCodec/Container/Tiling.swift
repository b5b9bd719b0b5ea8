/// The tiles of an image, row after row; every tile is coded by itself.
struct Tiling: Equatable, Sendable {
  /// Pixels that tile sides are multiples of (except at the right and bottom edge).
  static let unit = 16
  /// Largest tile side, in units.
  static let maximumUnits = 128
  /// Most pixels of a tile, so that its memory is bounded.
  static let maximumArea = 1 << 21
  /// The encoder starts a new tile beyond this many pixels a side: photographs, for threads and
  /// memory; drawings, which repeat over long distances.
  private static let preferredSide = 768
  private static let preferredSideOfDrawings = maximumUnits * unit

  /// A rectangle of pixels, and the latents over it.
  struct Tile: Equatable, Sendable {
    let index: Int
    /// Inside the image.
    let rows: Range<Int>
    let columns: Range<Int>

    var pixelCount: Int { rows.count * columns.count }
    var latentRows: Range<Int> { Tile.latents(rows) }
    var latentColumns: Range<Int> { Tile.latents(columns) }

    private static func latents(_ pixels: Range<Int>) -> Range<Int> {
      let first = pixels.lowerBound / 8
      return first..<first + ModelInput.latentCount(pixels.count)
    }
  }

  let width: Int
  let height: Int
  /// Size of a whole tile, in units of ``unit`` pixels.
  let tileWidthUnits: Int
  let tileHeightUnits: Int

  /// The encoder's choice: the fewest tiles of the preferred size, all about the same.
  init(width: Int, height: Int, isDrawing: Bool = false) {
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
  static func isAllowed(_ widthUnits: Int, _ heightUnits: Int) -> Bool {
    let sides = 1...maximumUnits
    return sides.contains(widthUnits) && sides.contains(heightUnits)
      && widthUnits * heightUnits * unit * unit <= maximumArea
  }

  /// Tiles of a given size, which ``isAllowed(_:_:)``.
  init(width: Int, height: Int, tileWidthUnits: Int, tileHeightUnits: Int) {
    precondition(Tiling.isAllowed(tileWidthUnits, tileHeightUnits))
    self.width = width
    self.height = height
    self.tileWidthUnits = tileWidthUnits
    self.tileHeightUnits = tileHeightUnits
  }

  private var columnCount: Int { Tiling.count(width, tileWidthUnits * Tiling.unit) }
  private var rowCount: Int { Tiling.count(height, tileHeightUnits * Tiling.unit) }

  var tileCount: Int { columnCount * rowCount }

  var tiles: [Tile] {
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

/// Runs `body` on every tile or other item, up to `jobs` at once; results come in their order.
///
/// The first error, by that order, is thrown after the tiles under way have ended.
func mapTiles<Item: Sendable, Result: Sendable>(
  _ tiles: [Item], jobs: Int,
  _ body: @escaping @Sendable (Item) throws(CodecError) -> Result
) async throws(CodecError) -> [Result] {
  typealias Outcome = Swift.Result<Result, CodecError>
  let run: @Sendable (Item) -> Outcome = { tile in
    Outcome { () throws(CodecError) in try body(tile) }
  }
  var outcomes = [Outcome?](repeating: nil, count: tiles.count)
  await withTaskGroup(of: (Int, Outcome).self) { group in
    var next = 0
    func start() {
      guard next < tiles.count else { return }
      let position = next
      next += 1
      group.addTask { (position, run(tiles[position])) }
    }
    for _ in 0..<min(max(1, jobs), tiles.count) { start() }
    var failed = false
    while let (position, outcome) = await group.next() {
      outcomes[position] = outcome
      if case .failure = outcome { failed = true }
      if !failed { start() }
    }
  }
  var results: [Result] = []
  results.reserveCapacity(tiles.count)
  for case .failure(let error)? in outcomes { throw error }
  for case .success(let result)? in outcomes { results.append(result) }
  return results
}
