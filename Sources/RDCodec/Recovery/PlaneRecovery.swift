internal import DecoderCore

/// Recovers the levels of one plane from its samples: the encoder's alone.
struct PlaneRecovery {
  private(set) var plane: LevelPlane
  /// Whether a block's levels give all its samples.
  private(set) var isSolved: [Bool]

  private static let trialCount = 64
  private static let hopelessCount = 12
  /// The fraction of a trial's blocks below which there is nothing to find.
  private static let minimumFraction = 0.5

  /// Nil where samples have no such grid; blocks of a trial may be solved `loosely`.
  init?(_ samples: BoundedPlane, among grids: [BlockGrid], loosely loose: BoundedPlane? = nil) {
    var best: (fraction: Double, grid: BlockGrid, table: QuantisationTable)?
    for grid in GridSearch.candidates(samples, among: grids) {
      let estimate = StepEstimate(samples, grid)
      for table in [estimate.example, estimate.free] {
        if let best, best.grid == grid, best.fraction > 0.97 || best.table == table { continue }
        var fraction = Self.trial(loose ?? samples, grid, table)
        // Small steps solve many blocks of anything.
        if table != estimate.example { fraction -= 0.1 }
        if fraction > best?.fraction ?? -1 { best = (fraction, grid, table) }
      }
    }
    guard let best, best.fraction >= Self.minimumFraction else { return nil }
    plane = LevelPlane(grid: best.grid, table: best.table)
    isSolved = []
    // Cells that are nearly right are settled later.
    solve(samples, rounds: loose == nil ? BlockSolver.descentRounds : Self.quickRounds)
  }

  static let quickRounds = 8

  /// The fraction of some blocks that are solved.
  private static func trial(
    _ samples: BoundedPlane, _ grid: BlockGrid, _ table: QuantisationTable
  ) -> Double {
    var solver = BlockSolver(table)
    let block = BlockBuffers()
    let blocks = GridSearch.blocks(grid, trialCount)
    var solved = 0
    for (index, (x, y)) in blocks.enumerated() {
      // Blocks that are not solved take time.
      if index == hopelessCount && 4 * solved < index { return 0 }
      samples.load(
        x, y, of: grid, start: block.start.base, least: block.least.base, most: block.most.base)
      let isSolved = solver.solve(
        start: block.start.base, least: block.least.base, most: block.most.base,
        levels: block.levels.base)
      if isSolved { solved += 1 }
    }
    return Double(solved) / Double(max(blocks.count, 1))
  }

  /// Takes other levels; where certain samples are the plane's own, blocks that miss them are not
  /// solved.
  mutating func replace(_ other: LevelPlane, _ bounds: BoundedPlane, isWhole: Bool) {
    plane = other
    guard isWhole else { return }
    let samples = plane.samples().map { Int16(truncatingIfNeeded: $0) }
    reopen(
      samples.indices.filter { samples[$0] < bounds.least[$0] || samples[$0] > bounds.most[$0] })
  }

  /// Takes all blocks as solved.
  mutating func setSolved() { isSolved = isSolved.map { _ in true } }

  /// Makes the blocks unsolved again that hold these places.
  mutating func reopen(_ places: [Int]) {
    let grid = plane.grid
    for place in places {
      let (row, column) = (place / grid.width, place % grid.width)
      let y = (row + grid.rowPhase) >> 3
      isSolved[y * grid.columns + (column + grid.columnPhase) >> 3] = false
    }
  }

  /// Solves all blocks, or those that are not yet.
  mutating func solve(_ samples: BoundedPlane, rounds: Int = BlockSolver.descentRounds) {
    let grid = plane.grid
    let isFirst = isSolved.isEmpty
    if isFirst { isSolved = Array(repeating: false, count: grid.blockCount) }
    var solver = BlockSolver(plane.table, rounds: rounds)
    let block = BlockBuffers()
    for y in 0..<grid.rows {
      for x in 0..<grid.columns {
        let index = y * grid.columns + x
        guard !isSolved[index] else { continue }
        samples.load(
          x, y, of: grid, start: block.start.base, least: block.least.base,
          most: block.most.base)
        isSolved[index] = solver.solve(
          start: block.start.base, least: block.least.base, most: block.most.base,
          levels: block.levels.base)
        for k in 0..<64 { plane.levels[index * 64 + k] = block.levels[k] }
      }
    }
  }
}

/// A block's samples, their ranges and levels.
private struct BlockBuffers: ~Copyable {
  let start = Buffer<Float>(zeroed: 64)
  let least = Buffer<Int16>(zeroed: 64)
  let most = Buffer<Int16>(zeroed: 64)
  let levels = Buffer<Int16>(zeroed: 64)
}
