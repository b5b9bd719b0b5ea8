internal import DecoderCore

/// Cells that move by any step, and by how much pixels miss what these add up to: the encoder's alone.
struct CellMisses: ~Copyable {
  private typealias Four = SIMD4<Float>

  /// What is missed by every pixel, and the part in it of one unit of a weight: none where a pixel is
  /// not reliable.
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

  init(_ solver: ChromaSolver, _ values: [Float], _ plane: [Int16], _ reliable: [Bool]) {
    let (width, height) = (solver.width, solver.height)
    let (columns, rows) = (solver.columnSupport, solver.rowSupport)
    columnCount = columns.firsts.count
    lefts = Buffer(zeroed: columnCount)
    across = Buffer(zeroed: columnCount)
    for cell in 0..<columnCount {
      lefts[cell] = columns.firsts[cell]
      across[cell] = SIMD4<Float>(columns.weights[cell])
    }
    tops = Buffer(zeroed: rows.firsts.count)
    ends = Buffer(zeroed: rows.firsts.count)
    down = Buffer(zeroed: 4 * rows.firsts.count)
    for cell in rows.firsts.indices {
      let range = rows.ranges[cell]
      tops[cell] = rows.firsts[cell] + range.lowerBound
      ends[cell] = rows.firsts[cell] + range.upperBound
      for (i, j) in range.enumerated() { down[4 * cell + i] = Float(rows.weights[cell][j]) }
    }
    squares = Buffer(zeroed: columnCount * rows.firsts.count)
    rest = PixelPlane(width: width, height: height)
    parts = PixelPlane(width: width, height: height)
    // What two rows of cells come to in each column of them.
    var line = [Float](repeating: 0, count: columnCount)
    for y in 0..<height {
      let row = solver.rows.taps[y]
      let (near, far) = (row.near * columnCount, row.far * columnCount)
      let (a, b) = (Float(row.nearWeight), Float(row.farWeight))
      for cell in line.indices { line[cell] = values[near + cell] * a + values[far + cell] * b }
      for x in 0..<width where reliable[y &* width &+ x] {
        let tap = solver.columns.taps[x]
        let sum = line[tap.near] * Float(tap.nearWeight) + line[tap.far] * Float(tap.farWeight)
        rest[y, x] = Float(plane[y &* width &+ x]) - sum / 16
        parts[y, x] = 0.0625
      }
    }
  }

  /// The step that suits a cell's pixels best, or 0 where it is small; they are moved by it.
  @inline(__always)
  func relax(_ cy: Int, _ cx: Int) -> Float {
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
