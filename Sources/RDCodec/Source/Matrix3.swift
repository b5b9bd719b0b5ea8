/// A 3 × 3 matrix by rows, for fits in the encoder.
struct Matrix3 {
  var rows: [SIMD3<Double>]

  static func dot(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> Double {
    a.x * b.x + a.y * b.y + a.z * b.z
  }

  private static func cross(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> SIMD3<Double> {
    SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
  }

  var determinant: Double { Self.dot(rows[0], Self.cross(rows[1], rows[2])) }

  /// Nil where the determinant is 0.
  var inverse: Matrix3? {
    let determinant = determinant
    guard determinant != 0 else { return nil }
    let columns = [
      Self.cross(rows[1], rows[2]) / determinant, Self.cross(rows[2], rows[0]) / determinant,
      Self.cross(rows[0], rows[1]) / determinant,
    ]
    return Matrix3(rows: columns).transposed
  }

  var transposed: Matrix3 {
    Matrix3(rows: (0..<3).map { SIMD3(rows[0][$0], rows[1][$0], rows[2][$0]) })
  }

  static func * (m: Matrix3, v: SIMD3<Double>) -> SIMD3<Double> {
    SIMD3(dot(m.rows[0], v), dot(m.rows[1], v), dot(m.rows[2], v))
  }
}

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
