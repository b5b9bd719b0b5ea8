internal import Entropy

/// Codes latents one by one under the prior's distributions: the one code path of both directions.
protocol LatentCoder: ~Copyable {
  /// Codes `value` (ignored when decoding) under scale table `scale`; returns the coded value.
  mutating func code(_ value: Int32, scale: Int) -> Int32
}

/// Writes latents.
struct LatentWriter: LatentCoder, ~Copyable {
  private var encoder = RangeEncoder()
  private(set) var ledger = BitLedger()

  mutating func code(_ value: Int32, scale: Int) -> Int32 {
    ScaleTables.shared.encode(value, scale: scale, to: &encoder, ledger: &ledger)
    return value
  }

  /// The bytes, and −log₂ P_pri(z).
  consuming func finish() -> (bytes: [UInt8], bits: Double) {
    let bits = ledger.bits
    return (encoder.finish(), bits)
  }
}

/// Reads latents.
struct LatentReader: LatentCoder, ~Copyable {
  private var decoder: RangeDecoder

  init(_ bytes: [UInt8], in range: Range<Int>) { decoder = RangeDecoder(bytes, in: range) }

  mutating func code(_ value: Int32, scale: Int) -> Int32 {
    ScaleTables.shared.decode(scale: scale, from: &decoder)
  }

  /// Whether more was read than the stream holds.
  var isExhausted: Bool { decoder.isExhausted }
}
