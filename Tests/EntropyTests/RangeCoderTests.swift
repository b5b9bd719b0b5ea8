import TestSupport
import Testing

@testable import Entropy

@Suite struct RangeCoderTests {
  @Test(arguments: [0, 1, 31, 100_000], [0.0001, 0.3, 0.9999])
  func decodesWhatWasEncoded(count: Int, density: Double) {
    var random = SplitMix64(seed: 1)
    let probability = UInt32(density * 0x1p24)
    let bits = (0..<count).map { _ in Double.random(in: 0..<1, using: &random) < density }
    var encoder = RangeEncoder()
    var ledger = BitLedger()
    for bit in bits {
      encoder.encode(bit, probability: probability)
      ledger.add(probability: bit ? probability : (1 << 24) - probability)
    }
    let bytes = encoder.finish()
    var decoder = RangeDecoder(bytes)
    let decoded = bits.indices.map { _ in decoder.decode(probability: probability) }
    let exhausted = decoder.isExhausted
    #expect(decoded == bits)
    #expect(!exhausted)
    #expect(Double(bytes.count) <= ledger.bits / 8 * 1.0002 + 7)
  }
}
