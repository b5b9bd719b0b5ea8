internal import CKernels

/// The integer inverse DCT of one 8 × 8 block (`ck_dct.h`).
package enum InverseDCT {
  package typealias Row = SIMD8<Int32>

  /// Coefficients are clamped to ± this after they were multiplied by their steps.
  static let limit = Int32(CK_DCT_LIMIT)

  /// Brings the transform's results into 0 ... 255.
  @inline(__always)
  private static func limit(_ rows: UnsafeMutablePointer<Row>) {
    let (low, high) = (Row(repeating: 0), Row(repeating: 255))
    for y in 0..<8 { rows[y] = (rows[y] &+ 128).clamped(lowerBound: low, upperBound: high) }
  }

  /// The samples of a block of levels: coefficients divided by their steps, row after row.
  @inline(__always)
  package static func samples(
    _ levels: UnsafePointer<Int16>, steps: UnsafePointer<Int32>,
    into rows: UnsafeMutablePointer<Row>
  ) {
    let values = UnsafeMutableRawPointer(rows).assumingMemoryBound(to: Int32.self)
    for k in 0..<64 {
      values[k] = min(max(Int32(levels[k]) &* steps[k], -limit), limit)
    }
    ck_inverse_dct(values)
    limit(rows)
  }
}
