internal import DecoderCore

/// Finds where the 8 × 8 blocks of a plane begin: the encoder's alone.
///
/// On the right grid many coefficients are zero but for the rounding of samples, and the others
/// lie near integers.
struct GridSearch {
  private static let sampleCount = 120

  /// The likeliest of some grids that planes share, the best first: by zeros, then by integers.
  static func candidates(_ planes: [BoundedPlane], among grids: [BlockGrid]) -> [BlockGrid] {
    let transform = FloatDCT()
    let rows = Buffer<FloatDCT.Row>(zeroed: 8)
    let scores = grids.map { grid in
      var sum = Score()
      for plane in planes {
        let score = score(plane, grid, transform, rows, count: sampleCount / planes.count)
        sum.zeros += score.zeros
        sum.integers += score.integers
      }
      return sum
    }
    var order: [Int] = []
    for path in [\Score.zeros, \Score.integers] {
      let best = grids.indices.max {
        scores[$0][keyPath: path] == scores[$1][keyPath: path]
          ? $0 > $1 : scores[$0][keyPath: path] < scores[$1][keyPath: path]
      }
      if let best, !order.contains(best) { order.append(best) }
    }
    return order.map { grids[$0] }
  }

  /// Whether one grid stands out among all, by zeros in few blocks: a quick test.
  static func seemsBlocked(_ plane: BoundedPlane, _ grids: [BlockGrid]) -> Bool {
    let transform = FloatDCT()
    let rows = Buffer<FloatDCT.Row>(zeroed: 8)
    let zeros = grids.map { score(plane, $0, transform, rows, count: quickCount).zeros }
    let mean = zeros.reduce(0, +) / Double(zeros.count)
    let variance = zeros.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(zeros.count)
    let sorted = zeros.sorted(by: >)
    // With large steps grids that share rows or columns of blocks stand out too, but less.
    return sorted[0] - mean > max(0.02, 3 * variance.squareRoot())
      || sorted[0] - sorted[1] > clearLead
  }

  private static let quickCount = 24
  /// By how much one grid has to lead.
  private static let clearLead = 0.04

  private struct Score {
    /// The fraction of coefficients that are nearly 0.
    var zeros = 0.0
    /// How well the others agree with integers, in standard deviations of chance.
    var integers = 0.0
  }

  private static func score(
    _ plane: BoundedPlane, _ grid: BlockGrid, _ transform: borrowing FloatDCT,
    _ rows: borrowing Buffer<FloatDCT.Row>, count wanted: Int = sampleCount
  ) -> Score {
    let values = UnsafeMutableRawPointer(rows.base).assumingMemoryBound(to: Float.self)
    var (count, zeros, others, sum) = (0, 0, 0, 0.0)
    for (x, y) in blocks(grid, wanted) {
      guard
        plane.spectrum(8 * x - grid.columnPhase, 8 * y - grid.rowPhase, transform, into: rows.base)
      else { continue }
      for k in 1..<64 {
        let size = abs(values[k])
        count += 1
        if size < 0.7 {
          zeros += 1
        } else if size >= 1.2 {
          others += 1
          sum += CircleFunctions.point(turns: Double(size)).cosine
        }
      }
    }
    guard count > 0 else { return Score() }
    return Score(
      zeros: Double(zeros) / Double(count),
      integers: others > 0 ? sum / (Double(others) / 2).squareRoot() : 0)
  }

  /// Up to about `count` whole blocks of a grid, evenly spread.
  static func blocks(_ grid: BlockGrid, _ count: Int) -> [(x: Int, y: Int)] {
    let firstColumn = grid.columnPhase > 0 ? 1 : 0
    let firstRow = grid.rowPhase > 0 ? 1 : 0
    let columns = (grid.width + grid.columnPhase) / 8 - firstColumn
    let rows = (grid.height + grid.rowPhase) / 8 - firstRow
    guard columns > 0, rows > 0 else { return [] }
    // A step that has no divisor in common with the row, as good as always.
    var step = max(1, columns * rows / count)
    while step > 1 && columns % step == 0 { step -= 1 }
    return stride(from: 0, to: columns * rows, by: step).map {
      (firstColumn + $0 % columns, firstRow + $0 / columns)
    }
  }
}
