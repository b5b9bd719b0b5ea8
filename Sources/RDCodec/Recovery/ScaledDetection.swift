internal import DecoderCore

/// Finds out whether a decoder enlarged chroma by its inverse DCT: the encoder's alone.
struct ScaledDetection {
  private static let blockCount = 400
  private static let variedCount = 60
  private static let trialCount = 32
  /// Fewer blocks that are not flat say nothing.
  private static let minimumCount = 8
  /// What samples that are only rounded leave, at most: 1/12 at the mean.
  private static let roundedRest: Float = 0.13
  private static let minimumFits = 0.9
  private static let minimumSolved = 0.8

  /// The planes with their sampling, and grid and table of both; its bits are those of as many pixels
  /// as all trials have.
  static func find(
    _ known: JFIFPlanes, lumaGrid: BlockGrid
  ) -> (known: JFIFPlanes, candidate: PlaneRecovery.Candidate)? {
    var best: (known: JFIFPlanes, candidate: PlaneRecovery.Candidate)?
    for (sampling, grid) in shapes(known, lumaGrid) {
      let shape = ScaledChroma(sampling, grid, width: known.width, height: known.height)
      // One axis fits where both are doubled: a trial tells.
      guard fits(known, shape) >= minimumFits else { continue }
      let cells = (0..<2).map { self.cells(known, shape, $0) }
      for table in StepEstimate(cells, grid).tables {
        let trial = trial(known, shape, table)
        guard trial.fraction >= minimumSolved, trial.bits < best?.candidate.bits ?? .max else {
          continue
        }
        var result = known
        result.sampling = sampling
        result.scalesChroma = true
        result.otherSamplings = []
        result.cells = cells.map(\.values)
        best = (result, trial)
      }
    }
    return best
  }

  /// The plane of levels of chroma plane 0 or 1.
  static func levels(
    _ known: JFIFPlanes, _ index: Int, _ candidate: PlaneRecovery.Candidate
  ) -> LevelPlane {
    var plane = LevelPlane(grid: candidate.grid, table: candidate.table)
    guard let shape = known.scaled(candidate.grid) else { return plane }
    var solver = ScaledSolver(shape, known.chroma[index], known.isSure)
    var levels = [Int16](repeating: 0, count: 64)
    for y in 0..<candidate.grid.rows {
      for x in 0..<candidate.grid.columns {
        _ = solver.load(x, y)
        _ = solver.solve(candidate.table, into: &levels)
        let first = (y * candidate.grid.columns + x) * 64
        plane.levels.replaceSubrange(first..<first + 64, with: levels)
      }
    }
    return plane
  }

  /// Samplings with grids that go with luma's: a block of chroma begins with one of luma.
  private static func shapes(
    _ known: JFIFPlanes, _ luma: BlockGrid
  ) -> [(sampling: ChromaSampling, grid: BlockGrid)] {
    [(true, true), (true, false), (false, true)].flatMap { columns, rows in
      let phases = { (phase: Int, isHalved: Bool) in isHalved ? [phase, phase + 8] : [phase] }
      return phases(luma.rowPhase, rows).flatMap { row in
        phases(luma.columnPhase, columns).map { column in
          let sampling = ChromaSampling(
            filter: .replicated, halvesColumns: columns, halvesRows: rows,
            columnPhase: columns ? column & 1 : 0, rowPhase: rows ? row & 1 : 0)
          let size = sampling.cellSize(width: known.width, height: known.height)
          let grid = BlockGrid(
            width: size.columns, height: size.rows, columnPhase: columns ? column >> 1 : column,
            rowPhase: rows ? row >> 1 : row)
          return (sampling, grid)
        }
      }
    }
  }

  /// The fraction of some blocks that are not flat whose samples are those of their low frequencies.
  private static func fits(_ known: JFIFPlanes, _ shape: ScaledChroma) -> Double {
    var (count, fits) = (0, 0)
    let blocks = GridSearch.blocks(shape.grid, blockCount)
    for plane in 0..<2 {
      var solver = ScaledSolver(shape, known.chroma[plane], known.isSure)
      for (x, y) in blocks where solver.load(x, y) && solver.isVaried {
        if count >= variedCount * (plane + 1) { break }
        count += 1
        if solver.rest() < roundedRest { fits += 1 }
        // Most are ruled out at once.
        if count >= minimumCount && 2 * fits < count { return 0 }
      }
    }
    return count >= minimumCount ? Double(fits) / Double(count) : 0
  }

  /// Cells that would have the blocks' coefficients, of those blocks that steps are estimated by; free
  /// where pixels of a block are unknown, and elsewhere.
  private static func cells(
    _ known: JFIFPlanes, _ shape: ScaledChroma, _ index: Int
  ) -> BoundedPlane {
    let grid = shape.grid
    var cells = BoundedPlane(
      width: grid.width, height: grid.height,
      values: Array(repeating: 128, count: grid.width * grid.height))
    let transform = FloatDCT()
    let rows = Buffer<FloatDCT.Row>(zeroed: 8)
    let values = UnsafeMutableRawPointer(rows.base).assumingMemoryBound(to: Float.self)
    var solver = ScaledSolver(shape, known.chroma[index], known.isSure)
    for place in cells.values.indices { cells.setFree(place) }
    for (x, y) in GridSearch.blocks(grid, StepEstimate.blockCount) where solver.load(x, y) {
      solver.findCoefficients()
      for k in 0..<64 { values[k] = solver.coefficients[k] }
      transform.inverse(rows.base)
      grid.forSamples(x, y) { place, inside in
        let value = Int16(min(max((values[inside] + 128).rounded(.toNearestOrEven), 0), 255))
        (cells.values[place], cells.least[place], cells.most[place]) = (value, value, value)
      }
    }
    return cells
  }

  /// How many of some blocks a table explains to the last sample.
  private static func trial(
    _ known: JFIFPlanes, _ shape: ScaledChroma, _ table: QuantisationTable
  ) -> PlaneRecovery.Candidate {
    var (count, solved, bits) = (0, 0, 0)
    var levels = [Int16](repeating: 0, count: 64)
    let blocks = GridSearch.blocks(shape.grid, trialCount)
    for plane in 0..<2 {
      var solver = ScaledSolver(shape, known.chroma[plane], known.isSure)
      for (x, y) in blocks where solver.load(x, y) {
        // Blocks that are not solved take time.
        if Double(count - solved) > (1 - minimumSolved) * Double(2 * blocks.count) + 1 {
          return PlaneRecovery.Candidate(grid: shape.grid, table: table, fraction: 0, bits: .max)
        }
        let isSolved = solver.solve(table, into: &levels)
        bits += StepEstimate.bits(levels) + (isSolved ? 0 : StepEstimate.unsolvedBits)
        solved += isSolved ? 1 : 0
        count += 1
      }
    }
    // Of as many blocks as other trials have, and for as many pixels.
    let pixels = max(count, 1) * shape.blockWidth * shape.blockHeight
    return PlaneRecovery.Candidate(
      grid: shape.grid, table: table, fraction: Double(solved) / Double(max(count, 1)),
      bits: bits * PlaneRecovery.trialCount * 64 * 4 / pixels)
  }
}
