import Foundation

/// The distributions of the learned prior: zero-mean Gaussians over the integers, one per scale.
///
/// Scale index s stands for σ = 2^((s + `firstLogScale`) / `stepsPerOctave`). Each table gives
/// every value of a symmetric support −K ... K and one escape symbol a whole number of units of
/// 2⁻²⁴, at least one: the Gaussian mass of the cell v ± ½ mixed with a uniform floor, rounded. The
/// escape takes the mass beyond the support; a value there follows in equally likely bits.
@frozen
@usableFromInline
package struct ScaleTables: Sendable {
  /// Number of scales; σ runs from 2^−3.25 ≈ 0.105 to 2^9.625 ≈ 790.
  package static let scaleCount = 104
  /// log₂ σ of scale 0, in steps.
  package static let firstLogScale = -26
  /// Steps per doubling of σ.
  package static let stepsPerOctave = 8

  /// The one bank, built at first use (a few milliseconds).
  package static let shared = ScaleTables()

  /// Where a table begins in ``cumulative``, and its K.
  @frozen
  @usableFromInline
  struct Entry: Sendable {
    @usableFromInline var offset: Int32
    @usableFromInline var support: Int32
  }

  /// One entry per scale.
  @usableFromInline let entries: [Entry]
  /// Per scale the 2K + 3 bounds of its symbols, 0 to 2²⁴: −K ... K in order, then the escape.
  @usableFromInline let cumulative: [UInt32]
  /// Per scale, 257 symbols: the one that holds b · 2¹⁶, for b = 0 ... 255, then the last one.
  @usableFromInline let firstSymbols: [UInt16]

  init() {
    var entries: [Entry] = []
    var cumulative: [UInt32] = []
    var firstSymbols: [UInt16] = []
    let step = 2.0.squareRoot().squareRoot().squareRoot()
    var sigma = 0x1p-4 * (step * step) * (step * step) * (step * step)
    for _ in 0..<Self.scaleCount {
      let support = Int(sigma * 5) + 3
      entries.append(Entry(offset: Int32(cumulative.count), support: Int32(support)))
      let bounds = Self.bounds(sigma: sigma, support: support)
      cumulative += bounds
      firstSymbols += Self.firstSymbols(of: bounds)
      sigma *= step
    }
    self.entries = entries
    self.cumulative = cumulative
    self.firstSymbols = firstSymbols
  }

  /// The bounds of the symbols −K ... K and the escape, in units of 2⁻²⁴.
  private static func bounds(sigma: Double, support: Int) -> [UInt32] {
    let free = (1 << 24) - UInt32(2 * support + 2)
    // The units above v − ½, for v = 1 ... K + 1, besides the one that each symbol has anyway.
    // Rounding the sums, not the parts, keeps every part within one unit of the truth.
    let above = (1...support + 1).map { v in
      UInt32(Double(free) * DeterministicMath.gaussianTail((Double(v) - 0.5) / sigma) + 0.5)
    }
    let positive = (0..<support).map { 1 + above[$0] - above[$0 + 1] }
    let zero = 1 + free - 2 * above[0]
    let escape = 1 + 2 * above[support]
    let sizes = positive.reversed() + [zero] + positive + [escape]
    var bounds: [UInt32] = [0]
    bounds.reserveCapacity(sizes.count + 1)
    for size in sizes { bounds.append(bounds[bounds.count - 1] + size) }
    return bounds
  }

  private static func firstSymbols(of bounds: [UInt32]) -> [UInt16] {
    var symbol = 0
    var symbols = (0..<256).map { bucket in
      while bounds[symbol + 1] <= UInt32(bucket) << 16 { symbol += 1 }
      return UInt16(symbol)
    }
    symbols.append(UInt16(bounds.count - 2))
    return symbols
  }
}

extension ScaleTables {
  /// Encodes any value under scale 0 ... ``scaleCount`` − 1.
  @inlinable @inline(always)
  package func encode(
    _ value: Int32, scale: Int, to encoder: inout RangeEncoder, ledger: inout BitLedger
  ) {
    let entry = entries[scale]
    let support = Int(entry.support)
    let isInside = value.magnitude <= UInt32(support)
    let symbol = Int(entry.offset) &+ (isInside ? Int(value) &+ support : 2 &* support &+ 1)
    let start = cumulative[symbol]
    let size = cumulative[symbol &+ 1] &- start
    encoder.encode(start: start, size: size)
    ledger.add(probability: size)
    if !isInside { encodeEscaped(value, support: support, to: &encoder, ledger: &ledger) }
  }

