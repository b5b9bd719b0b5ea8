/// The integer inverse DCT that JPEG decoders use by default ("islow"), of one 8 × 8 block.
///
/// Constants have 13 fraction bits; columns come first and keep two bits below the point. Sums are
/// of 32 bits and wrap around, which coefficients of real files never cause (docs/FORMAT.md §13.5).
/// Source: Loeffler, Ligtenberg, Moschytz, "Practical fast 1-D DCT algorithms with 11
/// multiplications", 1989, as the Independent JPEG Group's decoder rounds it.
package enum InverseDCT {
  package typealias Row = SIMD8<Int32>

  private static let fractionBits: Int32 = 13
  private static let passBits: Int32 = 2
  /// Coefficients are clamped to ± this after they were multiplied by their steps.
  static let limit: Int32 = 2047

  /// Replaces eight rows of coefficients by samples less 128, which no limit holds.
  @inline(__always)
  static func transform(_ rows: UnsafeMutablePointer<Row>) {
    pass(rows, shift: fractionBits - passBits)
    transposeBlock(rows)
    pass(rows, shift: fractionBits + passBits + 3)
    transposeBlock(rows)
  }

  /// Brings the results of ``transform(_:)`` into 0 ... 255.
  @inline(__always)
  private static func limit(_ rows: UnsafeMutablePointer<Row>) {
    let (low, high) = (Row(repeating: 0), Row(repeating: 255))
    for y in 0..<8 { rows[y] = (rows[y] &+ 128).clamped(lowerBound: low, upperBound: high) }
  }

  /// The one-dimensional transform of eight columns at once.
  @inline(__always)
  private static func pass(_ r: UnsafeMutablePointer<Row>, shift: Int32) {
    var z1 = (r[2] &+ r[6]) &* 4433
    let even2 = z1 &- r[6] &* 15137
    let even3 = z1 &+ r[2] &* 6270
    let even0 = (r[0] &+ r[4]) &<< fractionBits
    let even1 = (r[0] &- r[4]) &<< fractionBits
    let (a0, a3) = (even0 &+ even3, even0 &- even3)
    let (a1, a2) = (even1 &+ even2, even1 &- even2)

    let z5 = (r[7] &+ r[3] &+ r[5] &+ r[1]) &* 9633
    z1 = (r[7] &+ r[1]) &* -7373
    let z2 = (r[5] &+ r[3]) &* -20995
    let z3 = z5 &- (r[7] &+ r[3]) &* 16069
    let z4 = z5 &- (r[5] &+ r[1]) &* 3196
    let odd0 = r[7] &* 2446 &+ z1 &+ z3
    let odd1 = r[5] &* 16819 &+ z2 &+ z4
    let odd2 = r[3] &* 25172 &+ z2 &+ z3
    let odd3 = r[1] &* 12299 &+ z1 &+ z4

    let half = Row(repeating: 1 &<< (shift &- 1))
    let by = Row(repeating: shift)
    r[0] = (a0 &+ odd3 &+ half) &>> by
    r[7] = (a0 &- odd3 &+ half) &>> by
    r[1] = (a1 &+ odd2 &+ half) &>> by
    r[6] = (a1 &- odd2 &+ half) &>> by
    r[2] = (a2 &+ odd1 &+ half) &>> by
    r[5] = (a2 &- odd1 &+ half) &>> by
    r[3] = (a3 &+ odd0 &+ half) &>> by
    r[4] = (a3 &- odd0 &+ half) &>> by
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
    transform(rows)
    limit(rows)
  }
}
