internal import DecoderCore

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
