import CKernels
import TestSupport
import Testing

@testable import Entropy

@Suite struct RangeCoderTests {
  @Test(arguments: [0, 1, 31, 1_000_000], [0.0001, 0.3, 0.9999])
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
    let isExhausted = decoder.isExhausted
    #expect(decoded == bits)
    #expect(!isExhausted)
    #expect(Double(bytes.count) <= ledger.bits / 8 * 1.0002 + 8)
  }

  /// One symbol of a table that sums to 2²⁴.
  private struct Slice: Equatable {
    var start: UInt32
    var size: UInt32
  }

  /// Slices of every size down to one unit, many of them first, last, or the whole table.
  private func slices(count: Int, random: inout SplitMix64) -> [Slice] {
    (0..<count).map { _ in
      let total: UInt32 = 1 << 24
      let size = UInt32.random(in: 1...total, using: &random) >> UInt32(random.next() % 25)
      let start = UInt32.random(in: 0...total - max(size, 1), using: &random)
      switch random.next() % 4 {
      case 0: return Slice(start: 0, size: max(size, 1))
      case 1: return Slice(start: total - max(size, 1), size: max(size, 1))
      default: return Slice(start: start, size: max(size, 1))
      }
    }
  }

  @Test func carriesReachEveryByteBefore() {
    var random = SplitMix64(seed: 2)
    var failures = 0
    for round in 0..<5000 {
      let slices = slices(count: round % 40, random: &random)
      var encoder = RangeEncoder()
      for slice in slices { encoder.encode(start: slice.start, size: slice.size) }
      let bytes = encoder.finish()
      var decoder = RangeDecoder([7] + bytes + [9], in: 1..<bytes.count + 1)
      for slice in slices {
        let target = ck_range_target(&decoder.state)
        if target < slice.start || target >= slice.start + slice.size { failures += 1 }
        ck_range_consume(&decoder.state, slice.start, slice.size)
      }
      if decoder.isExhausted { failures += 1 }
    }
    #expect(failures == 0)
  }

  @Test(arguments: [false, true], [1, (1 << 24) - 1] as [UInt32])
  func survivesLongRunsAtTheEdges(bit: Bool, probability: UInt32) {
    var encoder = RangeEncoder()
    for _ in 0..<20_000 { encoder.encode(bit, probability: probability) }
    encoder.encode(!bit, probability: probability)
    let bytes = encoder.finish()
    var decoder = RangeDecoder(bytes)
    let run = (0..<20_000).allSatisfy { _ in decoder.decode(probability: probability) == bit }
    let end = decoder.decode(probability: probability)
    let isExhausted = decoder.isExhausted
    #expect(run)
    #expect(end == !bit)
    #expect(!isExhausted)
  }

  @Test func trailingZeroBytesAreNotExhaustion() {
    var encoder = RangeEncoder()
    for _ in 0..<100 { encoder.encodeUniform(0, bitCount: 24) }
    let bytes = encoder.finish()
    var decoder = RangeDecoder(bytes)
    let areZero = (0..<100).allSatisfy { _ in decoder.decodeUniform(bitCount: 24) == 0 }
    let isExhausted = decoder.isExhausted
    #expect(areZero)
    #expect(!isExhausted)
  }

  @Test func nothingTakesNoBytes() {
    let bytes = RangeEncoder().finish()
    var decoder = RangeDecoder(bytes)
    let before = decoder.isExhausted
    _ = decoder.decodeUniform(bitCount: 8)
    let after = decoder.isExhausted
    #expect(bytes.isEmpty)
    #expect(!before)
    #expect(after)
  }

  @Test(arguments: 2...200) func everyTruncationIsNoticed(missing: Int) {
    var random = SplitMix64(seed: 4)
    var encoder = RangeEncoder()
    for _ in 0..<100 { encoder.encodeUniform(UInt32(random.next() >> 48), bitCount: 16) }
    let bytes = encoder.finish()
    var decoder = RangeDecoder(bytes, in: 0..<max(0, bytes.count - missing))
    for _ in 0..<100 { _ = decoder.decodeUniform(bitCount: 16) }
    let isExhausted = decoder.isExhausted
    #expect(isExhausted)
  }
}
