internal import Entropy

/// Decisions about levels: mixed from counters under hashed contexts, with two sets of weights.
struct LevelMixer: ~Copyable {
  static let contextCount = 12
  private static let startWeight: Float = 0.085
  private static let learningRate: Float = 0.003

  private let mixer: DecisionMixer
  private let shift: UInt32
  /// The second sets come after the first ones.
  private let firstSetCount: Int
  /// One for each context; a decision's node is added to all.
  private let hashes = Buffer<UInt32>(zeroed: contextCount)

  /// `sampleCount` bounds the memory; `setCounts`: how many sets of weights there are of each kind.
  init(kernels: ResidualKernels, sampleCount: Int, setCounts: (Int, Int)) {
    let bits = min(18, max(12, Int.bitWidth - sampleCount.leadingZeroBitCount - 2))
    shift = UInt32(32 - bits)
    firstSetCount = setCounts.0
    mixer = DecisionMixer(
      kernels: kernels, contexts: Self.contextCount, bits: bits,
      setCount: setCounts.0 + setCounts.1, rate: Self.learningRate)
    mixer.fill(Self.startWeight)
  }

  /// Codes one decision of the contexts that were set.
  @inline(__always)
  func code<Coder: BinaryCoder & ~Copyable>(
    _ bit: Bool, node: Int, sets: (Int, Int), with coder: inout Coder
  ) -> Bool {
    let salt = UInt32(truncatingIfNeeded: node &+ 1) &* 0x9E37_79B1
    for context in 0..<Self.contextCount {
      mixer.slots[context] = ((hashes[context] ^ salt) &* 0x85EB_CA6B) &>> shift
    }
    return mixer.code(bit, set: sets.0, and: firstSetCount &+ sets.1, with: &coder)
  }

  /// Sets the hash of one context from up to four small numbers.
  @inline(__always)
  func set(_ context: Int, _ a: Int, _ b: Int, _ c: Int = 0, _ d: Int = 0) {
    var h = UInt32(truncatingIfNeeded: a &* 0x1003F &+ b) &* 0x2C1B_3C6D
    h = (h ^ h &>> 15) &+ UInt32(truncatingIfNeeded: c &* 0x0801 &+ d) &* 0x297A_2D39
    h = (h ^ h &>> 14) &* 0x9E37_79B1
    hashes[context] = h ^ h &>> 16
  }
}
