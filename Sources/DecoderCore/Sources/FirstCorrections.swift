internal import Entropy

/// Codes the correction of coordinates that were not seen before.
///
/// A lattice that was made by tables or by truncation strays from the fit in a regular way: with
/// each coordinate, and with where between integers the fit lies.
struct FirstCorrections: ~Copyable {
  private static let tableBits = 16
  private static let contextCount = 7
  private static let decisionCount = 3
  private static let startWeight: Float = 0.35
  private static let learningRate: Float = 0.01
  private let mixer: DecisionMixer
  private var magnitudes = [MagnitudeModel](repeating: MagnitudeModel(), count: 6)

  init() {
    mixer = DecisionMixer(
      kernels: KernelISA.current.residualKernels, contexts: Self.contextCount,
      bits: Self.tableBits, setCount: 3 * 2 * Self.decisionCount, rate: Self.learningRate)
    mixer.fill(Self.startWeight)
  }

  /// Codes the correction of `k`, whose colour lies at `positions` and is `plain` when rounded.
  mutating func code<Coder: BinaryCoder & ~Copyable>(
    _ correction: SIMD3<Int>, _ k: SIMD3<Int>, _ positions: SIMD3<Int64>, _ plain: SIMD3<Int>,
    with coder: inout Coder
  ) -> SIMD3<Int> {
    var result = SIMD3<Int>.zero
    for channel in 0..<3 {
      result[channel] = code(
        correction[channel], k, fraction: Int(positions[channel] & 0xFFFF),
        isClamped: plain[channel] == 0 || plain[channel] == 255, channel, with: &coder)
    }
    return result
  }

  private mutating func code<Coder: BinaryCoder & ~Copyable>(
    _ value: Int, _ k: SIMD3<Int>, fraction: Int, isClamped: Bool, _ channel: Int,
    with coder: inout Coder
  ) -> Int {
    let clamped = isClamped ? 1 : 0
    let set = channel << 1 | clamped
    let coarse = fraction >> 11
    let contexts = (
      hash(set, coarse, k.x, 0), hash(set, coarse, k.y, 1), hash(set, coarse, k.z, 2),
      hash(set, fraction >> 8, 0, 3), hash(set, k.x, k.y, 4), hash(set, k.x, k.z, 5),
      hash(set, k.y, k.z, 6) ^ ((coarse >> 2) &* 0x1F35)
    )
    guard decide(value != 0, contexts, 0, set, with: &coder) else { return 0 }
    let isNegative = decide(value < 0, contexts, 1, set, with: &coder)
    let isLarge = decide(abs(value) > 1, contexts, 2, set, with: &coder)
    guard isLarge else { return isNegative ? -1 : 1 }
    // The sign is known; the model codes it once more for nearly nothing.
    let rest = magnitudes[set].code(max(abs(value) - 1, 1), with: &coder)
    return (isNegative ? -1 : 1) * (abs(rest) + 1)
  }

  private func hash(_ set: Int, _ a: Int, _ b: Int, _ table: Int) -> Int {
    var h = UInt32(truncatingIfNeeded: set &* 0x3D4D_51CB)
    h = (h ^ UInt32(truncatingIfNeeded: a)) &* 0x9E37_79B1
    h = (h ^ h &>> 15 ^ UInt32(truncatingIfNeeded: b)) &* 0x85EB_CA77
    return Int(truncatingIfNeeded: h ^ h &>> 13)
  }

  private func decide<Coder: BinaryCoder & ~Copyable>(
    _ bit: Bool, _ contexts: (Int, Int, Int, Int, Int, Int, Int), _ decision: Int, _ set: Int,
    with coder: inout Coder
  ) -> Bool {
    let places = SIMD8(
      contexts.0, contexts.1, contexts.2, contexts.3, contexts.4, contexts.5, contexts.6, 0)
    for context in 0..<Self.contextCount {
      let place = places[context] &+ decision &* 0x2C1B
      mixer.slots[context] = UInt32(truncatingIfNeeded: place & (1 << Self.tableBits - 1))
    }
    return mixer.code(bit, set: set * Self.decisionCount + decision, with: &coder)
  }
}
