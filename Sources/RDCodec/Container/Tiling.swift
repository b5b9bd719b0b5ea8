/// The tiles of an image, row after row; every tile is coded by itself.
struct Tiling: Equatable, Sendable {
  /// Pixels that tile sides are multiples of (except at the right and bottom edge).
  static let unit = 16
  /// Largest tile side, in units.
  static let maximumUnits = 64
  /// The encoder starts a new tile beyond this many pixels a side.
  private static let preferredSide = 768

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

  /// The encoder's choice: sides of at most 768 pixels, all about the same.
  init(width: Int, height: Int) {
    self.init(
      width: width, height: height, tileWidthUnits: Tiling.preferredUnits(width),
      tileHeightUnits: Tiling.preferredUnits(height))
  }

  /// Tiles of a given size; both units lie in 1 ... ``maximumUnits``.
  init(width: Int, height: Int, tileWidthUnits: Int, tileHeightUnits: Int) {
    precondition((1...Tiling.maximumUnits).contains(tileWidthUnits))
    precondition((1...Tiling.maximumUnits).contains(tileHeightUnits))
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

  private static func preferredUnits(_ length: Int) -> Int {
    let tiles = count(length, preferredSide)
    return count(count(length, tiles), unit)
  }
}

/// Runs `body` on every tile, up to `jobs` at once; results come in tile order.
///
/// The first error, by tile order, is thrown after the tiles under way have ended.
func mapTiles<Result: Sendable>(
  _ tiles: [Tiling.Tile], jobs: Int,
  _ body: @escaping @Sendable (Tiling.Tile) throws(CodecError) -> Result
) async throws(CodecError) -> [Result] {
  typealias Outcome = Swift.Result<Result, CodecError>
  let run: @Sendable (Tiling.Tile) -> Outcome = { tile in
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
