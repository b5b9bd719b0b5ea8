import Foundation
import TestSupport
import Testing

@testable import Entropy

@Suite struct ScaleTableTests {
  let tables = ScaleTables.shared

  /// The sizes of the symbols −K ... K and the escape, and σ.
  private func table(_ scale: Int) -> (sizes: [UInt32], support: Int, sigma: Double) {
    let entry = tables.entries[scale]
    let support = Int(entry.support)
    let bounds = tables.cumulative[Int(entry.offset)...].prefix(2 * support + 3)
    let sizes = zip(bounds.dropFirst(), bounds).map { $0 - $1 }
    let step = Double(scale + ScaleTables.firstLogScale) / Double(ScaleTables.stepsPerOctave)
    return (sizes, support, exp2(step))
  }

  @Test(arguments: 0..<ScaleTables.scaleCount)
  func sizesAreSymmetricAndSumToOne(scale: Int) {
    let (sizes, support, _) = table(scale)
    let values = sizes.dropLast()
    #expect(sizes.reduce(0, +) == 1 << 24)
    #expect(sizes.allSatisfy { $0 >= 1 })
    #expect(Array(values) == values.reversed())
    let falling = values.suffix(support + 1)
    #expect(zip(falling, falling.dropFirst()).allSatisfy { $1 <= $0 + 1 })
  }

  @Test(arguments: 0..<ScaleTables.scaleCount)
  func costsAreThoseOfTheGaussian(scale: Int) {
    let (sizes, support, sigma) = table(scale)
    func below(_ x: Double) -> Double { 0.5 * erfc(-x / sigma / 2.0.squareRoot()) }
    var worst = 0.0
    for (symbol, size) in sizes.dropLast().enumerated() where size > 4096 {
      let v = -abs(Double(symbol - support))
      worst = max(worst, abs(log2(Double(size) * 0x1p-24 / (below(v + 0.5) - below(v - 0.5)))))
    }
    #expect(worst < 1e-3)
  }

  @Test func tablesAreTheSameOnEveryMachine() {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325  // FNV-1a over 32-bit words
    for word in tables.cumulative { hash = (hash ^ UInt64(word)) &* 0x100_0000_01B3 }
    for entry in tables.entries { hash = (hash ^ UInt64(entry.support)) &* 0x100_0000_01B3 }
    #expect(hash == 947_076_161_551_923_987)
  }

  @Test(arguments: 0..<ScaleTables.scaleCount)
  func decodesWhatWasEncoded(scale: Int) {
    var random = SplitMix64(seed: UInt64(scale))
    let support = tables.entries[scale].support
    let edges: [Int32] = [0, support, -support, support + 1, -support - 1, .max, .min, 1, -1]
    let values = edges + (0..<500).map { _ in Int32.random(in: -support...support, using: &random) }
    var encoder = RangeEncoder()
    var ledger = BitLedger()
    for value in values { tables.encode(value, scale: scale, to: &encoder, ledger: &ledger) }
    let bytes = encoder.finish()
    var decoder = RangeDecoder(bytes)
    let decoded = values.map { _ in tables.decode(scale: scale, from: &decoder) }
    let isExhausted = decoder.isExhausted
    let bits = values.reduce(0) { $0 + tables.bits(of: $1, scale: scale) }
    #expect(decoded == values)
    #expect(!isExhausted)
    #expect(abs(ledger.bits - bits) < 1e-6 * bits)
    // The escape, as the last symbol, also has what rounding left over, and may cost less.
    #expect(Double(bytes.count) < bits / 8 + 2)
  }
}
