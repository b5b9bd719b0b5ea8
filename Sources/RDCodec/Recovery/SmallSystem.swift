internal import DecoderCore

/// Solves symmetric positive definite systems of up to a few unknowns by elimination.
enum SmallSystem {
  /// Nil where the system has no clear solution.
  static func solve(_ matrix: [[Double]], _ rightSide: [Double]) -> [Double]? {
    let n = rightSide.count
    var a = matrix
    var b = rightSide
    for column in 0..<n {
      var pivot = column
      for row in column..<n where abs(a[row][column]) > abs(a[pivot][column]) { pivot = row }
      guard abs(a[pivot][column]) > 1e-12 else { return nil }
      a.swapAt(pivot, column)
      b.swapAt(pivot, column)
      for row in column + 1..<n {
        let factor = a[row][column] / a[column][column]
        for k in column..<n { a[row][k] -= factor * a[column][k] }
        b[row] -= factor * b[column]
      }
    }
    for row in (0..<n).reversed() {
      var sum = b[row]
      for k in row + 1..<n { sum -= a[row][k] * b[k] }
      b[row] = sum / a[row][row]
    }
    return b
  }
}
