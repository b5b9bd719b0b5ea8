internal import DecoderCore

/// Cells that move by any step, and by how much pixels miss what these add up to: the encoder's alone.
struct CellMisses: ~Copyable {
  private typealias Four = SIMD4<Float>

  /// What is missed of every pixel, at first all of it, and the part in it of one unit of a weight: none
  /// where a pixel is not reliable.
  private let rest: PixelPlane<Float>
  private let parts: PixelPlane<Float>
  /// Of every column and row of cells: where its four pixels begin, which of them it has a part in,
  /// and how much of each it is.
  private let lefts: Buffer<Int>
  private let across: Buffer<SIMD4<Float>>
  private let tops: Buffer<Int>
  private let ends: Buffer<Int>
  private let down: Buffer<Float>
  /// Of every cell the sum of its parts' squares, once it was asked for.
  private let squares: Buffer<Float>
  private let columnCount: Int
  private let rowCount: Int
  /// Of cells, by rows with one more on each side, so that all have neighbours: which may move, which
  /// are looked at now, and which next.
  private let stride: Int
  private let isFree: Buffer<Bool>
  private var isActive: Buffer<Bool>
  private var isNext: Buffer<Bool>

  private static let sweeps = 24

  init(_ solver: ChromaSolver, _ plane: [Int16], _ reliable: [Bool]) {
    let (width, height) = (solver.width, solver.height)
    let (columns, rows) = (solver.columnSupport, solver.rowSupport)
    columnCount = columns.firsts.count
    lefts = Buffer(zeroed: columnCount)
    across = Buffer(zeroed: columnCount)
    for cell in 0..<columnCount {
      lefts[cell] = columns.firsts[cell]
      across[cell] = SIMD4<Float>(columns.weights[cell])
    }
    rowCount = rows.firsts.count
    tops = Buffer(zeroed: rowCount)
    ends = Buffer(zeroed: rowCount)
    down = Buffer(zeroed: 4 * rowCount)
    for cell in rows.firsts.indices {
      let range = rows.ranges[cell]
      tops[cell] = rows.firsts[cell] + range.lowerBound
      ends[cell] = rows.firsts[cell] + range.upperBound
      for (i, j) in range.enumerated() { down[4 * cell + i] = Float(rows.weights[cell][j]) }
    }
    squares = Buffer(zeroed: columnCount * rowCount)
    stride = columnCount + 2
    isFree = Buffer(zeroed: stride * (rowCount + 2))
    isActive = Buffer(repeating: true, count: stride * (rowCount + 2))
    isNext = Buffer(zeroed: stride * (rowCount + 2))
    rest = PixelPlane(width: width, height: height)
    parts = PixelPlane(width: width, height: height)
    for y in 0..<height {
      for x in 0..<width where reliable[y &* width &+ x] {
        rest[y, x] = Float(plane[y &* width &+ x])
        parts[y, x] = 0.0625
      }
    }
  }

  /// The mean of a cell's pixels by its parts in them, before anything was made of cells; nil where none
  /// is reliable.
  @inline(__always)
  func mean(_ cy: Int, _ cx: Int) -> Float? {
    let (left, across) = (lefts[cx], across[cx])
    let (top, end) = (tops[cy], ends[cy])
    let weights = down.base + (4 &* cy &- top)
    // Of integers below 2²⁴, whose sums are exact in any order.
    var (sum, all) = (Four.zero, Four.zero)
    for y in top..<end {
      let weight = across * weights[y]
      sum += weight * rest[four: y, left]
      all += weight * (16 * parts[four: y, left])
    }
    let weight = all.sum()
    return weight > 0 ? sum.sum() / weight : nil
  }

  /// Moves cells that are free, once, to where their pixels are missed by as little as may be.
  mutating func relax(_ values: inout [Float], _ free: [Int], _ solver: ChromaSolver) {
    start(solver, values)
    for cell in free {
      isFree[stride * (cell / columnCount + 1) + cell % columnCount + 1] = true
    }
    for _ in 0..<Self.sweeps {
      var largest: Float = 0
      // Row by row, two at once: cells two columns apart share no pixels, and a processor begins with
      // the next one before it is done with this one.
      for cy in Swift.stride(from: 0, to: rowCount, by: 2) {
        let isPair = cy + 1 < rowCount
        for cx in 0..<columnCount + 2 {
          if cx < columnCount { largest = max(largest, visit(cy, cx, &values)) }
          if isPair && cx >= 2 { largest = max(largest, visit(cy + 1, cx - 2, &values)) }
        }
      }
      if largest < 0.05 { break }
      // Other cells are where they want to be.
      swap(&isActive, &isNext)
      isNext.base.update(repeating: false, count: isNext.count)
    }
  }

  /// Moves a cell, if it is due; returns by how much.
  @inline(__always)
  private func visit(_ cy: Int, _ cx: Int, _ values: inout [Float]) -> Float {
    let place = stride &* (cy &+ 1) &+ cx &+ 1
    guard isActive[place] && isFree[place] else { return 0 }
    let step = relax(cy, cx)
    guard abs(step) > 0.01 else { return 0 }
    values[columnCount &* cy &+ cx] += step
    for row in -1...1 {
      let beside = place &+ row &* stride
      isNext[beside &- 1] = true
      isNext[beside] = true
      isNext[beside &+ 1] = true
    }
    return abs(step)
  }

  /// Takes off pixels what cells make of them.
  private func start(_ solver: ChromaSolver, _ values: [Float]) {
    // What two rows of cells come to in each column of them.
    var line = [Float](repeating: 0, count: columnCount)
    for y in 0..<solver.height {
      let row = solver.rows.taps[y]
      let (near, far) = (row.near * columnCount, row.far * columnCount)
      let (a, b) = (Float(row.nearWeight), Float(row.farWeight))
      for cell in line.indices { line[cell] = values[near + cell] * a + values[far + cell] * b }
      for x in 0..<solver.width where parts[y, x] > 0 {
        let tap = solver.columns.taps[x]
        let sum = line[tap.near] * Float(tap.nearWeight) + line[tap.far] * Float(tap.farWeight)
        rest[y, x] -= sum / 16
      }
    }
  }

  /// The step that suits a cell's pixels best, or 0 where it is small; they are moved by it.
  @inline(__always)
  private func relax(_ cy: Int, _ cx: Int) -> Float {
    let (left, across) = (lefts[cx], across[cx])
    let (top, end) = (tops[cy], ends[cy])
    let weights = down.base + (4 &* cy &- top)
    var gradients = Four.zero
    for y in top..<end {
      let part = across * parts[four: y, left] * weights[y]
      gradients += part * rest[four: y, left]
    }
    let cell = columnCount &* cy &+ cx
    if squares[cell] == 0 {
      // Small powers of 2 add up exactly, in any order.
      var sum = Four.zero
      for y in top..<end {
        let part = across * parts[four: y, left] * weights[y]
        sum += part * part
      }
      squares[cell] = sum.sum()
    }
    guard squares[cell] > 0 else { return 0 }
    let gradient = (gradients.x + gradients.z) + (gradients.y + gradients.w)
    let step = gradient / squares[cell]
    guard abs(step) > 0.01 else { return 0 }
    for y in top..<end {
      let part = across * parts[four: y, left] * weights[y]
      rest[four: y, left] -= part * step
    }
    return step
  }
}
