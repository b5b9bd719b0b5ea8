internal import CKernels

/// The integer inverse DCTs of one block (`ck_dct.h`, `ck_dct_other.h`; docs/FORMAT.md §13.5).
package enum InverseDCT {
  package typealias Row = SIMD8<Int32>

  /// The two ways of JPEG decoders to turn a block into 8 × 8 samples.
  package enum Method: Sendable {
    /// The default, "islow".
    case exact
    /// "ifast", which rounds constants and whatever lies between.
    case fast
  }

  /// Coefficients are clamped to ± this after they were multiplied by their steps.
  static let limit = Int32(CK_DCT_LIMIT)

  /// Brings the transform's results into 0 ... 255; one by one, which becomes fewer instructions than
  /// `clamped` of whole rows.
  @inline(__always)
  private static func limit(_ rows: UnsafeMutablePointer<Row>, count: Int = 8) {
    let values = UnsafeMutableRawPointer(rows).assumingMemoryBound(to: Int32.self)
    for k in 0..<8 &* count { values[k] = min(max(values[k] &+ 128, 0), 255) }
  }

  /// The samples of a block of levels: coefficients divided by their steps, row after row.
  @inline(__always)
  package static func samples(
    _ levels: UnsafePointer<Int16>, steps: UnsafePointer<Int32>, by method: Method = .exact,
    into rows: UnsafeMutablePointer<Row>
  ) {
    let values = UnsafeMutableRawPointer(rows).assumingMemoryBound(to: Int32.self)
    if method == .exact {
      multiply(levels, steps, into: values)
      ck_inverse_dct(values)
    } else {
      for k in 0..<64 {
        let value = Int32(levels[k]) &* ck_dct_multiplier(steps[k], Int32(k))
        values[k] = min(max(value, -fastLimit), fastLimit)
      }
      ck_inverse_dct_fast(values)
    }
    limit(rows)
  }

  private static let fastLimit = Int32(CK_DCT_FAST_LIMIT)

  @inline(__always)
  private static func multiply(
    _ levels: UnsafePointer<Int16>, _ steps: UnsafePointer<Int32>,
    into values: UnsafeMutablePointer<Int32>
  ) {
    for k in 0..<64 {
      values[k] = min(max(Int32(levels[k]) &* steps[k], -limit), limit)
    }
  }

  /// The samples of a block that is twice as wide, as high, or both: `rows` has them row after row,
  /// eight in each.
  package static func scaledSamples(
    _ levels: UnsafePointer<Int16>, steps: UnsafePointer<Int32>, doublesColumns: Bool,
    doublesRows: Bool, into rows: UnsafeMutablePointer<Row>
  ) {
    let values = UnsafeMutableRawPointer(rows).assumingMemoryBound(to: Int32.self)
    multiply(levels, steps, into: values)
    ck_inverse_dct_scaled(values, doublesColumns ? 1 : 0, doublesRows ? 1 : 0, values)
    limit(rows, count: 8 * (doublesColumns ? 2 : 1) * (doublesRows ? 2 : 1))
  }

  /// What one level adds by the fast method: its multiplier without the scale of its place, which no
  /// rounding is exact for; more than any coefficient where levels are multiplied by 0.
  package static func fastStep(_ step: Int32, at place: Int) -> Float {
    let multiplier = ck_dct_multiplier(step, Int32(place))
    // A step of 2¹² gives the scale itself.
    return multiplier == 0
      ? 4096 : 4096 * Float(multiplier) / Float(ck_dct_multiplier(4096, Int32(place)))
  }
}
