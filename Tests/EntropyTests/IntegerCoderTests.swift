import TestSupport
import Testing

@testable import Entropy

@Suite struct IntegerCoderTests {
  @Test func decodesWhatWasEncoded() {
    var random = SplitMix64(seed: 5)
    let powers = (0..<31).flatMap { i in [-1, 0, 1].map { Int32(1) << i &+ $0 } }
    let edges = powers + powers.map { 0 &- $0 } + [.min, .max, 0]
    let values = edges + (0..<20_000).map { _ in Int32(truncatingIfNeeded: random.next()) >> 24 }
    var model = IntegerModel()
    var encoder = RangeEncoder()
    var ledger = BitLedger()
    for value in values { encoder.encode(value, model: &model, ledger: &ledger) }
    let bytes = encoder.finish()
    var decoder = RangeDecoder(bytes)
    model = IntegerModel()
    let decoded = values.map { _ in decoder.decode(model: &model) }
    let isExhausted = decoder.isExhausted
    #expect(decoded == values)
    #expect(!isExhausted)
    #expect(abs(Double(bytes.count) - ledger.bits / 8) < ledger.bits / 8 * 0.0002 + 8)
    // Eight bits each would be the entropy.
    #expect(ledger.bits < 20_000 * 8.1 + Double(edges.count) * 45)
  }

  @Test(arguments: [0, 1, -1, 255, .max, .min] as [Int32])
  func aConstantCostsNextToNothing(value: Int32) {
    var model = IntegerModel()
    var encoder = RangeEncoder()
    var ledger = BitLedger()
    for _ in 0..<1000 { encoder.encode(value, model: &model, ledger: &ledger) }
    let bare = ledger.bits
    _ = encoder.finish()
    let plainBits = max(0, 29 - (value.magnitude &+ 1).leadingZeroBitCount)
    #expect(bare < 1000 * Double(plainBits) + 400)
  }
}
