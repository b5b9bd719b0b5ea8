/// A 3 × 3 matrix by rows, for fits in the encoder.
package struct Matrix3 {
  @usableFromInline let first, second, third: SIMD3<Double>

  /// Three of them.
  package init(rows: [SIMD3<Double>]) {
    (first, second, third) = (rows[0], rows[1], rows[2])
  }

  package var rows: [SIMD3<Double>] { [first, second, third] }

  @inlinable
  package static func dot(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> Double {
    a.x * b.x + a.y * b.y + a.z * b.z
  }

  private static func cross(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> SIMD3<Double> {
    SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
  }

  package var determinant: Double { Self.dot(first, Self.cross(second, third)) }

  /// Nil where the determinant is 0.
  package var inverse: Matrix3? {
    let determinant = determinant
    guard determinant != 0 else { return nil }
    let columns = [
      Self.cross(second, third) / determinant, Self.cross(third, first) / determinant,
      Self.cross(first, second) / determinant,
    ]
    return Matrix3(rows: columns).transposed
  }

  package var transposed: Matrix3 {
    Matrix3(rows: (0..<3).map { SIMD3(first[$0], second[$0], third[$0]) })
  }

  @inlinable
  package static func * (m: Matrix3, v: SIMD3<Double>) -> SIMD3<Double> {
    SIMD3(dot(m.first, v), dot(m.second, v), dot(m.third, v))
  }
}
