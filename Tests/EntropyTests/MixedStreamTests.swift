import TestSupport
import Testing

@testable import Entropy

/// Every kind of symbol in one stream.
@Suite struct MixedStreamTests {
  private static let models = [AdaptiveBit](repeating: AdaptiveBit(limit: 6), count: 4)

  private enum Symbol: Equatable {
    case adaptive(Bool)
    case fixed(Bool, probability: UInt32)
    case uniform(UInt32, bitCount: Int)
  }

  private func symbols(count: Int, seed: UInt64) -> [Symbol] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { i in
      let word = random.next()
      switch i % 3 {
      case 0: return .adaptive(word % 10 == 0)
      case 1:
        let probability = UInt32(word >> 40) | 1
        return .fixed(word & 0xFF_FFFF < UInt64(probability), probability: probability)
      default: return .uniform(UInt32(word >> 59), bitCount: 5)
      }
    }
  }

  /// Writes the symbols, or reads some of the same kinds.
  private func code<Coder: BinaryCoder & ~Copyable>(
    _ symbols: [Symbol], with coder: inout Coder
  ) -> [Symbol] {
    var models = Self.models
    var result: [Symbol] = []
    for (i, symbol) in symbols.enumerated() {
      switch symbol {
      case .adaptive(let bit): result.append(.adaptive(coder.code(bit, &models[i & 3])))
      case .fixed(let bit, let probability):
        let bit = coder.code(bit, probability: probability)
        result.append(.fixed(bit, probability: probability))
      case .uniform(let value, let bitCount):
        let value = coder.codeUniform(value, bitCount: bitCount)
        result.append(.uniform(value, bitCount: bitCount))
      }
    }
    return result
  }

  private func encode(_ symbols: [Symbol]) -> (bytes: [UInt8], bits: Double) {
    var encoder = BinaryEncoder()
    _ = code(symbols, with: &encoder)
    let bits = encoder.ledger.bits
    return (encoder.finish(), bits)
  }

  /// Reads symbols of the kinds that `like` has, and whether the stream held them.
  private func decode(_ bytes: [UInt8], like symbols: [Symbol]) -> ([Symbol], isWhole: Bool) {
    var decoder = BinaryDecoder(bytes, in: bytes.indices)
    let decoded = code(symbols, with: &decoder)
    return (decoded, !decoder.isExhausted)
  }

  @Test(arguments: [0, 1, 5, 1000, 1_000_000]) func takesTheBytesThatTheLedgerSays(count: Int) {
    let symbols = symbols(count: count, seed: 9)
    let (bytes, bits) = encode(symbols)
    let (decoded, isWhole) = decode(bytes, like: symbols)
    #expect(decoded == symbols)
    #expect(isWhole)
    #expect(abs(Double(bytes.count) - bits / 8) < bits / 8 * 0.0002 + 8)
  }

  @Test func bytesAreTheSameOnEveryMachine() {
    let (bytes, _) = encode(symbols(count: 40, seed: 10))
    let golden: [UInt8] = [142, 110, 184, 3, 72, 65, 9, 32, 249, 76]
    #expect(bytes == golden)
  }

  @Test(arguments: 0..<40 as Range<UInt64>) func anyBytesDecodeToSomething(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let symbols = (0..<1000).map { i -> Symbol in
      switch random.next() % 3 {
      case 0: .adaptive(false)
      case 1: .fixed(false, probability: UInt32(random.next() >> 40) | 1)
      default: .uniform(0, bitCount: Int(random.next() % 25))
      }
    }
    // Noise, with long runs of the extreme bytes.
    let bytes = (0..<Int(seed) * 50).map { i -> UInt8 in
      switch (random.next() % 4, seed % 4) {
      case (1..., 1): 0xFF
      case (1..., 2): 0
      case (_, 3): 0xFF
      case (let word, _): UInt8(truncatingIfNeeded: random.next() ^ word)
      }
    }
    let (decoded, isWhole) = decode(bytes, like: symbols)
    #expect(decoded.count == symbols.count)
    #expect(isWhole || bytes.count < 8000)
  }
}
