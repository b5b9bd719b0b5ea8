import CKernels
import TestSupport
import Testing

@testable import Entropy

/// The mixing core, by every instruction set's kernels, against a plain model of it.
@Suite struct MixingTests {
  private static let sets = [CK_ISA_PORTABLE, CK_ISA_AVX2, CK_ISA_AVX512]
    .compactMap { ck_mixing_kernels_for($0)?.pointee }

  /// Counters, weights and tables, as a kernel and as the plain model see them.
  private struct Models: Equatable {
    var fast: [Int16]
    var quick: [Int16]
    var weights: [Float]

    init(counters: Int, weights: Int, random: inout SplitMix64) {
      fast = Array(repeating: 0, count: counters)
      quick = fast
      self.weights = (0..<weights).map { _ in Float.random(in: -0.2...0.4, using: &random) }
    }
  }

  private struct Tables {
    var stretch = [Float](repeating: 0, count: Int(CK_STRETCH_COUNT))
    var squash = [ck_squashed](repeating: ck_squashed(), count: Int(CK_SQUASH_COUNT))

    init() { MixingTests.sets[0].fill_tables(&stretch, &squash) }
  }

  /// One decision, written from docs/FORMAT.md §10.7: the probability that was coded, and what is
  /// learned.
  private func decide(
    _ models: inout Models, _ tables: Tables, places: [Int], sets: [Int], rate: Float, bit: Bool
  ) -> UInt32 {
    let slow = places.map { tables.stretch[(Int(models.fast[$0]) + 32768) >> 4] }
    let quick = places.map { Float(models.quick[$0] >> 5) / 512 }
    let padding = [Float](repeating: 0, count: (8 - 2 * places.count % 8) % 8)
    let inputs = slow + quick + padding
    var lanes = [Float](repeating: 0, count: 8)
    for (index, input) in inputs.enumerated() {
      var weight = models.weights[sets[0] + index]
      for set in sets.dropFirst() { weight += models.weights[set + index] }
      lanes[index % 8] += weight * input
    }
    let sum =
      ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6]))
      + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]))
    let mixed = tables.squash[Int((max(min(sum, 13.99), -13.99) + 14) * 256)]
    let error = (bit ? 1 : 0) - mixed.p
    for set in sets {
      for (index, input) in inputs.enumerated() {
        models.weights[set + index] += error * rate * input
      }
    }
    for place in places {
      let count = Int(models.quick[place] & 31)
      // 2¹⁶ over 2, 3, 4, 6, 8, 10, 13, 16, … for the fast one, of which the quick one stops at 14.
      let constants = [
        2, 3, 4, 6, 8, 10, 13, 16, 20, 25, 30, 36, 43, 51, 60, 70, 80, 90, 100, 110,
      ]
      let fast = Int(models.fast[place])
      let quick = Int(models.quick[place] >> 5)
      let (fastRate, quickRate) = (65536 / constants[count], 65536 / min(constants[count], 14))
      models.fast[place] += Int16((((bit ? 32767 : -32768) - fast) * fastRate) >> 16)
      let moved = quick + (((bit ? 1023 : -1024) - quick) * quickRate) >> 16
      models.quick[place] = Int16(moved * 32 + min(count + 1, 19))
    }
    return mixed.coded
  }

  @Test(arguments: [6, 7, 8, 12], [1, 2])
  func kernelsDoWhatThePlainModelDoes(count: Int, setCount: Int) {
    let tables = Tables()
    for seed in 1...3 as ClosedRange<UInt64> {
      for kernels in Self.sets {
        var random = SplitMix64(seed: seed)
        let (bits, stride) = (4, (2 * count + 7) / 8 * 8)
        var expected = Models(
          counters: count << bits, weights: 3 * setCount * stride, random: &random)
        var counters = [ck_counter](repeating: ck_counter(), count: count << bits)
        var weights = expected.weights
        var slots = [UInt32](repeating: 0, count: count)
        let rate = Float.random(in: 0.001...0.02, using: &random)
        var isSame = true
        for _ in 0..<2000 {
          for k in slots.indices { slots[k] = UInt32(random.next() % 16) }
          let chosen = (0..<setCount).map { (3 * $0 + Int(random.next() % 3)) * stride }
          // What the first context says is mostly true.
          let bit = random.next() % 8 == 0 ? random.next() % 2 == 0 : slots[0] < 8
          let probability = decide(
            &expected, tables, places: slots.indices.map { $0 << bits + Int(slots[$0]) },
            sets: chosen, rate: rate, bit: bit)
          var symbol = ck_symbol()
          withMixer(tables, &counters, slots, bits: bits, rate: rate) { mixer in
            weights.withUnsafeMutableBufferPointer { weights in
              let base = weights.baseAddress!
              withUnsafeMutablePointer(to: &symbol) {
                var port = ck_port(in: nil, out: $0)
                _ = kernels.decide(
                  mixer, base + chosen[0], setCount > 1 ? base + chosen[1] : nil, bit ? 1 : 0,
                  &port)
              }
            }
          }
          isSame =
            isSame && symbol.start == (bit ? 0 : probability)
            && symbol.size == (bit ? probability : 1 << 24 - probability)
        }
        #expect(isSame)
        let hasCounted =
          counters.map(\.fast) == expected.fast && counters.map(\.quick) == expected.quick
        #expect(hasCounted)
        let hasLearned = weights.map(\.bitPattern) == expected.weights.map(\.bitPattern)
        #expect(hasLearned)
      }
    }
  }

  @Test(arguments: [6, 7, 8, 12], [1, 2])
  func decisionsAreReadBack(count: Int, setCount: Int) {
    let tables = Tables()
    for kernels in Self.sets {
      func code<Coder: BinaryCoder & ~Copyable>(_ bits: [Bool], with coder: inout Coder) -> [Bool] {
        var random = SplitMix64(seed: 9)
        var counters = [ck_counter](repeating: ck_counter(), count: count << 4)
        var weights = [Float](repeating: 0.1, count: 48)
        return bits.map { bit in
          let slots = (0..<count).map { _ in UInt32(random.next() % 16) }
          return withMixer(tables, &counters, slots, bits: 4, rate: 0.005) { mixer in
            weights.withUnsafeMutableBufferPointer { weights in
              let base = weights.baseAddress!
              return coder.code {
                kernels.decide(mixer, base, setCount > 1 ? base + 24 : nil, bit ? 1 : 0, $0) != 0
              }
            }
          }
        }
      }
      var random = SplitMix64(seed: 10)
      let bits = (0..<5000).map { _ in random.next() % 5 == 0 }
      var encoder = BinaryEncoder()
      _ = code(bits, with: &encoder)
      let cost = encoder.ledger.bits
      let bytes = encoder.finish()
      var decoder = BinaryDecoder(bytes, in: bytes.indices)
      let decoded = code(bits.map { _ in false }, with: &decoder)
      let isExhausted = decoder.isExhausted
      #expect(decoded == bits && !isExhausted)
      #expect(abs(Double(bytes.count * 8) - cost) < 32)
      // One in five: 0.722 bits.
      #expect(cost < 0.8 * 5000)
    }
  }

  private func withMixer<Result>(
    _ tables: Tables, _ counters: inout [ck_counter], _ slots: [UInt32], bits: Int, rate: Float,
    _ body: (UnsafePointer<ck_mixer>) -> Result
  ) -> Result {
    tables.stretch.withUnsafeBufferPointer { stretch in
      tables.squash.withUnsafeBufferPointer { squash in
        counters.withUnsafeMutableBufferPointer { counters in
          slots.withUnsafeBufferPointer { slots in
            var mixer = ck_mixer(
              logistic: ck_logistic(
                stretch: stretch.baseAddress!, squash: squash.baseAddress!),
              counters: counters.baseAddress!, bits: UInt32(bits), count: UInt32(slots.count),
              rate: rate, slots: slots.baseAddress!)
            return withUnsafePointer(to: &mixer, body)
          }
        }
      }
    }
  }

  @Test func logOddsAreThoseOfTheLogarithm() {
    var worst = 0.0
    for p in stride(from: UInt32(1), to: 1 << 24, by: 997) {
      let odds = Double(p) / Double((1 << 24) - p)
      let value = Double(DeterministicMath.logOdds(p))
      let e = DeterministicMath.exponential(value * 0.693_147_180_559_945_3)
      worst = max(worst, abs(e / odds - 1))
    }
    #expect(worst < 1e-5)
    #expect(DeterministicMath.logOdds(1 << 23) == 0)
  }
}
