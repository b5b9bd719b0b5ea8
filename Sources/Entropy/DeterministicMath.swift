/// Functions of real numbers made of + − × ÷ alone, each rounded once, in a fixed order.
///
/// Their results are the same bits on every machine, which libm does not promise; whatever becomes
/// a probability, and whatever an encoder decides by, is computed with these.
package enum DeterministicMath {
  /// e^x for −700 ≤ x ≤ 700, to a relative error below 4 · 10⁻¹⁶.
  package static func exponential(_ x: Double) -> Double {
    // e^x = 2^k · e^r with |r| ≤ ½ ln 2; ln 2 in two parts, the first of few enough bits for
    // k times it to be exact.
    let k = (x * 0x1.71547652b82fep0).rounded()
    let r = (x - k * 0x1.62e42fee00000p-1) - k * 0x1.a39ef35793c76p-33
    var sum = 1.0
    for n in (1...14).reversed() { sum = 1 + (r / Double(n)) * sum }
    return sum * Double(bitPattern: UInt64(Int64(k) + 1023) << 52)
  }

  /// log₂ x for x > 0 that is neither subnormal nor infinite, to an absolute error below 4 · 10⁻¹⁶
  /// beside the rounding of the result.
  package static func logarithm2(_ x: Double) -> Double {
    // x = 2^k · m with ¾ ≤ m < 3/2; ln m = 2 artanh((m − 1) / (m + 1)) = 2 (s + s³/3 + s⁵/5 + …).
    let bits = x.bitPattern
    let isLarge = bits >> 51 & 1 == 1
    let k = Int64(bits >> 52) - (isLarge ? 1022 : 1023)
    let m = Double(
      bitPattern: bits & 0xF_FFFF_FFFF_FFFF | (isLarge ? 1022 : 1023) << 52)
    let s = (m - 1) / (m + 1)
    let square = s * s
    var sum = 1.0 / 25
    for n in stride(from: 23.0, through: 1, by: -2) { sum = 1 / n + square * sum }
    let twoOverLn2 = 0x1.71547652b82fep1
    return Double(k) + twoOverLn2 * s * sum
  }

  /// ln x of such an x, to a relative error of 10⁻¹⁵ or so away from x = 1.
  package static func logarithm(_ x: Double) -> Double { logarithm2(x) * 0x1.62e42fefa39efp-1 }

  /// x^y for an x that is positive, neither subnormal nor infinite, or 0 with y > 0; |y ln x| ≤ 700.
  /// To a relative error of 10⁻¹³ or so.
  package static func power(_ x: Double, _ y: Double) -> Double {
    x == 0 ? 0 : exponential(y * logarithm(x))
  }

  /// The cube root of an x above 0 that is neither subnormal nor infinite, in binary32 to a relative
  /// error below 3 · 10⁻⁷.
  @inlinable @inline(always)
  package static func cubeRoot(_ x: Float) -> Float {
    // A third of the exponent and of the mantissa is off by up to 5 %; Halley's steps cube that error.
    var root = Float(bitPattern: x.bitPattern / 3 &+ 0x2A51_4067)
    for _ in 0..<2 {
      let cube = root * root * root
      root *= (cube + 2 * x) / (2 * cube + x)
    }
    return root
  }

  /// log₂(p / (1 − p)) of a probability, 1 ... 2²⁴ − 1 in units of 2⁻²⁴, in binary32 to about 10⁻⁶.
  package static func logOdds(_ probability: UInt32) -> Float {
    let odds = Float(probability) / Float((1 << 24) - probability)
    // odds = 2^k · m with √½ ≤ m < √2, log₂ m = (2 / ln 2) · artanh((m − 1) / (m + 1)).
    let pattern = Int32(bitPattern: odds.bitPattern)
    let k = (pattern - 0x3F35_04F3) >> 23
    let m = Float(bitPattern: UInt32(bitPattern: pattern - k << 23))
    let s = (m - 1) / (m + 1)
    let square = s * s
    let tail = 0.961_796_7 + square * (0.577_078_04 + square * 0.412_198_6)
    return Float(k) + s * (2.885_390_1 + square * tail)
  }

  /// The chance that a standard Gaussian exceeds x ≥ 0, to an absolute error below 10⁻¹⁵.
  ///
  /// Source: G. Marsaglia, "Evaluating the normal distribution", 2004:
  /// Φ(x) = ½ + φ(x) · (x + x³/3 + x⁵/(3·5) + x⁷/(3·5·7) + …).
  package static func gaussianTail(_ x: Double) -> Double {
    guard x < 8 else { return 0 }
    let square = x * x
    var term = x
    var sum = x
    var n = 1.0
    while term > sum * 0x1p-54 {
      n += 2
      term *= square / n
      sum += term
    }
    let inverseRootTwoPi = 0x1.9884533d43651p-2
    return max(0, 0.5 - sum * (inverseRootTwoPi * exponential(-0.5 * square)))
  }
}
