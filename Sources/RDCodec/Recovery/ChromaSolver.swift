internal import DecoderCore

/// Finds the half-size plane that a sampling turns into a given plane: the encoder's alone.
///
/// Least squares over the pixels that are known for sure, cell by cell, then integer steps that
/// bring every pixel into the interval that rounds to its value.
struct ChromaSolver {
  let sampling: ChromaSampling
  let width: Int
  let height: Int
  let columns: ChromaSampling.Axis
  let rows: ChromaSampling.Axis
  let columnSupport: Support
  let rowSupport: Support
  private static let integerSweeps = 10

  /// For every cell of an axis the pixels that it has a part in: up to four, side by side.
  struct Support {
    static let reach = 4
    /// The first of four pixels that are looked at, so that none lies beyond the axis.
    private(set) var firsts: [Int] = []
    /// Parts in these pixels, in quarters; 0 of pixels that belong to others.
    private(set) var weights: [SIMD4<Int32>] = []
    /// Which of the four the cell has a part in.
    private(set) var ranges: [Range<Int>] = []

    init(_ axis: ChromaSampling.Axis) {
      firsts = Array(repeating: Int.max, count: axis.cellCount)
      var lasts = [Int](repeating: 0, count: axis.cellCount)
      for (x, tap) in axis.taps.enumerated() {
        for cell in tap.farWeight > 0 ? [tap.near, tap.far] : [tap.near] {
          firsts[cell] = min(firsts[cell], x)
          lasts[cell] = x
        }
      }
      let end = max(axis.taps.count - Self.reach, 0)
      weights = Array(repeating: .zero, count: axis.cellCount)
      for cell in firsts.indices {
        let first = firsts[cell]
        // Short axes begin at 0.
        firsts[cell] = min(first, end)
        ranges.append(
          first <= lasts[cell] ? first - firsts[cell]..<lasts[cell] - firsts[cell] + 1 : 0..<0)
      }
      for (x, tap) in axis.taps.enumerated() {
        weights[tap.near][x - firsts[tap.near]] += Int32(tap.nearWeight)
        if tap.farWeight > 0 { weights[tap.far][x - firsts[tap.far]] += Int32(tap.farWeight) }
      }
    }
  }

  init(_ sampling: ChromaSampling, width: Int, height: Int) {
    self.sampling = sampling
    self.width = width
    self.height = height
    columns = sampling.columns(width: width)
    rows = sampling.rows(height: height)
    columnSupport = Support(columns)
    rowSupport = Support(rows)
  }

  var cellCount: Int { columns.cellCount * rows.cellCount }

  /// Calls `body` with every pixel that a cell has a part in, and its part in sixteenths.
  @inline(__always)
  func forSupport(_ cell: Int, _ body: (_ pixel: Int, _ weight: Int32) -> Void) {
    let (cy, cx) = (cell / columns.cellCount, cell % columns.cellCount)
    let (down, across) = (rowSupport.weights[cy], columnSupport.weights[cx])
    for i in rowSupport.ranges[cy] {
      let base = (rowSupport.firsts[cy] + i) * width + columnSupport.firsts[cx]
      for j in columnSupport.ranges[cx] { body(base + j, down[i] &* across[j]) }
    }
  }

  /// The cells that give `plane` where it is reliable, as far as that is possible.
  func cells(of plane: [Int16], reliable: [Bool]) -> [Int32] {
    let rough = roughCells(of: plane, reliable: reliable)
    return settled(rough, plane: plane, reliable: reliable)
  }

  /// Cells by least squares, rounded, and those that may be wrong.
  struct RoughCells {
    var values: [Int32]
    fileprivate var free: [Int]
  }

  func roughCells(of plane: [Int16], reliable: [Bool]) -> RoughCells {
    var misses = CellMisses(self, plane, reliable)
    var (values, isFirm) = start(plane, reliable, misses)
    let free = isFirm.indices.filter { !isFirm[$0] }
    if !free.isEmpty { misses.relax(&values, free, self) }
    return RoughCells(values: values.map { Int32($0.rounded(.toNearestOrEven)) }, free: free)
  }

  func settled(_ rough: RoughCells, plane: [Int16], reliable: [Bool]) -> [Int32] {
    var cells = rough.values
    if !rough.free.isEmpty { settle(&cells, sums(cells), rough.free, plane, reliable) }
    return cells
  }

  /// The same, starting from cells that are right but for those near some pixels; `sums` is what they
  /// add up to.
  func settled(
    _ start: [Int32], _ sums: [Int32], near wrong: [Int], plane: [Int16], reliable: [Bool]
  ) -> [Int32] {
    var isNear = [Bool](repeating: false, count: cellCount)
    for cell in cells(under: wrong) { markAround(cell, &isNear) }
    var cells = start
    settle(&cells, sums, isNear.indices.filter { isNear[$0] }, plane, reliable)
    return cells
  }

  /// First values, and which of them are certain.
  private func start(
    _ plane: [Int16], _ reliable: [Bool], _ misses: borrowing CellMisses
  ) -> (values: [Float], isFirm: [Bool]) {
    var values = [Float](repeating: 0, count: cellCount)
    var isFirm = [Bool](repeating: false, count: cellCount)
    var isKnown = isFirm
    for cy in 0..<rows.cellCount {
      for cx in 0..<columns.cellCount {
        guard let mean = misses.mean(cy, cx) else { continue }
        let cell = cy * columns.cellCount + cx
        values[cell] = mean
        isKnown[cell] = true
      }
    }
    if sampling.filter != .triangle {
      for cell in 0..<cellCount {
        var whole: Int16?
        forSupport(cell) { pixel, weight in
          if weight == 16 && whole == nil && reliable[pixel] { whole = plane[pixel] }
        }
        guard let whole else { continue }
        values[cell] = Float(whole)
        isFirm[cell] = true
      }
    }
    fillGaps(&values, isKnown)
    return (values, isFirm)
  }