  /// Decodes what ``encode(_:scale:to:ledger:)`` wrote; any bytes give some value.
  @inlinable @inline(always)
  package func decode(scale: Int, from decoder: inout RangeDecoder) -> Int32 {
    let entry = entries[scale]
    let target = decoder.target()
    let bucket = scale &* 257 &+ Int(target &>> 16)
    let base = Int(entry.offset)
    var first = base &+ Int(firstSymbols[bucket])
    var last = base &+ Int(firstSymbols[bucket &+ 1])
    while first < last {
      let middle = (first &+ last &+ 1) &>> 1
      if cumulative[middle] <= target { first = middle } else { last = middle &- 1 }
    }
    let start = cumulative[first]
    decoder.consume(start: start, size: cumulative[first &+ 1] &- start)
    let support = Int(entry.support)
    let symbol = first &- base
    if symbol > 2 &* support { return decodeEscaped(support: support, from: &decoder) }
    return Int32(truncatingIfNeeded: symbol &- support)
  }

  /// The mass of the values whose magnitude is `threshold` or more, in units of 2⁻²⁴.
  package func mass(atLeast threshold: Int, scale: Int) -> UInt32 {
    let entry = entries[scale]
    let support = Int(entry.support)
    guard threshold > 0 else { return 1 << 24 }
    let base = Int(entry.offset)
    let escape = cumulative[base + 2 * support + 2] - cumulative[base + 2 * support + 1]
    guard threshold <= support else { return escape }
    // The tables are symmetric: twice the mass below −threshold + 1, and the escape.
    return 2 * cumulative[base + support - threshold + 1] + escape
  }

  /// The cost of `value` under `scale`, in bits; for the encoder's decisions only.
  package func bits(of value: Int32, scale: Int) -> Double {
    let entry = entries[scale]
    let support = Int(entry.support)
    let isInside = value.magnitude <= UInt32(support)
    let symbol = Int(entry.offset) + (isInside ? Int(value) + support : 2 * support + 1)
    let bits = 24 - log2(Double(cumulative[symbol + 1] - cumulative[symbol]))
    return isInside ? bits : bits + Double(6 + Self.escapeWidth(of: value, support: support))
  }

  /// A value outside the support: sign, number w of mantissa bits (5 bits), mantissa, where
  /// |value| − K = 2^w + mantissa.
  @usableFromInline
  func encodeEscaped(
    _ value: Int32, support: Int, to encoder: inout RangeEncoder, ledger: inout BitLedger
  ) {
    let width = Self.escapeWidth(of: value, support: support)
    let mantissa = value.magnitude - UInt32(support) - 1 << UInt32(width)
    encoder.encodeUniform(value < 0 ? 1 : 0, bitCount: 1)
    encoder.encodeUniform(UInt32(width), bitCount: 5)
    encoder.encodeUniform(mantissa >> 16, bitCount: max(0, width - 16))
    encoder.encodeUniform(mantissa & 0xFFFF, bitCount: min(width, 16))
    ledger.add(bits: Double(6 + width))
  }

  @usableFromInline
  func decodeEscaped(support: Int, from decoder: inout RangeDecoder) -> Int32 {
    let isNegative = decoder.decodeUniform(bitCount: 1) == 1
    let width = Int(decoder.decodeUniform(bitCount: 5))
    let high = decoder.decodeUniform(bitCount: max(0, width - 16))
    let low = decoder.decodeUniform(bitCount: min(width, 16))
    let magnitude = Int64(1) << Int64(width) + Int64(high) << 16 + Int64(low) + Int64(support)
    // Only bytes that no encoder wrote leave the range of Int32.
    return Int32(clamping: isNegative ? -magnitude : magnitude)
  }

  /// ⌊log₂(|value| − K)⌋, 0 ... 30.
  private static func escapeWidth(of value: Int32, support: Int) -> Int {
    31 - (value.magnitude - UInt32(support)).leadingZeroBitCount
  }
}
