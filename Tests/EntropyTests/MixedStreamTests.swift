import TestSupport
import Testing

@testable import Entropy

/// Every kind of symbol in one stream.
@Suite struct MixedStreamTests {
  /// Encodes or decodes symbols of all kinds in turn, with models of its own.
  private struct Models {
    var bits = [AdaptiveBit](repeating: AdaptiveBit(limit: 6), count: 4)
    var integer = IntegerModel(limit: 5)
    let tables = ScaleTables.shared
  }

  private enum Symbol: Equatable {
    case adaptive(Bool)
    case scaled(Int32, scale: Int)
    case integer(Int32)
    case uniform(UInt32, bitCount: Int)
  }

  private func symbols(count: Int, seed: UInt64) -> [Symbol] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { i in
      let word = random.next()
      // A sum of eight uniform bytes is nearly Gaussian, with σ = 209.
      let bytes = (0..<8).reduce(0) { $0 + Int32(truncatingIfNeeded: word >> (8 * $1) & 0xFF) }
      switch i % 4 {
      case 0: return .adaptive(word % 10 == 0)
      case 1: return .scaled(bytes - 1020, scale: 88)
      case 2: return .integer(Int32(truncatingIfNeeded: word) >> 26)
      default: return .uniform(UInt32(word >> 59), bitCount: 5)
      }
    }
  }

  private func encode(_ symbols: [Symbol]) -> (bytes: [UInt8], bits: Double) {
    var models = Models()
    var encoder = RangeEncoder()
    var ledger = BitLedger()
    for (i, symbol) in symbols.enumerated() {
      switch symbol {
      case .adaptive(let bit): encoder.encode(bit, model: &models.bits[i & 3], ledger: &ledger)
      case .scaled(let value, let scale):
        models.tables.encode(value, scale: scale, to: &encoder, ledger: &ledger)
      case .integer(let value): encoder.encode(value, model: &models.integer, ledger: &ledger)
      case .uniform(let value, let bitCount):
        encoder.encodeUniform(value, bitCount: bitCount)
        ledger.add(bits: Double(bitCount))
      }
    }
    return (encoder.finish(), ledger.bits)
  }

  /// Reads symbols of the kinds that `like` has, and whether the stream held them.
  private func decode(_ bytes: [UInt8], like symbols: [Symbol]) -> ([Symbol], isWhole: Bool) {
    var models = Models()
    var decoder = RangeDecoder(bytes)
    var decoded: [Symbol] = []
    for (i, symbol) in symbols.enumerated() {
      switch symbol {
      case .adaptive: decoded.append(.adaptive(decoder.decode(model: &models.bits[i & 3])))
      case .scaled(_, let scale):
        let value = models.tables.decode(scale: scale, from: &decoder)
        decoded.append(.scaled(value, scale: scale))
      case .integer: decoded.append(.integer(decoder.decode(model: &models.integer)))
      case .uniform(_, let bitCount):
        let value = decoder.decodeUniform(bitCount: bitCount)
        decoded.append(.uniform(value, bitCount: bitCount))
      }
    }
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
    let golden: [UInt8] = [
      205, 187, 183, 210, 179, 118, 39, 212, 156, 159, 85, 211, 101, 211, 38, 5, 2, 55, 116, 67, 87,
      124, 89, 236, 252, 87, 58, 66, 200, 251,
    ]
    #expect(bytes == golden)
  }

  @Test(arguments: 0..<40 as Range<UInt64>) func anyBytesDecodeToSomething(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let symbols = (0..<1000).map { i -> Symbol in
      switch random.next() % 4 {
      case 0: .adaptive(false)
      case 1: .scaled(0, scale: Int(random.next() % UInt64(ScaleTables.scaleCount)))
      case 2: .integer(0)
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
