internal import DecoderCore

/// Chooses chroma cells where pixels do not determine them by their chroma alone: near clamped
/// samples. The encoder's alone.
///
/// There a pixel still says which pairs of chroma some luma turns into its colour; both planes'
/// cells are looked for together, such that most pixels around agree.
struct CellRefinement: ~Copyable {
  private let lattice: ColorLattice
  private let solver: ChromaSolver
  private let coordinates: [[Int16]]
  private let isSure: [Bool]
  private let samples: [[UInt16]]
  private(set) var cells: [[Int32]]
  /// What cells add up to at every pixel, in sixteenths.
  private let firstSums: PixelPlane<Int32>
  private let secondSums: PixelPlane<Int32>
  /// Samples, chroma and -1 where it is sure, where one step of luma is one of every sample.
  private let pixels: Pixels
  private let isUnit: Bool
  /// Rows of the pixels of one cell.
  private let window = Buffer<WindowRow>(zeroed: ChromaSolver.Support.reach)
  private var rowCount = 0

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
    let (width, height) = (solver.width, solver.height)
    firstSums = PixelPlane(solver.sums(cells[0]), width: width, height: height)
    secondSums = PixelPlane(solver.sums(cells[1]), width: width, height: height)
    isUnit = lattice.matrix.allSatisfy { $0.x == 1 << ColorLattice.fractionBits }
    pixels = Pixels(
      lattice, coordinates, isSure, samples, isUnit ? width : 0, isUnit ? height : 0)
    workLeft = work.cellTries(samples[0].count)
  }

  /// What pixels are, four side by side.
  private struct Pixels: ~Copyable {
    let red, green, blue: PixelPlane<UInt8>
    let first, second: PixelPlane<Int16>
    let sure: PixelPlane<Int8>
    /// What chroma adds to each sample, and 65535 less what is added to all, in 2⁻¹⁶.
    let firstParts, secondParts, rest: SIMD4<Int32>

    init(
      _ lattice: ColorLattice, _ coordinates: [[Int16]], _ isSure: [Bool], _ samples: [[UInt16]],
      _ width: Int, _ height: Int
    ) {
      let bytes = { (plane: [UInt16]) in plane.map { UInt8(truncatingIfNeeded: $0) } }
      red = PixelPlane(bytes(samples[0]), width: width, height: height)
      green = PixelPlane(bytes(samples[1]), width: width, height: height)
      blue = PixelPlane(bytes(samples[2]), width: width, height: height)
      first = PixelPlane(coordinates[1], width: width, height: height)
      second = PixelPlane(coordinates[2], width: width, height: height)
      sure = PixelPlane(isSure.map { $0 ? -1 : 0 }, width: width, height: height)
      var (firstParts, secondParts, rest) = (
        SIMD4<Int32>.zero, SIMD4<Int32>.zero, SIMD4<Int32>.zero
      )
      for channel in 0..<3 {
        firstParts[channel] = Int32(lattice.matrix[channel].y)
        secondParts[channel] = Int32(lattice.matrix[channel].z)
        rest[channel] =
          65535 &- Int32(truncatingIfNeeded: lattice.position(SIMD3(0, 0, 0), channel))
      }
      (self.firstParts, self.secondParts, self.rest) = (firstParts, secondParts, rest)
    }

    /// The lumas that samples allow, less what ``luma(_:_:_:)`` says; without end where they are clamped.
    @inline(__always)
    func bounds(
      _ samples: SIMD4<UInt8>, _ channel: Int
    ) -> (low: SIMD4<Int32>, high: SIMD4<Int32>) {
      let values = SIMD4<Int32>(truncatingIfNeeded: samples)
      return (
        values.replacing(with: -CellRefinement.unbounded, where: values .== 0),
        values.replacing(with: CellRefinement.unbounded, where: values .== 255)
      )
    }

    /// What a sample's luma is more than the sample, with such chroma.
    @inline(__always)
    func luma(_ channel: Int, _ a: SIMD4<Int32>, _ b: SIMD4<Int32>) -> SIMD4<Int32> {
      (rest[channel] &- firstParts[channel] &* a &- secondParts[channel] &* b) &>> 16
    }
  }

  mutating func refine() {
    var open = openCells()
    // Cells around which nothing has changed would stay as they are.
    var isDue = [Bool](repeating: true, count: solver.cellCount)
    for _ in 0..<Self.sweeps where workLeft > 0 {
      var changed = false
      for cell in open where isDue[cell] && workLeft > 0 {
        isDue[cell] = false
        guard refine(cell) else { continue }
        changed = true
        solver.markAround(cell, &isDue)
      }
      if !changed { break }
      var stillOpen: [Int] = []
      for cell in open {
        load(cell)
        if !isDue[cell] || cost(cell, 0, 0, below: .max) > 0 { stillOpen.append(cell) }
      }
      open = stillOpen
    }
  }

  /// The cells that some pixel has doubts about, in ascending order.
  private func openCells() -> [Int] {
    let (rows, columns) = (solver.rowSupport, solver.columnSupport)
    var isOpen = [Bool](repeating: false, count: solver.cellCount)
    let (first, second) = (coordinates[1], coordinates[2])
    for y in 0..<solver.height {
      let row = solver.rows.taps[y]
      for x in 0..<solver.width {
        let pixel = y &* solver.width &+ x
        let isSure = isSure[pixel]
        if isSure && firstSums[y, x] >> 4 == Int32(first[pixel])
          && secondSums[y, x] >> 4 == Int32(second[pixel])
        {
          continue
        }
        let column = solver.columns.taps[x]
        for cy in [row.near, row.far] {
          for cx in [column.near, column.far] {
            let weight =
              rows.weights[cy][y - rows.firsts[cy]] * columns.weights[cx][x - columns.firsts[cx]]
            if isSure || weight > 6 { isOpen[cy * solver.columns.cellCount + cx] = true }
          }
        }
      }
    }
    return isOpen.indices.filter { isOpen[$0] }
  }

  /// Whether the cell changed.
  private mutating func refine(_ cell: Int) -> Bool {
    load(cell)
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
    cells[0][cell] += best.first
    cells[1][cell] += best.second
    solver.forSupport(cell) { pixel, weight in
      let (y, x) = (pixel / solver.width, pixel % solver.width)
      firstSums[y, x] &+= weight &* best.first
      secondSums[y, x] &+= weight &* best.second
    }
    return true
  }

  /// What the pixels of the cell that was loaded cost with these steps added to it; stops at `limit`.
  private func cost(_ cell: Int, _ first: Int32, _ second: Int32, below limit: Int) -> Int {
    if isUnit { return quickCost(first, second, below: limit) }
    var cost = 0
    solver.forSupport(cell) { pixel, weight in
      guard cost < limit else { return }
      let (y, x) = (pixel / solver.width, pixel % solver.width)
      let a = Int((firstSums[y, x] &+ weight &* first) >> 4)
      let b = Int((secondSums[y, x] &+ weight &* second) >> 4)
      if isSure[pixel] && a == Int(coordinates[1][pixel]) && b == Int(coordinates[2][pixel]) {
        return
      }
      let color = SIMD3(
        Int(samples[0][pixel]), Int(samples[1][pixel]), Int(samples[2][pixel]))
      let gap = lattice.lumaGap(SIMD3(0, a, b), giving: color)
      if gap > 0 {
        // The further off, the more; so that steps find the way from afar.
        cost += min(
          Self.missCost + Self.gapCost * gap, isSure[pixel] ? Self.exceptionCost : Self.openCost)
      } else if isSure[pixel] {
        cost += Self.otherLumaCost
      }
    }
    return cost
  }

  private static let openCost = 99
  /// Beyond any luma.
  private static let unbounded: Int32 = 1 << 20

  /// Loads the pixels that a cell has a part in, to be looked at many times.
  private mutating func load(_ cell: Int) {
    guard isUnit else { return }
    let count = solver.columns.cellCount
    let (cy, cx) = (cell / count, cell % count)
    let across = solver.columnSupport.weights[cx]
    let (top, left) = (solver.rowSupport.firsts[cy], solver.columnSupport.firsts[cx])
    let down = solver.rowSupport.weights[cy]
    rowCount = 0
    for i in solver.rowSupport.ranges[cy] {
      let y = top &+ i
      let sure = Four(truncatingIfNeeded: pixels.sure[four: y, left])
      var limit = Four(repeating: Int32(Self.openCost))
        .replacing(with: Int32(Self.exceptionCost), where: sure .< 0)
      var other = Four.zero.replacing(with: Int32(Self.otherLumaCost), where: sure .< 0)
      // Pixels of other cells cost nothing.
      limit.replace(with: 0, where: across .== 0)
      other.replace(with: 0, where: across .== 0)
      let red = pixels.bounds(pixels.red[four: y, left], 0)
      let green = pixels.bounds(pixels.green[four: y, left], 1)
      let blue = pixels.bounds(pixels.blue[four: y, left], 2)
      window[rowCount] = WindowRow(
        weight: across &* down[i], firstSums: firstSums[four: y, left],
        secondSums: secondSums[four: y, left],
        first: Four(truncatingIfNeeded: pixels.first[four: y, left]),
        second: Four(truncatingIfNeeded: pixels.second[four: y, left]), sure: sure,
        mostCost: limit, otherCost: other, redLow: red.low, redHigh: red.high,
        greenLow: green.low, greenHigh: green.high, blueLow: blue.low, blueHigh: blue.high)
      rowCount += 1
    }
  }

  /// The same where one step of luma is one of every sample: each asks for one luma.
  private func quickCost(_ first: Int32, _ second: Int32, below limit: Int) -> Int {
    var cost = 0
    for i in 0..<rowCount where cost < limit {
      let row = window.base + i
      let weight = row.pointee.weight
      let a = (row.pointee.firstSums &+ weight &* first) &>> 4
      let b = (row.pointee.secondSums &+ weight &* second) &>> 4
      let (red, green, blue) = (pixels.luma(0, a, b), pixels.luma(1, a, b), pixels.luma(2, a, b))
      var low = row.pointee.redLow &+ red
      low.raise(to: row.pointee.greenLow &+ green)
      low.raise(to: row.pointee.blueLow &+ blue)
      var high = row.pointee.redHigh &+ red
      high.lower(to: row.pointee.greenHigh &+ green)
      high.lower(to: row.pointee.blueHigh &+ blue)
      let gap = low &- high
      var miss = Int32(Self.missCost) &+ Int32(Self.gapCost) &* gap
      miss.lower(to: row.pointee.mostCost)
      let isRight =
        a .== row.pointee.first .& b .== row.pointee.second .& row.pointee.sure .< 0
      var costs = row.pointee.otherCost.replacing(with: miss, where: gap .> 0)
      costs.replace(with: 0, where: isRight)
      cost &+= Int(costs.wrappedSum())
    }
    return cost
  }

  private typealias Four = SIMD4<Int32>

  /// Four pixels of the cell that is looked at.
  private struct WindowRow {
    /// The cell's part in them, in sixteenths, and what all cells add up to.
    var weight, firstSums, secondSums: Four
    var first, second, sure: Four
    /// What they cost at most, and where another luma has to do.
    var mostCost, otherCost: Four
    /// The least and the largest luma that each sample allows where chroma adds nothing to it.
    var redLow, redHigh, greenLow, greenHigh, blueLow, blueHigh: Four
  }
}

extension SIMD4<Int32> {
  @inline(__always)
  fileprivate mutating func raise(to least: Self) { replace(with: least, where: least .> self) }

  @inline(__always)
  fileprivate mutating func lower(to most: Self) { replace(with: most, where: most .< self) }
}
