internal import CKernels

/// What the adaptive models of drawings start from, learned from other drawings: the counters of
/// ``CandidateCoder`` under contexts that are not hashed, its mixing weights, without repeat distances
/// and with them, and those of ``ValueBitCoder``.
///
/// As it ships: counters as distances from ½ in 2⁻¹⁶ (0: nothing learned), then weights in 2⁻¹²,
/// 16 bits each.
package final class DrawingStart: @unchecked Sendable {
  /// How often a counter that was learned counts as having seen a decision.
  package static let age: Int16 = 2
  /// A weight of 1.
  private static let unit: Float = 4096

  private static let counterCount = CandidateCoder.learnedContexts.reduce(0) { $0 + $1.size }
  private static let weightCounts = [
    CandidateCoder.weightCount(hasDistances: false), CandidateCoder.weightCount(hasDistances: true),
    ValueBitCoder.weightCount,
  ]

  /// The start that the codec ships with.
  static let shipped: DrawingStart = {
    let values = UnsafeBufferPointer(start: ck_drawing_start(), count: ck_drawing_start_size())
    let start = DrawingStart()
    precondition(
      values.count == 2 * (start.counters.count + start.weights.count),
      "the start state does not fit these models")
    let words = (0..<values.count / 2).map {
      Int16(truncatingIfNeeded: Int(values[2 * $0]) | Int(values[2 * $0 + 1]) << 8)
    }
    for index in 0..<start.counters.count {
      start.counters[index] = KernelCounter(learned: words[index], age: age)
    }
    for index in 0..<start.weights.count {
      start.weights[index] = Float(words[start.counters.count + index]) / unit
    }
    return start
  }()

  // Written while it is made or trained, by one thread.
  /// Of the learned contexts, one after the other.
  package let counters = Buffer<KernelCounter>(zeroed: counterCount)
  /// Of candidates without and with distances, then of bits.
  private let weights = Buffer<Float>(zeroed: weightCounts.reduce(0, +))

  /// Nothing learned.
  package init() {
    CandidateCoder.fillWeights(candidateWeights(hasDistances: false), hasDistances: false)
    CandidateCoder.fillWeights(candidateWeights(hasDistances: true), hasDistances: true)
    ValueBitCoder.fillWeights(bitWeights)
  }

  package func candidateWeights(hasDistances: Bool) -> UnsafeMutablePointer<Float> {
    weights.base + (hasDistances ? Self.weightCounts[0] : 0)
  }

  package var bitWeights: UnsafeMutablePointer<Float> {
    weights.base + Self.weightCounts[0] + Self.weightCounts[1]
  }

  /// The start as it ships.
  package func bytes() -> [UInt8] {
    var words = (0..<counters.count).map { counters[$0].fast }
    words += (0..<weights.count).map {
      Int16(min(max(weights[$0] * Self.unit, -32767), 32767).rounded())
    }
    return words.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
  }
}
