import CKernels
import DecoderCore

private let decisionCount = 1 << 14
/// Of each table of counters: more than the second cache holds together.
private let tableBits: UInt32 = 16

/// Decisions mixed from counters alone, as drawings and levels of JPEG files have them.
func mixingParts() -> [Part] {
  forEachTable(ck_mixing_kernels_for) { isa, kernels in
    [6, 7, 8, 12].flatMap { count in
      [1, 2].map { sets in decisions(count: count, sets: sets, isa, kernels) }
    }
  }
}

private func decisions(count: Int, sets: Int, _ isa: ck_isa, _ kernels: ck_mixing_kernels) -> Part {
  var noise = Noise(state: 10)
  let slots: [UInt32] = noise.integers(decisionCount * count, in: 0...1 << tableBits - 1)
  let bits = (0..<decisionCount).map { _ in noise.float() > 0.7 }
  let state = MixingState(kernels, count: count)
  return Part(
    name: "decide, \(count) counters, \(sets) \(sets == 1 ? "set" : "sets")", isa: isa,
    sampleCount: decisionCount, prepare: state.reset
  ) {
    var symbol = ck_symbol()
    slots.withUnsafeBufferPointer { slots in
      withUnsafeMutablePointer(to: &symbol) { symbol in
        for (index, bit) in bits.enumerated() {
          state.mixer.pointee.slots = slots.baseAddress! + index * count
          var port = ck_port(in: nil, out: symbol)
          _ = kernels.decide(
            state.mixer, state.weights.base, sets > 1 ? state.more.base : nil, bit ? 1 : 0, &port)
        }
      }
    }
  }
}

/// What a mixer learns.
private final class MixingState {
  /// Two inputs a counter, up to a multiple of eight.
  let weights = Buffer<Float>(zeroed: 24)
  let more = Buffer<Float>(zeroed: 24)
  private let mixers = Buffer<ck_mixer>(zeroed: 1)
  private let counters: Buffer<ck_counter>
  private let stretch = Buffer<Float>(zeroed: Int(CK_STRETCH_COUNT))
  private let squash = Buffer<ck_squashed>(zeroed: Int(CK_SQUASH_COUNT))
  /// For as long as no decision has set others.
  private let slots = Buffer<UInt32>(zeroed: 12)
  private let count: Int

  var mixer: UnsafeMutablePointer<ck_mixer> { mixers.base }

  init(_ kernels: ck_mixing_kernels, count: Int) {
    self.count = count
    counters = Buffer(zeroed: count << Int(tableBits))
    kernels.fill_tables(stretch.base, squash.base)
    mixers[0] = ck_mixer(
      logistic: ck_logistic(stretch: stretch.base, squash: squash.base), counters: counters.base,
      bits: tableBits, count: UInt32(count), rate: 0.002, slots: UnsafePointer(slots.base))
  }

  func reset() {
    counters.base.update(repeating: ck_counter(fast: 0, quick: 0), count: counters.count)
    for set in [weights.base, more.base] {
      set.update(repeating: 0, count: 24)
      set.update(repeating: 0.1, count: count)
    }
  }
}
