package import CKernels

/// Codes decisions mixed from counters under hashed contexts, with two sets of weights that add up.
struct DecisionMixer: ~Copyable {
  static let contextCount = 12
  private static let weightStride = 24
  private static let startWeight: Float = 0.085
  private static let learningRate: Float = 0.003

  private let kernels: ResidualKernels
  private let counters: Buffer<KernelCounter>
  private let bits: Int
  private let mix: Buffer<KernelMix>
  private let first: Buffer<Float>
  private let second: Buffer<Float>
  private let sum = Buffer<Float>(zeroed: weightStride)
  /// One for each context; a decision's node is added to all.
  let hashes = Buffer<UInt32>(zeroed: contextCount)

  /// `sampleCount` bounds the memory; `setCounts`: how many sets of weights there are of each kind.
  init(kernels: ResidualKernels, sampleCount: Int, setCounts: (Int, Int)) {
    self.kernels = kernels
    bits = min(18, max(12, Int.bitWidth - sampleCount.leadingZeroBitCount - 2))
    counters = Buffer(zeroed: Self.contextCount << bits)
    mix = MixTables.shared.makeMix(counters: Self.contextCount)
    first = Buffer(zeroed: setCounts.0 * Self.weightStride)
    second = Buffer(zeroed: setCounts.1 * Self.weightStride)
    for (sets, count) in [(first.base, setCounts.0), (second.base, setCounts.1)] {
      for set in 0..<count {
        for k in 0..<Self.contextCount { sets[set * Self.weightStride + k] = Self.startWeight }
      }
    }
  }

  /// Codes one decision of the contexts in ``hashes``.
  @inline(__always)
  func code<Coder: BinaryCoder & ~Copyable>(
    _ bit: Bool, node: Int, sets: (Int, Int), with coder: inout Coder
  ) -> Bool {
    let salt = UInt32(truncatingIfNeeded: node &+ 1) &* 0x9E37_79B1
    let shift = UInt32(truncatingIfNeeded: 32 &- bits)
    for context in 0..<Self.contextCount {
      let slot = ((hashes[context] ^ salt) &* 0x85EB_CA6B) &>> shift
      let place = context &<< bits &+ Int(slot)
      ResidualKernels.setCounters(mix.base, context, counters.base + place)
    }
    let a = first.base + sets.0 &* Self.weightStride
    let b = second.base + sets.1 &* Self.weightStride
    for k in 0..<Self.weightStride { sum[k] = a[k] + b[k] }
    let p = kernels.call.decide_plain(mix.base, sum.base)
    let result = coder.code(bit, probability: p)
    let error = (result ? 1 : 0) - mix.base.pointee.probability
    let gain = error * Self.learningRate
    let inputs = self.inputs
    for k in 0..<Self.weightStride { b[k] += gain * inputs[k] }
    kernels.call.learn_plain(mix.base, result ? 1 : 0, Self.learningRate, a)
    return result
  }

  /// What the last decision was mixed from.
  @inline(__always)
  private var inputs: UnsafePointer<Float> { ck_mix_inputs(mix.base) }

  /// Sets the hash of one context from up to four small numbers.
  @inline(__always)
  func set(_ context: Int, _ a: Int, _ b: Int, _ c: Int = 0, _ d: Int = 0) {
    var h = UInt32(truncatingIfNeeded: a &* 0x1003F &+ b) &* 0x2C1B_3C6D
    h = (h ^ h &>> 15) &+ UInt32(truncatingIfNeeded: c &* 0x0801 &+ d) &* 0x297A_2D39
    h = (h ^ h &>> 14) &* 0x9E37_79B1
    hashes[context] = h ^ h &>> 16
  }
}
