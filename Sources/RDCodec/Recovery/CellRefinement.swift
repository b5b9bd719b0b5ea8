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
      open = open.filter { !isDue[$0] || cost($0, 0, 0, below: .max) > 0 }
    }
  }

  /// The cells that some pixel has doubts about.
  private func openCells() -> [Int] {
    (0..<solver.cellCount).filter { cell in
      var isOpen = false
      solver.forSupport(cell) { pixel, weight in
        if !isSure[pixel] && weight > 6 { isOpen = true }
        guard isSure[pixel], !isOpen else { return }
        let (y, x) = (pixel / solver.width, pixel % solver.width)
        isOpen =
          firstSums[y, x] >> 4 != Int32(coordinates[1][pixel])
          || secondSums[y, x] >> 4 != Int32(coordinates[2][pixel])
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
    cells[0][cell] += best.first
    cells[1][cell] += best.second
    solver.forSupport(cell) { pixel, weight in
      let (y, x) = (pixel / solver.width, pixel % solver.width)
      firstSums[y, x] &+= weight &* best.first
      secondSums[y, x] &+= weight &* best.second
    }
    return true
  }

  /// What the cell's pixels cost with these steps added to the cell; stops at `limit`.
  private func cost(_ cell: Int, _ first: Int32, _ second: Int32, below limit: Int) -> Int {
    if isUnit { return quickCost(cell, first, second, below: limit) }
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

  /// The same where one step of luma is one of every sample: each asks for one luma.
  private func quickCost(_ cell: Int, _ first: Int32, _ second: Int32, below limit: Int) -> Int {
    typealias Four = SIMD4<Int32>
    let count = solver.columns.cellCount
    let (cy, cx) = (cell / count, cell % count)
    let across = solver.columnSupport.weights[cx]
    let (top, left) = (solver.rowSupport.firsts[cy], solver.columnSupport.firsts[cx])
    let down = solver.rowSupport.weights[cy]
    var cost = 0
    for i in solver.rowSupport.ranges[cy] where cost < limit {
      let y = top &+ i
      let weight = across &* down[i]
      let a = (firstSums[four: y, left] &+ weight &* first) &>> 4
      let b = (secondSums[four: y, left] &+ weight &* second) &>> 4
      let sure = Four(truncatingIfNeeded: pixels.sure[four: y, left]) .< 0
      let isRight =
        a .== Four(truncatingIfNeeded: pixels.first[four: y, left])
        .& b .== Four(truncatingIfNeeded: pixels.second[four: y, left]) .& sure
      let isOther = across .== 0
      var low = Four(repeating: -1 << 20)
      var high = Four(repeating: 1 << 20)
      Self.narrow(&low, &high, pixels.red[four: y, left], pixels.luma(0, a, b))
      Self.narrow(&low, &high, pixels.green[four: y, left], pixels.luma(1, a, b))
      Self.narrow(&low, &high, pixels.blue[four: y, left], pixels.luma(2, a, b))
      let gap = low &- high
      let most = Four(repeating: Int32(Self.openCost))
        .replacing(with: Int32(Self.exceptionCost), where: sure)
      let miss = Int32(Self.missCost) &+ Int32(Self.gapCost) &* gap
      var costs = Four.zero.replacing(with: Int32(Self.otherLumaCost), where: sure)
      costs.replace(with: miss.replacing(with: most, where: most .< miss), where: gap .> 0)
      costs.replace(with: 0, where: isRight .| isOther)
      cost &+= Int(costs.wrappedSum())
    }
    return cost
  }

  /// Narrows bounds of luma by one sample, which no luma exceeds where it is clamped.
  @inline(__always)
  private static func narrow(
    _ low: inout SIMD4<Int32>, _ high: inout SIMD4<Int32>, _ samples: SIMD4<UInt8>,
    _ offset: SIMD4<Int32>
  ) {
    let sample = SIMD4<Int32>(truncatingIfNeeded: samples)
    let luma = sample &+ offset
    low.replace(with: luma, where: luma .> low .& sample .> 0)
    high.replace(with: luma, where: luma .< high .& sample .< 255)
  }
}
