internal import DecoderCore

/// The orthonormal DCT of 8 × 8 blocks in floating point: the encoder's alone.
///
/// Blocks are eight rows of eight values. Sums have a fixed order, so that what an encoder finds
/// is the same on every machine.
struct FloatDCT: ~Copyable {
  typealias Row = SIMD8<Float>

  /// [frequency][place]: the transform along one axis.
  private let table = Buffer<Float>(zeroed: 64)
  /// [coefficient][row]: what one unit of each coefficient adds to the samples.
  let basis = Buffer<Row>(zeroed: 64 * 8)

  init() {
    for u in 0..<8 {
      for x in 0..<8 {
        let turns = Double((2 * x + 1) * u) / 32
        let scale = u == 0 ? (0.125).squareRoot() : 0.5
        table[8 * u + x] = Float(scale * CircleFunctions.point(turns: turns).cosine)
      }
    }
    for v in 0..<8 {
      for u in 0..<8 {
        for y in 0..<8 {
          var row = Row.zero
          for x in 0..<8 { row[x] = table[8 * v + y] * table[8 * u + x] }
          basis[(8 * v + u) * 8 + y] = row
        }
      }
    }
  }

  /// The cosine of frequency `u` at place `x`, scaled so that the transform is orthonormal.
  @inline(__always)
  func cosine(_ u: Int, _ x: Int) -> Float { table[8 &* u &+ x] }

  /// Replaces samples by coefficients.
  @inline(__always)
  func forward(_ rows: UnsafeMutablePointer<Row>) { transform(rows, isForward: true) }

  /// Replaces coefficients by samples.
  @inline(__always)
  func inverse(_ rows: UnsafeMutablePointer<Row>) { transform(rows, isForward: false) }

  @inline(__always)
  private func transform(_ rows: UnsafeMutablePointer<Row>, isForward: Bool) {
    pass(rows, isForward: isForward)
    transposeBlock(rows)
    pass(rows, isForward: isForward)
    transposeBlock(rows)
  }

  @inline(__always)
  private func pass(_ rows: UnsafeMutablePointer<Row>, isForward: Bool) {
    let (r0, r1, r2, r3) = (rows[0], rows[1], rows[2], rows[3])
    let (r4, r5, r6, r7) = (rows[4], rows[5], rows[6], rows[7])
    let (across, down) = isForward ? (1, 8) : (8, 1)
    for i in 0..<8 {
      let t = table.base + i &* down
      var sum = t[0] * r0
      sum += t[across] * r1
      sum += t[2 &* across] * r2
      sum += t[3 &* across] * r3
      sum += t[4 &* across] * r4
      sum += t[5 &* across] * r5
      sum += t[6 &* across] * r6
      sum += t[7 &* across] * r7
      rows[i] = sum
    }
  }
}

extension SIMD8<Float> {
  /// 1.5 · 2²³: sums with it have no room for fractions, and are rounded as `rounded` does, but
  /// without a call for each.
  private static let wholeShift: Float = 0x1.8p23

  /// The nearest whole numbers, even ones of two; of values below 2²² in size.
  @inline(__always)
  var nearestWhole: Self { (self + Self.wholeShift) - Self.wholeShift }

  /// The same as levels, which have 12 bits.
  @inline(__always)
  var nearestLevels: SIMD8<Int16> {
    let (least, most) = (Self(repeating: -2047), Self(repeating: 2047))
    var limited = replacing(with: least, where: self .< least)
    limited.replace(with: most, where: limited .> most)
    let bits = unsafeBitCast(limited + Self.wholeShift, to: SIMD8<UInt32>.self)
    return SIMD8<Int16>(truncatingIfNeeded: bits)
  }
}
