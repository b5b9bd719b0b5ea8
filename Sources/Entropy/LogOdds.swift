/// Probabilities as logarithms of their odds, log₂(p / (1 − p)), where blending is a weighted sum.
///
/// Made of + − × ÷ and bit patterns of floats, in a fixed order: the same bits on every machine.
@usableFromInline
package enum LogOdds {
  /// Log-odds of squashed values are clamped to ± `limit`.
  @inlinable @inline(always)
  package static var limit: Float { 23 }

  /// log₂(p / (1 − p)) of eight probabilities, 1 ... 2²⁴ − 1 in units of 2⁻²⁴, to about 10⁻⁶.
  @inlinable @inline(always)
  package static func stretch(_ probabilities: SIMD8<UInt32>) -> SIMD8<Float> {
    let p = SIMD8<Int32>(truncatingIfNeeded: probabilities)
    let odds = SIMD8<Float>(p) / SIMD8<Float>((1 &<< 24) &- p)
    // odds = 2^k · m with √½ ≤ m < √2, log₂ m = (2 / ln 2) · artanh((m − 1) / (m + 1)).
    let pattern = unsafeBitCast(odds, to: SIMD8<Int32>.self)
    let k = (pattern &- 0x3F35_04F3) &>> 23
    let m = unsafeBitCast(pattern &- (k &<< 23), to: SIMD8<Float>.self)
    let s = (m - 1) / (m + 1)
    let square = s * s
    let tail = 0.961_796_7 + square * (0.577_078_04 + square * 0.412_198_6)
    return SIMD8<Float>(k) + s * (2.885_390_1 + square * tail)
  }

  /// The probability whose log-odds are `logOdds`, 1 ... 2²⁴ − 1 in units of 2⁻²⁴.
  @inlinable @inline(always)
  package static func squash(_ logOdds: Float) -> UInt32 {
    let distance = min(abs(logOdds), limit)
    // 2^−distance = 2^−k · 2^−f with |f| ≤ ½; adding 2²³ rounds to an integer.
    let k = (distance + 0x1p23) - 0x1p23
    let x = (k - distance) * 0.693_147_2
    let square = x * x
    let even = 1 + square * (0.5 + square * (0.041_666_668 + square * 0.001_388_888_9))
    let odd = 1 + square * (0.166_666_67 + square * 0.008_333_334)
    let scale = Float(bitPattern: UInt32(bitPattern: (127 &- Int32(k)) &<< 23))
    let power = (even + x * odd) * scale
    // The smaller of p and 1 − p; both sides keep their relative precision.
    let smaller = max(1, UInt32(power / (1 + power) * 0x1p24 + 0.5))
    return logOdds < 0 ? smaller : (1 &<< 24) &- smaller
  }
}
