internal import DecoderCore

/// What lattice recovery knows of an image that is YCbCr by JFIF's rule; values 0 ... 255 where
/// they are right.
struct JFIFPlanes {
  let width: Int
  let height: Int
  var sampling: ChromaSampling?
  /// Whether the decoder's inverse DCT enlarged chroma; ``sampling`` says which axes.
  var scalesChroma = false
  var luma: [Int16]
  /// Of every pixel.
  var chroma: [[Int16]]
  /// What the sampling's cells are; without a sampling, `chroma`.
  var cells: [[Int16]]
  /// Whether a pixel's coordinates are certain.
  var isSure: [Bool]
  /// Other samplings that the pixels may have, in the order that they are tried.
  var otherSamplings: [ChromaSampling?] = []

  /// How blocks of chroma become pixels, where the inverse DCT enlarges them.
  func scaled(_ grid: BlockGrid) -> ScaledChroma? {
    guard scalesChroma, let sampling else { return nil }
    return ScaledChroma(sampling, grid, width: width, height: height)
  }

  /// The same with another sampling.
  func with(_ sampling: ChromaSampling?) -> JFIFPlanes {
    var result = self
    result.sampling = sampling
    result.cells = chroma
    if let sampling {
      let solver = ChromaSolver(sampling, width: width, height: height)
      result.cells = chroma.map { plane in
        solver.cells(of: plane, reliable: isSure).map { Int16(clamping: $0) }
      }
    }
    return result
  }
}

/// Recovers the coefficients of the JPEG file that an image was decoded from: the encoder's alone.
struct CoefficientRecovery {
  /// Luma; then, where there is chroma, two more.
  private(set) var planes: [LevelPlane]
  /// Samples of the planes: what the levels give, and what they should.
  private(set) var made: [[UInt16]] = []
  private(set) var samples: [[UInt16]] = []
  /// Chroma of every pixel, where there are colours.
  private(set) var chroma: [[UInt16]] = []
  private(set) var isSolved: [[Bool]]
  /// Of colours: with the sampling that was found right.
  private(set) var known: JFIFPlanes?

  /// The fraction of blocks whose levels give all their samples.
  var solvedFraction: Double {
    let count = isSolved.reduce(0) { $0 + $1.count }
    let solved = isSolved.reduce(0) { $0 + $1.count { $0 } }
    return Double(solved) / Double(max(count, 1))
  }

  /// Such as "steps of a JPEG file of quality 80, 588 of 588, 140 of 147, 147 of 147 blocks".
  var note: String {
    let quality = QuantisationTable.codes.first { QuantisationTable(code: $0) == planes[0].table }
    let table =
      (quality.map { "of quality \(($0 - 1) % 100 + 1)" } ?? "with its own tables")
      + (known?.scalesChroma ?? false ? ", chroma by a scaled DCT" : "")
      + (planes[0].method == .fast ? ", by the fast DCT" : "")
    let blocks = isSolved.map { "\($0.count { $0 }) of \($0.count)" }.joined(separator: ", ")
    return "steps of a JPEG file \(table), \(blocks) blocks"
  }

  private static let phases = (0..<64).map { (column: $0 % 8, row: $0 / 8) }

  /// One plane of samples of 8 bits, all certain.
  init?(grey samples: [UInt16], width: Int, height: Int, work: RecoveryWork) {
    var plane = BoundedPlane(
      width: width, height: height, values: samples.map { Int16(truncatingIfNeeded: $0) })
    let grids = Self.grids(width, height)
    guard GridSearch.seemsBlocked(plane, grids),
      let candidate = PlaneRecovery.candidate(ofAnyMethod: plane, among: grids)
    else { return nil }
    plane.method = candidate.method
    let luma = PlaneRecovery(plane, candidate, isQuick: false, work: work)
    planes = [luma.plane]
    isSolved = [luma.isSolved]
    finish([plane])
  }

