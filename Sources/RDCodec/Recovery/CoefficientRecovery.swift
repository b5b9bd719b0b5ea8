internal import DecoderCore

/// What lattice recovery knows of an image that is YCbCr by JFIF's rule; values 0 ... 255 where
/// they are right.
struct JFIFPlanes {
  let width: Int
  let height: Int
  let sampling: ChromaSampling?
  var luma: [Int16]
  /// Of every pixel.
  var chroma: [[Int16]]
  /// What the sampling's cells are; without a sampling, `chroma`.
  var cells: [[Int16]]
  /// Whether a pixel's coordinates are certain.
  var isSure: [Bool]
}

/// Recovers the coefficients of the JPEG file that an image was decoded from: the encoder's alone.
struct CoefficientRecovery {
  /// Luma; then, where there is chroma, two more.
  private(set) var planes: [LevelPlane]
  /// Samples of the planes: what the levels give, and what they should.
  private(set) var made: [[UInt16]] = []
  private(set) var samples: [[UInt16]] = []
  private(set) var isSolved: [[Bool]]

  /// The fraction of blocks whose levels give all their samples.
  var solvedFraction: Double {
    let count = isSolved.reduce(0) { $0 + $1.count }
    let solved = isSolved.reduce(0) { $0 + $1.count { $0 } }
    return Double(solved) / Double(max(count, 1))
  }

  private static let phases = (0..<64).map { (column: $0 % 8, row: $0 / 8) }

  /// One plane of samples of 8 bits, all certain.
  init?(grey samples: [UInt16], width: Int, height: Int) {
    let plane = BoundedPlane(
      width: width, height: height, values: samples.map { Int16(truncatingIfNeeded: $0) })
    let grids = Self.grids(width, height)
    guard GridSearch.seemsBlocked(plane, grids),
      let luma = PlaneRecovery(plane, among: grids)
    else { return nil }
    planes = [luma.plane]
    isSolved = [luma.isSolved]
    finish([plane])
  }

  init?(_ known: JFIFPlanes, _ colors: [[UInt16]]) {
    let (width, height) = (known.width, known.height)
    // Luma first, though its ranges follow from chroma: it shows the grid.
    var luma = BoundedPlane(width: width, height: height, values: known.luma)
    for place in luma.values.indices where !known.isSure[place] { luma.setFree(place) }
    let grids = Self.grids(width, height)
    // Any grey image is JFIF's.
    let isGrey = known.chroma.allSatisfy { $0.allSatisfy { $0 == 128 } }
    guard !isGrey || GridSearch.seemsBlocked(luma, grids),
      var first = PlaneRecovery(luma, among: grids)
    else { return nil }
    guard let chromaParts = Self.chromaParts(known, lumaGrid: first.plane.grid) else { return nil }
    var found = chromaParts.map(\.plane)
    let bounded = chromaParts.map(\.cells)
    var clamped = ClampedChroma(known, colors, found.map(\.plane))
    clamped.refine()
    for index in 0..<2 {
      found[index].replace(clamped.planes[index], bounded[index], isWhole: known.sampling == nil)
    }
    let chroma = found.map {
      let samples = $0.plane.samples()
      return known.sampling?.upsampled(samples, width: width, height: height) ?? samples
    }
    Self.bound(&luma, by: chroma, known, colors)
    let now = first.plane.samples().map { Int16(truncatingIfNeeded: $0) }
    first.reopen(now.indices.filter { now[$0] < luma.least[$0] || now[$0] > luma.most[$0] })
    first.solve(luma)
    planes = [first.plane] + found.map(\.plane)
    isSolved = [first.isSolved] + found.map(\.isSolved)
    finish([luma] + bounded)
  }

  private static func grids(_ width: Int, _ height: Int) -> [BlockGrid] {
    phases.map {
      BlockGrid(width: width, height: height, columnPhase: $0.column, rowPhase: $0.row)
    }
  }

  /// A plane of chroma, and the cells that it was recovered from.
  private typealias ChromaPart = (plane: PlaneRecovery, cells: BoundedPlane)

  /// Both planes of chroma on one grid, which the file names once; nil where there is none.
  private static func chromaParts(_ known: JFIFPlanes, lumaGrid: BlockGrid) -> [ChromaPart]? {
    let cells = (0..<2).map { Self.cells(known, $0) }
    let grids = chromaGrids(lumaGrid, known.sampling, cells[0])
    guard let first = chromaPart(known, 0, cells[0], among: grids),
      let second = chromaPart(known, 1, cells[1], among: grids)
    else { return nil }
    let (firstGrid, secondGrid) = (first.plane.plane.grid, second.plane.plane.grid)
    if firstGrid == secondGrid { return [first, second] }
    // A constant plane, for one, has every grid.
    let onFirst = chromaPart(known, 1, cells[1], among: [firstGrid]).map { [first, $0] }
    let onSecond = chromaPart(known, 0, cells[0], among: [secondGrid]).map { [$0, second] }
    let solvedCount = { (parts: [ChromaPart]) in
      parts.reduce(0) { $0 + $1.plane.isSolved.count { $0 } }
    }
    return [onSecond, onFirst].compactMap(\.self).max { solvedCount($0) < solvedCount($1) }
  }

