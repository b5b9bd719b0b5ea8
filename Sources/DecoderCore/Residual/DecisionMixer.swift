internal import CKernels
internal import Entropy

/// Codes decisions mixed from counters alone, in either direction: whoever uses it sets ``slots`` and
/// chooses the weights.
package struct DecisionMixer: ~Copyable {
  private let kernels: ResidualKernels
  private let contextCount: Int
  /// Counters of a context, as a power of two.
  private let bits: Int
  private let state = Buffer<KernelMixer>(zeroed: 1)
  private let counters: Buffer<KernelCounter>
  /// Sets of ``stride(contexts:)`` weights.
  package let weights: Buffer<Float>
  /// Each context's place among its counters: its value, or a hash.
  let slots: Buffer<UInt32>

  init(
    kernels: ResidualKernels, contexts: Int, bits: Int, setCount: Int, rate: Float
  ) {
    self.kernels = kernels
    self.bits = bits
    contextCount = contexts
    precondition([6, 7, 8, 12].contains(contexts))
    counters = Buffer(zeroed: contexts << bits)
    weights = Buffer(zeroed: setCount * Self.stride(contexts: contexts))
    slots = Buffer(zeroed: contexts)
    state.base.initialize(
      to: KernelMixer(
        logistic: MixTables.shared.logistic, counters: counters.base, bits: UInt32(bits),
        count: UInt32(contexts), rate: rate, slots: slots.base))
  }

  /// The weights of a set: of stretched probabilities, of quick ones, and zeros.
  package static func stride(contexts: Int) -> Int { (2 * contexts + 7) / 8 * 8 }

  /// Gives all stretched probabilities of sets the same weight.
  static func fill(
    _ weights: UnsafeMutablePointer<Float>, count: Int, contexts: Int, _ weight: Float
  ) {
    for set in Swift.stride(from: 0, to: count, by: stride(contexts: contexts)) {
      (weights + set).update(repeating: weight, count: contexts)
    }
  }

  func fill(_ weight: Float) {
    Self.fill(weights.base, count: weights.count, contexts: contextCount, weight)
  }

  package func counters(of context: Int) -> UnsafeMutablePointer<KernelCounter> {
    counters.base + context << bits
  }

  /// Codes one decision under a set of weights, or the sum of two.
  @inline(__always)
  func code<Coder: BinaryCoder & ~Copyable>(
    _ bit: Bool, set: Int, and more: Int? = nil, with coder: inout Coder
  ) -> Bool {
    let stride = Self.stride(contexts: contextCount)
    let first = weights.base + set &* stride
    let second = more.map { weights.base + $0 &* stride }
    return coder.code {
      kernels.mixing.decide(state.base, first, second, bit ? 1 : 0, $0) != 0
    }
  }
}