  /// Gives unknown cells the mean of the known ones around, in rounds from the known ones outwards.
  private func fillGaps(_ values: inout [Float], _ known: [Bool]) {
    var isKnown = known
    // Unknown cells beside known ones: those of a round lie beside those of the round before.
    var border = known.indices.filter { cell in
      guard !known[cell] else { return false }
      var isBeside = false
      forNeighbours(of: cell) { isBeside = isBeside || known[$0] }
      return isBeside
    }
    var isListed = known
    for cell in border { isListed[cell] = true }
    while !border.isEmpty {
      let means = border.map { cell in
        var sum: Float = 0
        var count: Float = 0
        forNeighbours(of: cell) { other in
          guard isKnown[other] else { return }
          sum += values[other]
          count += 1
        }
        return sum / count
      }
      for (cell, mean) in zip(border, means) {
        values[cell] = mean
        isKnown[cell] = true
      }
      var next: [Int] = []
      for cell in border {
        forNeighbours(of: cell) { other in
          guard !isListed[other] else { return }
          isListed[other] = true
          next.append(other)
        }
      }
      border = next
    }
  }

  /// Visits the cells around one, and itself, row by row.
  private func forNeighbours(of cell: Int, _ body: (Int) -> Void) {
    let (across, down) = (columns.cellCount, rows.cellCount)
    let (cy, cx) = (cell / across, cell % across)
    for y in max(cy - 1, 0)...min(cy + 1, down - 1) {
      for x in max(cx - 1, 0)...min(cx + 1, across - 1) { body(y * across + x) }
    }
  }

  /// Integer steps, alone and in pairs, while they bring pixels closer to what they must be.
  private func settle(
    _ cells: inout [Int32], _ sums: [Int32], _ free: [Int], _ plane: [Int16], _ reliable: [Bool]
  ) {
    var state = CellSteps(self, cells, sums, plane, reliable)
    // Cells whose pixels are all right stay, unless one beside them moves.
    var isOpen = [Bool](repeating: false, count: cellCount)
    for cell in self.cells(under: state.missedPixels()) { isOpen[cell] = true }
    var active = free
    // Pairs around which nothing has changed since they were tried would not help now.
    var isDue = [Bool](repeating: true, count: cellCount)
    for sweep in 0..<Self.integerSweeps {
      var isTouched = [Bool](repeating: false, count: cellCount)
      var changed = false
      for cell in active where isOpen[cell] || isTouched[cell] {
        var costs = state.costs(cell)
        while costs.here > 0 {
          if costs.up < costs.here {
            state.move(cell, 1)
          } else if costs.down < costs.here {
            state.move(cell, -1)
          } else {
            break
          }
          changed = true
          markAround(cell, &isTouched)
          markAround(cell, &isDue, reach: 2)
          costs = state.costs(cell)
        }
        guard costs.here > 0 else { continue }
        isTouched[cell] = true
        guard sweep > 0, isDue[cell] else { continue }
        isDue[cell] = false
        if let other = state.movePair(cell) {
          changed = true
          for moved in [cell, other] {
            markAround(moved, &isTouched)
            markAround(moved, &isDue, reach: 2)
          }
        }
      }
      active = free.filter { isTouched[$0] }
      isOpen = isTouched
      if active.isEmpty || (!changed && sweep > 0) { break }
    }
    cells = state.cells
  }

  /// The cells that have a part in some pixels, in ascending order.
  func cells(under pixels: [Int]) -> [Int] {
    var isUnder = [Bool](repeating: false, count: cellCount)
    for pixel in pixels {
      let (row, column) = (rows.taps[pixel / width], columns.taps[pixel % width])
      for y in [row.near, row.far] {
        for x in [column.near, column.far] { isUnder[y * columns.cellCount + x] = true }
      }
    }
    return isUnder.indices.filter { isUnder[$0] }
  }

  func markAround(_ cell: Int, _ marks: inout [Bool], reach: Int = 1) {
    let (across, down) = (columns.cellCount, rows.cellCount)
    let (cy, cx) = (cell / across, cell % across)
    for y in max(cy - reach, 0)...min(cy + reach, down - 1) {
      for x in max(cx - reach, 0)...min(cx + reach, across - 1) { marks[y * across + x] = true }
    }
  }

  /// Every pixel's sum of cells in sixteenths, with the bias: 16 times its value and more.
  func sums(_ cells: [Int32]) -> [Int32] {
    var sums = [Int32](repeating: 0, count: width * height)
    // What two rows of cells come to in each column of them.
    var line = [Int32](repeating: 0, count: columns.cellCount)
    for y in 0..<height {
      let row = rows.taps[y]
      let (near, far) = (row.near * columns.cellCount, row.far * columns.cellCount)
      let (a, b) = (Int32(row.nearWeight), Int32(row.farWeight))
      for cell in line.indices { line[cell] = cells[near + cell] &* a &+ cells[far + cell] &* b }
      let biases = sampling.biases(row)
      for x in 0..<width {
        let tap = columns.taps[x]
        let sum =
          line[tap.near] &* Int32(truncatingIfNeeded: tap.nearWeight)
          &+ line[tap.far] &* Int32(truncatingIfNeeded: tap.farWeight)
        let bias = tap.isSecond ? biases.second : biases.first
        sums[y &* width &+ x] = sum &+ Int32(truncatingIfNeeded: bias)
      }
    }
    return sums
  }

  /// The plane that `cells` make.
  func upsampled(_ cells: [Int32]) -> [Int16] {
    sums(cells).map { Int16(clamping: $0 >> 4) }
  }
}