  private static func chromaPart(
    _ known: JFIFPlanes, _ index: Int, _ cells: BoundedPlane, among grids: [BlockGrid]
  ) -> ChromaPart? {
    var cells = cells
    let loose = known.sampling == nil ? nil : loosened(cells)
    guard var plane = PlaneRecovery(cells, among: grids, loosely: loose) else { return nil }
    if let sampling = known.sampling {
      let solver = ChromaSolver(sampling, width: known.width, height: known.height)
      settle(&plane, &cells, solver, known.chroma[index], known.isSure)
    }
    return (plane, cells)
  }

  /// The grids of chroma that go with one of luma.
  private static func chromaGrids(
    _ luma: BlockGrid, _ sampling: ChromaSampling?, _ cells: BoundedPlane
  ) -> [BlockGrid] {
    let phases = { (phase: Int, isHalved: Bool) in
      isHalved ? [phase >> 1, phase >> 1 + 4] : [phase]
    }
    let columns = phases(luma.columnPhase, sampling?.halvesColumns ?? false)
    let rows = phases(luma.rowPhase, sampling?.halvesRows ?? false)
    return rows.flatMap { row in
      columns.map {
        BlockGrid(width: cells.width, height: cells.height, columnPhase: $0, rowPhase: row)
      }
    }
  }

  /// A plane of chroma cells, free where pixels do not determine them.
  private static func cells(_ known: JFIFPlanes, _ index: Int) -> BoundedPlane {
    guard let sampling = known.sampling else {
      var plane = BoundedPlane(
        width: known.width, height: known.height, values: known.chroma[index])
      for place in plane.values.indices where !known.isSure[place] { plane.setFree(place) }
      return plane
    }
    let solver = ChromaSolver(sampling, width: known.width, height: known.height)
    var plane = BoundedPlane(
      width: solver.columns.cellCount, height: solver.rows.cellCount, values: known.cells[index])
    for cell in plane.values.indices {
      var (sure, all) = (Int32(0), Int32(0))
      solver.forSupport(cell) { pixel, weight in
        all += weight
        if known.isSure[pixel] { sure += weight }
      }
      if 2 * sure < all {
        plane.setFree(cell)
      } else if sure < all {
        plane.least[cell] -= 1
        plane.most[cell] += 1
      }
    }
    return plane
  }

  /// Cells by a step more or less: several may make the same pixels.
  private static func loosened(_ plane: BoundedPlane) -> BoundedPlane {
    var result = plane
    for place in plane.values.indices {
      result.least[place] -= 1
      result.most[place] += 1
    }
    return result
  }

  /// Lets cells and levels agree: where levels do not make the pixels, cells change as little as
  /// brings them there, then levels follow.
  private static func settle(
    _ found: inout PlaneRecovery, _ cells: inout BoundedPlane, _ solver: ChromaSolver,
    _ chroma: [Int16], _ isSure: [Bool]
  ) {
    for round in 0...settlingRounds {
      let values = found.plane.samples().map { Int32($0) }
      let made = solver.upsampled(values)
      let wrong = made.indices.filter { isSure[$0] && made[$0] != chroma[$0] }
      found.setSolved()
      if wrong.isEmpty { break }
      let settled = solver.settled(
        values, near: wrong, plane: chroma, reliable: isSure)
      let changed = settled.indices.filter { settled[$0] != values[$0] }
      for cell in settled.indices where cells.most[cell] < BlockSolver.free {
        cells.values[cell] = Int16(clamping: settled[cell])
        cells.least[cell] = cells.values[cell]
        cells.most[cell] = cells.values[cell]
      }
      found.reopen(changed)
      if round < settlingRounds { found.solve(cells) }
    }
  }

  private static let settlingRounds = 5

  /// The lumas that, with the chroma that was made, give each pixel's colour.
  private static func bound(
    _ luma: inout BoundedPlane, by made: [[UInt16]], _ known: JFIFPlanes,
    _ colors: [[UInt16]]
  ) {
    let lattice = ColorLattice.jfif
    for place in luma.values.indices {
      let k = SIMD3(0, Int(made[0][place]), Int(made[1][place]))
      let color = SIMD3(
        Int(colors[0][place]), Int(colors[1][place]), Int(colors[2][place]))
      if let range = lattice.lumas(k, giving: color), range.overlaps(0...255) {
        luma.least[place] = Int16(clamping: max(range.lowerBound, -1))
        luma.most[place] = Int16(clamping: min(range.upperBound, 256))
        let value = Int(luma.values[place])
        luma.values[place] = Int16(
          min(max(value, max(range.lowerBound, 0)), min(range.upperBound, 255)))
      } else if !known.isSure[place] {
        luma.setFree(place)
      } else {
        luma.least[place] = luma.values[place]
        luma.most[place] = luma.values[place]
      }
    }
  }

  /// Brings the samples of blocks that are not solved into their ranges.
  private mutating func finish(_ bounded: [BoundedPlane]) {
    for (index, plane) in planes.enumerated() {
      var values = plane.samples()
      made.append(values)
      let grid = plane.grid
      for y in 0..<grid.rows {
        for x in 0..<grid.columns where !isSolved[index][y * grid.columns + x] {
          grid.forSamples(x, y) { place, _ in
            let (low, high) = (bounded[index].least[place], bounded[index].most[place])
            let value = min(max(Int16(truncatingIfNeeded: values[place]), low), high)
            values[place] = UInt16(min(max(value, 0), 255))
          }
        }
      }
      samples.append(values)
    }
  }
}
