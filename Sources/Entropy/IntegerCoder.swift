/// The learned distribution of one kind of integer: small tables, palettes, parameters.
///
/// |v| + 1 = 2^e + mantissa. The exponent is coded in unary, then the sign, then the mantissa from
/// its top; every decision but the mantissa's bits below its top two has an ``AdaptiveBit``.
@frozen
@usableFromInline
package struct IntegerModel: Sendable {
  /// Whether the exponent exceeds 0 ... 30.
  @usableFromInline var exponent: InlineArray<31, AdaptiveBit>
  @usableFromInline var sign: AdaptiveBit
  /// Per exponent a tree of the top two bits of the mantissa: node 1, then 2 or 3; 0 is unused.
  @usableFromInline var mantissa: InlineArray<128, AdaptiveBit>

  /// A model that adapts over about 2^`limit` integers, `limit` in 1 ... 15.
  package init(limit: UInt8 = 7) {
    exponent = .init(repeating: AdaptiveBit(limit: limit))
    sign = AdaptiveBit(limit: limit)
    mantissa = .init(repeating: AdaptiveBit(limit: limit))
  }
}

extension RangeEncoder {
  /// Encodes `value` with `model`, then teaches it to `model`.
  package mutating func encode(
    _ value: Int32, model: inout IntegerModel, ledger: inout BitLedger
  ) {
    let shifted = UInt64(value.magnitude) + 1
    let exponent = 63 - shifted.leadingZeroBitCount
    for i in 0..<min(exponent + 1, 31) {
      encode(i < exponent, model: &model.exponent[i], ledger: &ledger)
    }
    if exponent == 0 { return }
    encode(value < 0, model: &model.sign, ledger: &ledger)
    let top = min(exponent, 2)
    var node = 1
    for i in 1...top {
      let bit = shifted >> UInt64(exponent - i) & 1 == 1
      encode(bit, model: &model.mantissa[4 * exponent + node], ledger: &ledger)
      node = 2 * node + (bit ? 1 : 0)
    }
    let rest = exponent - top
    let low = UInt32(truncatingIfNeeded: shifted) & (1 << UInt32(rest) - 1)
    encodeUniform(low >> 16, bitCount: max(0, rest - 16))
    encodeUniform(low & 0xFFFF, bitCount: min(rest, 16))
    ledger.add(bits: Double(rest))
  }
}

extension RangeDecoder {
  /// Decodes what the encoder wrote with an equal model; any bytes give some value.
  package mutating func decode(model: inout IntegerModel) -> Int32 {
    var exponent = 0
    while exponent < 31, decode(model: &model.exponent[exponent]) { exponent += 1 }
    if exponent == 0 { return 0 }
    let isNegative = decode(model: &model.sign)
    let top = min(exponent, 2)
    var node = 1
    for _ in 1...top {
      let bit = decode(model: &model.mantissa[4 * exponent + node])
      node = 2 * node + (bit ? 1 : 0)
    }
    let rest = exponent - top
    let high = decodeUniform(bitCount: max(0, rest - 16))
    let low = decodeUniform(bitCount: min(rest, 16))
    let magnitude = Int64(node) << Int64(rest) + Int64(high) << 16 + Int64(low) - 1
    // Only bytes that no encoder wrote leave the range of Int32.
    return Int32(clamping: isNegative ? -magnitude : magnitude)
  }
}
