internal import Entropy

/// A small adaptive distribution of integers: zero, sign, then a magnitude in unary up to its
/// exponent and plain bits below.
struct MagnitudeModel {
  private var exponent = [AdaptiveBit](repeating: AdaptiveBit(limit: 6), count: 14)
  private var sign = AdaptiveBit(limit: 6)
  private var top = [AdaptiveBit](repeating: AdaptiveBit(limit: 6), count: 14)

  /// Codes a value other than 0; its magnitude is below 2¹⁴.
  mutating func code<Coder: BinaryCoder & ~Copyable>(
    _ value: Int, with coder: inout Coder
  ) -> Int {
    let isNegative = coder.code(value < 0, &sign)
    let magnitude = UInt32(abs(value))
    let width = max(0, 31 - magnitude.leadingZeroBitCount)
    var bits = 0
    while bits < 13, coder.code(bits < width, &exponent[bits]) { bits += 1 }
    var result: UInt32 = 1
    if bits > 0 {
      let isSet = coder.code(magnitude >> UInt32(bits - 1) & 1 == 1, &top[bits])
      result = 2 | (isSet ? 1 : 0)
      let rest = bits - 1
      result =
        result << UInt32(rest)
        | coder.codeUniform(magnitude & (((1 << UInt32(rest)) - 1)), bitCount: rest)
    }
    return isNegative ? -Int(result) : Int(result)
  }
}
