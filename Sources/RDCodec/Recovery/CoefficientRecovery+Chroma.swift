internal import DecoderCore

/// Grid, tables and levels of chroma.
extension CoefficientRecovery {
  private static let settlingRounds = 5
  /// The fraction of a trial's blocks from which on no other table is looked for.
  private static let clearFraction = 0.95

  /// A plane of chroma, and the cells that it was recovered from.
  typealias ChromaPart = (plane: PlaneRecovery, cells: BoundedPlane)

  /// Grid and tables of both planes of chroma, with the sampling that they go with; nil where there
  /// are none. The file names one grid.
  static func chromaCandidates(
    _ known: JFIFPlanes, luma: PlaneRecovery.Candidate
  ) -> (known: JFIFPlanes, candidates: [PlaneRecovery.Candidate])? {
    let scaled = ScaledDetection.find(known, lumaGrid: luma.grid)
    var best: (bits: Int, known: JFIFPlanes, candidates: [PlaneRecovery.Candidate])?
    for sampling in [known.sampling] + known.otherSamplings {
      let known = sampling == known.sampling ? known : known.with(sampling)
      let cells = (0..<2).map { Self.cells(known, $0, luma.method) }
      let loose = known.sampling == nil ? nil : cells.map(loosened)
      let grids = chromaGrids(luma.grid, known.sampling, cells[0])
      // Trials have as many blocks, of more or fewer pixels.
      let pixels =
        (sampling?.halvesColumns == true ? 2 : 1) * (sampling?.halvesRows == true ? 2 : 1)
      let both = PlaneRecovery.candidate(cells, among: grids, loosely: loose)
      if let both, both.bits * 4 / pixels < best?.bits ?? .max {
        best = (both.bits * 4 / pixels, known, [both, both])
      }
      if both?.fraction ?? 0 > clearFraction { continue }
      let each = (0..<2).compactMap { plane in
        PlaneRecovery.candidate(
          [cells[plane]], among: both.map { [$0.grid] } ?? grids,
          loosely: loose.map { [$0[plane]] })
      }
      guard each.count == 2, each[0].grid == each[1].grid else { continue }
      let bits = (each[0].bits + each[1].bits) / 2 * 4 / pixels
      // Two tables are rare.
      if bits < (best?.bits ?? .max) / 10 * 9 { best = (bits, known, each) }
    }
    if let scaled, scaled.candidate.bits < best?.bits ?? .max {
      return (scaled.known, [scaled.candidate, scaled.candidate])
    }
    return best.map { ($0.known, $0.candidates) }
  }

  static func chromaPart(
    _ known: JFIFPlanes, _ index: Int, _ candidate: PlaneRecovery.Candidate,
    _ work: RecoveryWork
  ) -> ChromaPart {
    if known.scalesChroma {
      // Pixels say all, cells are not looked at.
      let cells = BoundedPlane(
        width: candidate.grid.width, height: candidate.grid.height, values: known.cells[index])
      return (PlaneRecovery(ScaledDetection.levels(known, index, candidate)), cells)
    }
    var cells = Self.cells(known, index, candidate.method)
    var plane = PlaneRecovery(
      cells, candidate, isQuick: known.sampling != nil, work: work)
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
  private static func cells(
    _ known: JFIFPlanes, _ index: Int, _ method: InverseDCT.Method
  ) -> BoundedPlane {
    guard let sampling = known.sampling else {
      var plane = BoundedPlane(
        width: known.width, height: known.height, values: known.chroma[index])
      plane.method = method
      for place in plane.values.indices where !known.isSure[place] { plane.setFree(place) }
      return plane
    }
    let solver = ChromaSolver(sampling, width: known.width, height: known.height)
    var plane = BoundedPlane(
      width: solver.columns.cellCount, height: solver.rows.cellCount, values: known.cells[index])
    plane.method = method
    for cell in solver.cells(under: known.isSure.indices.filter { !known.isSure[$0] }) {
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
      let sums = solver.sums(values)
      let wrong = sums.indices.filter {
        isSure[$0] && Int16(clamping: sums[$0] >> 4) != chroma[$0]
      }
      found.setSolved()
      if wrong.isEmpty { break }
      let settled = solver.settled(
        values, sums, near: wrong, plane: chroma, reliable: isSure)
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
}
