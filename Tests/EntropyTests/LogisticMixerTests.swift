import Foundation
import TestSupport
import Testing

@testable import Entropy

@Suite struct LogisticMixerTests {
  @Test func stretchIsTheLogarithmOfTheOdds() {
    var worst = 0.0
    for p in stride(from: UInt32(1), to: 1 << 24, by: 997) {
      let odds = Double(p) / Double((1 << 24) - p)
      let lanes = LogOdds.stretch(SIMD8(repeating: p))
      worst = max(worst, abs(Double(lanes[5]) - log2(odds)) / (1 + abs(log2(odds))))
    }
    #expect(worst < 1e-6)
    #expect(LogOdds.stretch(SIMD8(repeating: 1 << 23)) == .zero)
  }

  @Test func squashUndoesStretch() {
    var worst = 0.0
    for p in stride(from: UInt32(1), to: 1 << 24, by: 1009) {
      let back = LogOdds.squash(LogOdds.stretch(SIMD8(repeating: p))[0])
      let smaller = Double(min(p, (1 << 24) - p))
      worst = max(worst, (abs(Double(back) - Double(p)) - 1) / smaller)
    }
    #expect(worst < 1e-5)
    #expect(LogOdds.squash(1000) == (1 << 24) - 2)
    #expect(LogOdds.squash(-1000) == 2)
  }

  @Test func learnsWhichInputToTrust() {
    // Input 3 knows the chance of each bit in context 0, input 6 in context 1; the others guess.
    var random = SplitMix64(seed: 6)
    var mixer = LogisticMixer(chunkCount: 1, setCount: 2)
    var entropy = 0.0
    var ledger = BitLedger()
    for i in 0..<60_000 {
      let chance = UInt32.random(in: 100_000..<(1 << 24) - 100_000, using: &random)
      var guesses = SIMD8<UInt32>.random(in: 1_000_000..<15_000_000, using: &random)
      guesses[i & 1 == 0 ? 3 : 6] = chance
      let bit = UInt32.random(in: 0..<1 << 24, using: &random) < chance
      mixer.setInputs(LogOdds.stretch(guesses), chunk: 0)
      let probability = mixer.mix(set: i & 1)
      mixer.update(bit)
      if i >= 10_000 {
        entropy -= log2(Double(bit ? chance : (1 << 24) - chance) * 0x1p-24)
        ledger.add(probability: bit ? probability : (1 << 24) - probability)
      }
    }
    #expect(ledger.bits < entropy * 1.01)
  }

  @Test(arguments: [false, true]) func certaintyReachesTheLimit(bit: Bool) {
    var model = AdaptiveBit()
    var mixer = LogisticMixer(chunkCount: 2, setCount: 1)
    var probability: UInt32 = 0
    for _ in 0..<20_000 {
      var guesses = SIMD8<UInt32>(repeating: 1 << 23)
      guesses[0] = model.probability
      mixer.setInputs(LogOdds.stretch(guesses), chunk: 1)
      probability = mixer.mix(set: 0)
      mixer.update(bit)
      model.update(bit)
    }
    #expect((bit ? (1 << 24) - probability : probability) <= 16)
  }

  @Test func mixedProbabilitiesAreTheSameOnEveryMachine() {
    var random = SplitMix64(seed: 7)
    var mixer = LogisticMixer(chunkCount: 3, setCount: 5)
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325  // FNV-1a over 32-bit words
    for i in 0..<20_000 {
      for chunk in 0..<3 {
        var guesses = SIMD8<UInt32>.zero
        for lane in 0..<8 { guesses[lane] = UInt32(random.next() >> 40) | 1 }
        mixer.setInputs(LogOdds.stretch(guesses), chunk: chunk)
      }
      hash = (hash ^ UInt64(mixer.mix(set: i % 5))) &* 0x100_0000_01B3
      let bit = random.next() & 7 == 0
      mixer.update(bit)
    }
    #expect(hash == 503_008_467_644_616_010)
  }
}
