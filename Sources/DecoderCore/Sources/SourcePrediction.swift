/// P_dec(x|z) seen from the lattice: the coordinates that x̂ has.
///
/// The inverse is taken in binary64 from + − × ÷, the same on every machine (docs/FORMAT.md §13).
struct SourcePrediction: Sendable {
  /// For each coordinate, how much each channel adds; in 2⁻¹⁶.
  private let inverse: [SIMD3<Int64>]
  /// The offset of the lattice, in sixteenths of a sample step.
  private let offset: SIMD3<Int64>
  private let limit: Int64

  /// Nil where the lattice has no inverse, or a huge one.
  init?(_ source: ColorSource) {
    let lattice = source.lattice
    let matrix = Matrix3(rows: lattice.matrix.map { SIMD3<Double>($0) * 0x1p-16 })
    guard abs(matrix.determinant) > 0x1p-8, let inverse = matrix.inverse else { return nil }
    var rows: [SIMD3<Int64>] = []
    for row in inverse.rows {
      let scaled = (row * 0x1p16).rounded(.down)
      guard max(abs(scaled.x), abs(scaled.y), abs(scaled.z)) < 0x1p24 else { return nil }
      rows.append(SIMD3(Int64(scaled.x), Int64(scaled.y), Int64(scaled.z)))
    }
    self.inverse = rows
    offset = SIMD3<Int64>(truncatingIfNeeded: lattice.offset &>> 12)
    limit = 16 << Int64(source.depth)
  }

  /// One coordinate (0 luma, 1 and 2 chroma) of a tile's x̂, in sixteenths of a step.
  func means(_ coordinate: Int, of prediction: TilePrediction) -> [Int32] {
    let row = inverse[coordinate]
    let means = prediction.means
    return means[0].indices.map { place in
      let color =
        SIMD3(
          Int64(means[0][place]), Int64(means[1][place]), Int64(means[2][place])) &- offset
      // Three products below 2²⁴ · 2¹⁸.
      let sum = row.x &* color.x &+ row.y &* color.y &+ row.z &* color.z
      return Int32(truncatingIfNeeded: min(max(sum &>> 16, 0), limit))
    }
  }
}
