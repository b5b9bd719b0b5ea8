internal import DecoderCore

/// Chooses chroma cells where pixels do not determine them by their chroma alone: near clamped
/// samples. The encoder's alone.
///
/// There a pixel still says which pairs of chroma some luma turns into its colour; both planes'
/// cells are looked for together, such that most pixels around agree.
struct CellRefinement {
  private let lattice: ColorLattice
  private let solver: ChromaSolver
  private let coordinates: [[Int16]]
  private let isSure: [Bool]
  private let samples: [[UInt16]]
  private(set) var cells: [[Int32]]
  /// What cells add up to at every pixel, in sixteenths.
  private var sums: [[Int32]]

  /// What a pixel costs, in no unit: at most, where its chroma is sure; where its channels ask for
  /// different lumas; for each step between these; and where another luma has to do. Against a
  /// step of a cell. Tuned on pictures of `valid` with 18 to 71 % of clamped pixels.
  private static let exceptionCost = 24
  private static let missCost = 10
  private static let gapCost = 2
  private static let otherLumaCost = 2
  private static let stepCost = 1
  private static let sweeps = 16
  /// Tries of a cell that are left.
  private var workLeft: Int

  /// All small steps, and long ones in eight directions.
  private static let offsets: [(distance: Int, first: Int32, second: Int32)] = {
    let near = (-2...2).flatMap { i in (-2...2).map { (i, $0) } }
    let far = [3, 4, 6, 8, 12, 16].flatMap { length in
      [(1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, -1), (1, -1), (-1, 1)].map {
        (length * $0.0, length * $0.1)
      }
    }
    return (near + far).map { (abs($0.0) + abs($0.1), Int32($0.0), Int32($0.1)) }
      .stablySorted { $0.0 }
  }()

  init(
    lattice: ColorLattice, solver: ChromaSolver, coordinates: [[Int16]], isSure: [Bool],
    samples: [[UInt16]], cells: [[Int32]], work: RecoveryWork
  ) {
    self.lattice = lattice
    self.solver = solver
    self.coordinates = coordinates
    self.isSure = isSure
    self.samples = samples
    self.cells = cells
    sums = cells.map(solver.sums)
    workLeft = work.cellTries(samples[0].count)
  }

  mutating func refine() {
    var open = openCells()
    for _ in 0..<Self.sweeps where workLeft > 0 {
      var next: [Int] = []
      for cell in open where workLeft > 0 && refine(cell) { next.append(cell) }
      if next.isEmpty { break }
      open = open.filter { cost($0, 0, 0, below: .max) > 0 }
    }
  }

  /// The cells that some pixel has doubts about.
  private func openCells() -> [Int] {
    (0..<solver.cellCount).filter { cell in
      var isOpen = false
      solver.forSupport(cell) { pixel, weight in
        if !isSure[pixel] && weight > 6 { isOpen = true }
        for plane in 0..<2 where isSure[pixel] {
          let value = sums[plane][pixel] >> 4
          if value != Int32(coordinates[plane + 1][pixel]) { isOpen = true }
        }
      }
      return isOpen
    }
  }

  /// Whether the cell changed.
  private mutating func refine(_ cell: Int) -> Bool {
    var best = (cost: cost(cell, 0, 0, below: .max), first: Int32(0), second: Int32(0))
    for (distance, first, second) in Self.offsets where distance > 0 {
      // A step away from what is smooth has to pay.
      let penalty = Self.stepCost * distance
      if penalty >= best.cost { break }
      workLeft -= 1
      let cost = penalty + cost(cell, first, second, below: best.cost - penalty)
      if cost < best.cost { best = (cost, first, second) }
    }
    guard best.first != 0 || best.second != 0 else { return false }
    for (plane, step) in [best.first, best.second].enumerated() where step != 0 {
      cells[plane][cell] += step
      var changed = sums[plane]
      sums[plane] = []
      solver.forSupport(cell) { pixel, weight in changed[pixel] &+= weight &* step }
      sums[plane] = changed
    }
    return true
  }

  /// What the cell's pixels cost with these steps added to the cell; stops at `limit`.
  private func cost(_ cell: Int, _ first: Int32, _ second: Int32, below limit: Int) -> Int {
    var cost = 0
    solver.forSupport(cell) { pixel, weight in
      guard cost < limit else { return }
      let a = Int((sums[0][pixel] &+ weight &* first) >> 4)
      let b = Int((sums[1][pixel] &+ weight &* second) >> 4)
      if isSure[pixel] && a == Int(coordinates[1][pixel]) && b == Int(coordinates[2][pixel]) {
        return
      }
      let color = SIMD3(
        Int(samples[0][pixel]), Int(samples[1][pixel]), Int(samples[2][pixel]))
      let gap = lattice.lumaGap(SIMD3(0, a, b), giving: color)
      if gap > 0 {
        // The further off, the more; so that steps find the way from afar.
        cost += min(Self.missCost + Self.gapCost * gap, isSure[pixel] ? Self.exceptionCost : 99)
      } else if isSure[pixel] {
        cost += Self.otherLumaCost
      }
    }
    return cost
  }
}
