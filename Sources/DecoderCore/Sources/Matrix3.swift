/// A 3 × 3 matrix by rows, for fits in the encoder.
package struct Matrix3 {
  package var rows: [SIMD3<Double>]

  package init(
    rows: [SIMD3<Double>]
  ) {
    self.rows = rows
  }

  package static func dot(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> Double {
    a.x * b.x + a.y * b.y + a.z * b.z
  }

  private static func cross(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> SIMD3<Double> {
    SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
  }

  package var determinant: Double { Self.dot(rows[0], Self.cross(rows[1], rows[2])) }

  /// Nil where the determinant is 0.
  package var inverse: Matrix3? {
    let determinant = determinant
    guard determinant != 0 else { return nil }
    let columns = [
      Self.cross(rows[1], rows[2]) / determinant, Self.cross(rows[2], rows[0]) / determinant,
      Self.cross(rows[0], rows[1]) / determinant,
    ]
    return Matrix3(rows: columns).transposed
  }

  package var transposed: Matrix3 {
    Matrix3(rows: (0..<3).map { SIMD3(rows[0][$0], rows[1][$0], rows[2][$0]) })
  }

  package static func * (m: Matrix3, v: SIMD3<Double>) -> SIMD3<Double> {
    SIMD3(dot(m.rows[0], v), dot(m.rows[1], v), dot(m.rows[2], v))
  }
}
