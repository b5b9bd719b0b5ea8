internal import DecoderCore

/// Sine and cosine from + − × ÷ alone, so that what an encoder chooses by them is the same on every
/// machine.
enum CircleFunctions {
  /// Cosine and sine of `turns` · 2π, to about 10⁻¹².
  @inline(__always)
  static func point(turns: Double) -> (cosine: Double, sine: Double) {
    // An eighth of a turn at most, then mirrored by quarters.
    let fraction = turns - turns.nearestWhole
    let quarter = (fraction * 4).nearestWhole
    let x = (fraction - quarter * 0.25) * 6.283_185_307_179_586
    let square = x * x
    let sine =
      x
      * (1 - square / 6
        * (1 - square / 20 * (1 - square / 42 * (1 - square / 72 * (1 - square / 110)))))
    let cosine =
      1 - square / 2
      * (1 - square / 12 * (1 - square / 30 * (1 - square / 56 * (1 - square / 90))))
    return switch Int(quarter) & 3 {
    case 0: (cosine, sine)
    case 1: (-sine, cosine)
    case 2: (-cosine, -sine)
    default: (sine, -cosine)
    }
  }

  /// sin(πx) / (πx).
  static func sinc(_ x: Double) -> Double {
    x == 0 ? 1 : point(turns: x / 2).sine / (x * 3.141_592_653_589_793)
  }
}

extension Double {
  /// The nearest whole number, the even one from between two, of what is below 2⁵¹: without a call.
  @inline(__always)
  var nearestWhole: Double { (self + 0x1.8p52) - 0x1.8p52 }
}

extension SIMD3<Double> {
  /// The same of each.
  @inline(__always)
  var nearestWhole: SIMD3<Double> { (self + 0x1.8p52) - 0x1.8p52 }
}
