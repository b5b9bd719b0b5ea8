import Foundation
import TestSupport
import Testing

@testable import Entropy

@Suite struct AdaptiveBitTests {
  @Test(arguments: [0.1, 0.5, 0.8], [5, 7, 10] as [UInt8])
  func costsLittleMoreThanTheEntropy(density: Double, limit: UInt8) {
    var random = SplitMix64(seed: 3)
    let bits = (0..<100_000).map { _ in Double.random(in: 0..<1, using: &random) < density }
    var model = AdaptiveBit(limit: limit)
    var encoder = BinaryEncoder()
    for bit in bits { _ = encoder.code(bit, &model) }
    let ledger = encoder.ledger
    let bytes = encoder.finish()
    var decoder = BinaryDecoder(bytes, in: bytes.indices)
    model = AdaptiveBit(limit: limit)
    let decoded = bits.map { _ in decoder.code(false, &model) }
    let isExhausted = decoder.isExhausted
    let trues = Double(bits.count { $0 })
    let falses = Double(bits.count) - trues
    let entropy = -trues * log2(trues / 1e5) - falses * log2(falses / 1e5)
    // A window of 2^limit bits wastes about 2^−(limit + 2) / ln 2 of a bit on each.
    let waste = 1.25e5 * exp2(-Double(limit) - 2) / log(2) + 20
    #expect(decoded == bits)
    #expect(!isExhausted)
    #expect(ledger.bits < entropy + waste)
    #expect(abs(Double(bytes.count) - ledger.bits / 8) < 2)
  }

  @Test(arguments: [false, true]) func certaintyCostsNextToNothing(bit: Bool) {
    var model = AdaptiveBit(limit: 7)
    for _ in 0..<10_000 { model.update(bit) }
    var encoder = BinaryEncoder()
    for _ in 0..<10_000 { _ = encoder.code(bit, &model) }
    let ledger = encoder.ledger
    let bytes = encoder.finish()
    #expect(ledger.bits < 10_000 * 0x1p-22)
    #expect(bytes.count <= 1)
  }

  @Test func startsAsTheEstimatorOfKrichevskyAndTrofimov() {
    var model = AdaptiveBit(limit: 15)
    var trues = 0.0
    for n in 0..<1000 {
      let expected = (trues + 0.5) / Double(n + 1)
      #expect(abs(Double(model.probability) * 0x1p-24 - expected) < 1e-6)
      model.update(n % 3 == 0)
      trues += n % 3 == 0 ? 1 : 0
    }
  }
}
