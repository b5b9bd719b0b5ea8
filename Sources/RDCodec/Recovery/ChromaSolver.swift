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
  private let columnSupport: Support
  private let rowSupport: Support
  private static let sweeps = 24
  private static let integerSweeps = 10

  /// For every cell of an axis the pixels that it has a part in.
  struct Support {
    private(set) var starts: [Int] = []
    private(set) var pixels: [Int] = []
    private(set) var weights: [Int32] = []

    init(_ axis: ChromaSampling.Axis) {
      var lists = [[(Int, Int32)]](repeating: [], count: axis.cellCount)
      for (x, tap) in axis.taps.enumerated() {
        if tap.near == tap.far || tap.farWeight == 0 {
          lists[tap.near].append((x, Int32(tap.nearWeight + tap.farWeight)))
        } else {
          lists[tap.near].append((x, Int32(tap.nearWeight)))
          lists[tap.far].append((x, Int32(tap.farWeight)))
        }
      }
      for list in lists {
        starts.append(pixels.count)
        for (x, weight) in list {
          pixels.append(x)
          weights.append(weight)
        }
      }
      starts.append(pixels.count)
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
    for i in rowSupport.starts[cy]..<rowSupport.starts[cy + 1] {
      let base = rowSupport.pixels[i] * width
      for j in columnSupport.starts[cx]..<columnSupport.starts[cx + 1] {
        body(base + columnSupport.pixels[j], rowSupport.weights[i] &* columnSupport.weights[j])
      }
    }
  }

  /// The cells that give `plane` where it is reliable, as far as that is possible.
  func cells(of plane: [Int16], reliable: [Bool]) -> [Int32] {
    var (values, isFirm) = start(plane, reliable)
    let free = isFirm.indices.filter { !isFirm[$0] }
    guard !free.isEmpty else { return values.map { Int32($0.rounded()) } }
    relax(&values, free, plane, reliable)
    var cells = values.map { Int32($0.rounded(.toNearestOrEven)) }
    settle(&cells, free, plane, reliable)
    return cells
  }

  /// The same, starting from cells that are right but for those near some pixels.
  func settled(
    _ start: [Int32], near wrong: [Int], plane: [Int16], reliable: [Bool]
  ) -> [Int32] {
    var isNear = [Bool](repeating: false, count: cellCount)
    for pixel in wrong {
      let (row, column) = (rows.taps[pixel / width], columns.taps[pixel % width])
      for y in [row.near, row.far] {
        for x in [column.near, column.far] {
          let cell = y * columns.cellCount + x
          isNear[cell] = true
          markAround(cell, &isNear)
        }
      }
    }
    var cells = start
    settle(&cells, isNear.indices.filter { isNear[$0] }, plane, reliable)
    return cells
  }

  /// First values, and which of them are certain.
  private func start(
    _ plane: [Int16], _ reliable: [Bool]
  ) -> (values: [Float], isFirm: [Bool]) {
    var values = [Float](repeating: 0, count: cellCount)
    var isFirm = [Bool](repeating: false, count: cellCount)
    var isKnown = isFirm
    for cell in 0..<cellCount {
      var sum: Float = 0
      var weights: Float = 0
      var whole: Int16?
      forSupport(cell) { pixel, weight in
        guard reliable[pixel] else { return }
        if weight == 16 && whole == nil { whole = plane[pixel] }
        sum += Float(weight) * Float(plane[pixel])
        weights += Float(weight)
      }
      if sampling.filter != .triangle, let whole {
        values[cell] = Float(whole)
        isFirm[cell] = true
        isKnown[cell] = true
      } else if weights > 0 {
        values[cell] = sum / weights
        isKnown[cell] = true
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

  private func relax(
    _ values: inout [Float], _ free: [Int], _ plane: [Int16], _ reliable: [Bool]
  ) {
    var rest = [Float](repeating: 0, count: width * height)
    for y in 0..<height {
      let row = rows.taps[y]
      for x in 0..<width where reliable[y * width + x] {
        let column = columns.taps[x]
        let sum = weightedSum(values, row, column)
        rest[y * width + x] = Float(plane[y * width + x]) - sum / 16
      }
    }
    for _ in 0..<Self.sweeps {
      var largest: Float = 0
      for cell in free {
        var gradient: Float = 0
        var weights: Float = 0
        forSupport(cell) { pixel, weight in
          guard reliable[pixel] else { return }
          let part = Float(weight) * 0.0625
          gradient += part * rest[pixel]
          weights += part * part
        }
        guard weights > 0 else { continue }
        let step = gradient / weights
        guard abs(step) > 0.01 else { continue }
        largest = max(largest, abs(step))
        values[cell] += step
        forSupport(cell) { pixel, weight in rest[pixel] -= Float(weight) * 0.0625 * step }
      }
      if largest < 0.05 { break }
    }
  }

  private func weightedSum(
    _ values: [Float], _ row: ChromaSampling.Axis.Tap, _ column: ChromaSampling.Axis.Tap
  ) -> Float {
    let (near, far) = (row.near * columns.cellCount, row.far * columns.cellCount)
    let (a, b) = (Float(row.nearWeight), Float(row.farWeight))
    let first = values[near + column.near] * a + values[far + column.near] * b
    let second = values[near + column.far] * a + values[far + column.far] * b
    return first * Float(column.nearWeight) + second * Float(column.farWeight)
  }

  /// Integer steps, alone and in pairs, while they bring pixels closer to what they must be.
  private func settle(
    _ cells: inout [Int32], _ free: [Int], _ plane: [Int16], _ reliable: [Bool]
  ) {
    var state = Integers(self, cells, plane, reliable)
    var active = free
    for sweep in 0..<Self.integerSweeps {
      var isTouched = [Bool](repeating: false, count: cellCount)
      var changed = false
      for cell in active {
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
          costs = state.costs(cell)
        }
        guard costs.here > 0 else { continue }
        isTouched[cell] = true
        if sweep > 0, let other = state.movePair(cell) {
          changed = true
          markAround(cell, &isTouched)
          markAround(other, &isTouched)
        }
      }
      active = free.filter { isTouched[$0] }
      if active.isEmpty || (!changed && sweep > 0) { break }
    }
    cells = state.cells
  }

  private func markAround(_ cell: Int, _ marks: inout [Bool]) {
    let (across, down) = (columns.cellCount, rows.cellCount)
    let (cy, cx) = (cell / across, cell % across)
    for y in max(cy - 1, 0)...min(cy + 1, down - 1) {
      for x in max(cx - 1, 0)...min(cx + 1, across - 1) { marks[y * across + x] = true }
    }
  }

  /// Cells and, for every pixel, how far their sum is from where it must be.
  private struct Integers {
    private let solver: ChromaSolver
    private(set) var cells: [Int32]
    private let reliable: [Bool]
    /// Each pixel's sum, in sixteenths, less the least one that rounds to its value.
    private var offsets: [Int32]

    init(_ solver: ChromaSolver, _ cells: [Int32], _ plane: [Int16], _ reliable: [Bool]) {
      self.solver = solver
      self.cells = cells
      self.reliable = reliable
      offsets = solver.sums(cells)
      for place in plane.indices { offsets[place] -= 16 * Int32(plane[place]) }
    }

    /// The distance of the cell's pixels from their intervals, were it larger by `step`.
    func cost(_ cell: Int, _ step: Int32) -> Int32 {
      var cost: Int32 = 0
      solver.forSupport(cell) { pixel, weight in
        guard reliable[pixel] else { return }
        let offset = offsets[pixel] &+ weight &* step
        cost &+= offset < 0 ? -offset : max(0, offset &- 15)
      }
      return cost
    }

    /// The same as the cell is, and were it one larger or smaller.
    func costs(_ cell: Int) -> (here: Int32, up: Int32, down: Int32) {
      var (here, up, down) = (Int32(0), Int32(0), Int32(0))
      solver.forSupport(cell) { pixel, weight in
        guard reliable[pixel] else { return }
        let offset = offsets[pixel]
        let (more, less) = (offset &+ weight, offset &- weight)
        here &+= offset < 0 ? -offset : max(0, offset &- 15)
        up &+= more < 0 ? -more : max(0, more &- 15)
        down &+= less < 0 ? -less : max(0, less &- 15)
      }
      return (here, up, down)
    }

    mutating func move(_ cell: Int, _ step: Int32) {
      cells[cell] += step
      solver.forSupport(cell) { pixel, weight in offsets[pixel] &+= weight &* step }
    }

    /// Moves this cell and one beside it, if that helps; returns the other one.
    mutating func movePair(_ cell: Int) -> Int? {
      let (across, down) = (solver.columns.cellCount, solver.rows.cellCount)
      let (cy, cx) = (cell / across, cell % across)
      for step: Int32 in [1, -1] {
        let first = cost(cell, step) - cost(cell, 0)
        move(cell, step)
        for y in max(cy - 1, 0)...min(cy + 1, down - 1) {
          for x in max(cx - 1, 0)...min(cx + 1, across - 1) where y != cy || x != cx {
            let other = y * across + x
            for second in [-step, step]
            where first + cost(other, second) - cost(other, 0) < 0 {
              move(other, second)
              return other
            }
          }
        }
        move(cell, -step)
      }
      return nil
    }
  }

  /// A pixel's sum of cells in sixteenths, without the bias.
  @inline(__always)
  func sum(
    _ cells: [Int32], _ row: ChromaSampling.Axis.Tap, _ column: ChromaSampling.Axis.Tap
  ) -> Int {
    let (near, far) = (row.near * columns.cellCount, row.far * columns.cellCount)
    let first =
      Int(cells[near + column.near]) &* row.nearWeight
      &+ Int(cells[far + column.near]) &* row.farWeight
    let second =
      Int(cells[near + column.far]) &* row.nearWeight
      &+ Int(cells[far + column.far]) &* row.farWeight
    return first &* column.nearWeight &+ second &* column.farWeight
  }

  /// Every pixel's sum of cells in sixteenths, with the bias: 16 times its value and more.
  func sums(_ cells: [Int32]) -> [Int32] {
    var sums = [Int32](repeating: 0, count: width * height)
    for y in 0..<height {
      let row = rows.taps[y]
      for x in 0..<width {
        let column = columns.taps[x]
        sums[y * width + x] = Int32(
          truncatingIfNeeded: sum(cells, row, column) + sampling.bias(row, column))
      }
    }
    return sums
  }

  /// The plane that `cells` make.
  func upsampled(_ cells: [Int32]) -> [Int16] {
    sums(cells).map { Int16(clamping: $0 >> 4) }
  }
}
