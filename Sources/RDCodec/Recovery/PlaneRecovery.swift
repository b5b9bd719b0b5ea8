internal import DecoderCore

/// Recovers the levels of one plane from its samples: the encoder's alone.
struct PlaneRecovery {
  private(set) var plane: LevelPlane
  /// Whether a block's levels give all its samples.
  private(set) var isSolved: [Bool]
  /// Rounds that are left for blocks that rounding does not solve.
  private var roundsLeft: Int

  static let trialCount = 64
  private static let hopelessCount = 12
  private static let hopelessBits = 1 << 30
  /// The fraction of a trial's blocks below which there is nothing to find.
  private static let minimumFraction = 0.5
  /// The fraction from which on no other grid is tried.
  private static let clearFraction = 0.97

  /// A grid and a table, and how many of some blocks they solve.
  struct Candidate {
    var grid: BlockGrid
    var table: QuantisationTable
    var method = InverseDCT.Method.exact
    var fraction: Double
    /// Roughly what those blocks take.
    var bits: Int
  }

  /// The best grid and table that planes share; nil where they have none. Blocks of a trial may be
  /// solved within `loose`.
  static func candidate(
    _ planes: [BoundedPlane], among grids: [BlockGrid], loosely loose: [BoundedPlane]? = nil
  ) -> Candidate? {
    var best: Candidate?
    let rounds = loose == nil ? BlockSolver.descentRounds : quickRounds
    for grid in GridSearch.candidates(planes, among: grids) {
      if let best, best.fraction > clearFraction { break }
      for table in StepEstimate(planes, grid).tables {
        let candidate = trial(planes, grid, table, rounds: rounds)
        if best.map({ candidate.bits < $0.bits }) ?? true { best = candidate }
      }
    }
    // Cells that are off by one show which table is right, but solve few blocks.
    if let loose, let strict = best, strict.fraction < clearFraction {
      best = trial(loose, strict.grid, strict.table, rounds: rounds)
      best?.bits = strict.bits
    }
    guard let best, best.fraction >= minimumFraction else { return nil }
    return best
  }

  /// The same of one plane by whichever method it was decoded.
  static func candidate(ofAnyMethod plane: BoundedPlane, among grids: [BlockGrid]) -> Candidate? {
    let exact = candidate([plane], among: grids)
    if let exact, exact.fraction > clearFraction { return exact }
    var other = plane
    other.method = .fast
    guard let fast = candidate([other], among: exact.map { [$0.grid] } ?? grids) else {
      return exact
    }
    return fast.bits < exact?.bits ?? .max ? fast : exact
  }

  /// Solves all blocks; quickly where cells that are nearly right are settled later.
  init(
    _ samples: BoundedPlane, _ candidate: Candidate, isQuick: Bool, work: RecoveryWork
  ) {
    plane = LevelPlane(grid: candidate.grid, table: candidate.table, method: candidate.method)
    roundsLeft = work.rounds(candidate.grid.blockCount)
    isSolved = []
    solve(samples, rounds: isQuick ? Self.quickRounds : BlockSolver.descentRounds)
  }

  /// Levels that were found elsewhere, which leave nothing to be found.
  init(_ levels: LevelPlane) {
    plane = levels
    isSolved = Array(repeating: true, count: levels.grid.blockCount)
    roundsLeft = 0
  }

  static let quickRounds = 8

  /// What some blocks of all planes come to.
  private static func trial(
    _ planes: [BoundedPlane], _ grid: BlockGrid, _ table: QuantisationTable, rounds: Int
  ) -> Candidate {
    var solver = BlockSolver(table, by: planes[0].method, rounds: rounds)
    let block = BlockBuffers()
    let blocks = GridSearch.blocks(grid, trialCount / planes.count)
    var (count, solved, bits) = (0, 0, 0)
    for (x, y) in blocks {
      for samples in planes {
        // Blocks that are not solved take time.
        if count >= hopelessCount && 4 * solved < count {
          return Candidate(
            grid: grid, table: table, method: planes[0].method, fraction: 0, bits: hopelessBits)
        }
        samples.load(
          x, y, of: grid, start: block.start.base, least: block.least.base, most: block.most.base)
        let isSolved = solver.solve(
          start: block.start.base, least: block.least.base, most: block.most.base,
          levels: block.levels.base)
        bits += StepEstimate.bits(block.levels.base) + (isSolved ? 0 : StepEstimate.unsolvedBits)
        solved += isSolved ? 1 : 0
        count += 1
      }
    }
    return Candidate(
      grid: grid, table: table, method: planes[0].method,
      fraction: Double(solved) / Double(max(count, 1)), bits: bits)
  }

  /// Takes other levels.
  mutating func replace(_ other: LevelPlane) { plane = other }

  /// Takes all blocks as solved but those that miss the bounds.
  mutating func judge(_ bounds: BoundedPlane) {
    setSolved()
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
    var solver = BlockSolver(
      plane.table, by: plane.method, rounds: rounds, roundsLeft: roundsLeft)
    defer { roundsLeft = solver.roundsLeft }
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