  init?(_ known: JFIFPlanes, _ colors: [[UInt16]], work: RecoveryWork) {
    let (width, height) = (known.width, known.height)
    // Luma first, though its ranges follow from chroma: it shows the grid.
    var luma = BoundedPlane(width: width, height: height, values: known.luma)
    for place in luma.values.indices where !known.isSure[place] { luma.setFree(place) }
    let grids = Self.grids(width, height)
    // Any grey image is JFIF's.
    let isGrey = known.chroma.allSatisfy { $0.allSatisfy { $0 == 128 } }
    guard !isGrey || GridSearch.seemsBlocked(luma, grids),
      let candidate = PlaneRecovery.candidate(ofAnyMethod: luma, among: grids)
    else { return nil }
    luma.method = candidate.method
    guard let chosen = Self.chromaCandidates(known, luma: candidate) else { return nil }
    let known = chosen.known
    var first = PlaneRecovery(luma, candidate, isQuick: false, work: work)
    let chromaParts = zip(0..., chosen.candidates).map { Self.chromaPart(known, $0, $1, work) }
    var found = chromaParts.map(\.plane)
    let bounded = chromaParts.map(\.cells)
    var clamped = ClampedChroma(known, colors, found.map(\.plane), work)
    clamped.refine()
    for index in 0..<2 {
      found[index].replace(clamped.planes[index])
      if known.sampling == nil { found[index].judge(bounded[index]) }
    }
    Self.judge(&found, bounded, known)
    planes = [first.plane] + found.map(\.plane)
    isSolved = [first.isSolved] + found.map(\.isSolved)
    finish([nil] + bounded)
    if let scaled = known.scaled(planes[1].grid) {
      chroma = planes[1...].map(scaled.samples)
    } else {
      chroma = samples[1...].map {
        known.sampling?.upsampled($0, width: width, height: height) ?? $0
      }
    }
    Self.bound(&luma, by: chroma, known, colors)
    let now = first.plane.samples().map { Int16(truncatingIfNeeded: $0) }
    first.reopen(now.indices.filter { now[$0] < luma.least[$0] || now[$0] > luma.most[$0] })
    first.solve(luma)
    planes[0] = first.plane
    isSolved[0] = first.isSolved
    finish([luma] + bounded)
    self.known = known
  }

  private static func grids(_ width: Int, _ height: Int) -> [BlockGrid] {
    phases.map {
      BlockGrid(width: width, height: height, columnPhase: $0.column, rowPhase: $0.row)
    }
  }

  /// A plane of chroma, and the cells that it was recovered from.
  private typealias ChromaPart = (plane: PlaneRecovery, cells: BoundedPlane)

  /// Grid and tables of both planes of chroma, with the sampling that they go with; nil where there
  /// are none. The file names one grid.
  private static func chromaCandidates(
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

  private static func chromaPart(
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
  /// The fraction of a trial's blocks from which on no other table is looked for.
  private static let clearFraction = 0.95

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

  /// Blocks of smaller chroma are solved unless cells of their own pay: by the number of pixels
  /// that levels leave wrong.
  private static func judge(
    _ found: inout [PlaneRecovery], _ cells: [BoundedPlane], _ known: JFIFPlanes
  ) {
    guard let sampling = known.sampling, !known.scalesChroma else { return }
    let grid = found[0].plane.grid
    let (width, height) = (known.width, known.height)
    let samples = found.map { $0.plane.samples() }
    let made = samples.map { sampling.upsampled($0, width: width, height: height) }
    let columns = sampling.columns(width: width)
    let rows = sampling.rows(height: height)
    var wrong = [[Int]](repeating: [Int](repeating: 0, count: grid.blockCount), count: 2)
    for y in 0..<height {
      let row = (rows.taps[y].near + grid.rowPhase) >> 3
      for x in 0..<width {
        let place = y * width + x
        guard known.isSure[place] else { continue }
        let block = row * grid.columns + (columns.taps[x].near + grid.columnPhase) >> 3
        for plane in 0..<2 where Int16(made[plane][place]) != known.chroma[plane][place] {
          wrong[plane][block] += 1
        }
      }
    }
    for plane in 0..<2 {
      found[plane].setSolved()
      for y in 0..<grid.rows {
        for x in 0..<grid.columns {
          let count = wrong[plane][y * grid.columns + x]
          guard count > 0 else { continue }
          var (differences, first) = (0, 0)
          grid.forSamples(x, y) { place, _ in
            let value = Int16(samples[plane][place])
            if value < cells[plane].least[place] || value > cells[plane].most[place] {
              differences += 1
              first = place
            }
          }
          if differences > 0 && pixelBits * count > blockBits + differenceBits * differences {
            found[plane].reopen([first])
          }
        }
      }
    }
  }

  /// Roughly what a wrong pixel, a block's differences and each of these take.
  private static let pixelBits = 10
  private static let blockBits = 20
  private static let differenceBits = 7

  /// Brings the samples of blocks that are not solved into their ranges.
  private mutating func finish(_ bounded: [BoundedPlane?]) {
    made = []
    samples = []
    for (index, plane) in planes.enumerated() {
      var values = plane.samples()
      made.append(values)
      let grid = plane.grid
      guard let bounds = bounded[index] else {
        samples.append(values)
        continue
      }
      for y in 0..<grid.rows {
        for x in 0..<grid.columns where !isSolved[index][y * grid.columns + x] {
          grid.forSamples(x, y) { place, _ in
            let (low, high) = (bounds.least[place], bounds.most[place])
            let value = min(max(Int16(truncatingIfNeeded: values[place]), low), high)
            values[place] = UInt16(min(max(value, 0), 255))
          }
        }
      }
      samples.append(values)
    }
  }
}
