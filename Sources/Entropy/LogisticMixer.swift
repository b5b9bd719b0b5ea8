/// Blends the predictions of one decision into one: a weighted sum of their log-odds, with weights
/// that learn to shorten the code.
///
/// Inputs come in chunks of eight lanes; an unused lane holds 0 and changes nothing. A context
/// selects one of several weight sets. Per decision: ``setInputs(_:chunk:)`` for every chunk, then
/// ``mix(set:)``, then ``update(_:)``. The sums run over eight lanes in a fixed order, unfused.
/// Source: M. Mahoney, "Adaptive weighing of context models for lossless data compression", 2005.
@frozen
@usableFromInline
package struct LogisticMixer: ~Copyable {
  @usableFromInline let chunkCount: Int
  @usableFromInline let finalRate: Float
  /// Chunks of the first set, then of the second, ….
  @usableFromInline var weights: [SIMD8<Float>]
  @usableFromInline var inputs: [SIMD8<Float>]
  /// The present learning rate of each set.
  @usableFromInline var rates: [Float]
  /// The set of the last mix, what it gave, and its probability.
  @usableFromInline var set = 0
  @usableFromInline var blended: Float = 0
  @usableFromInline var probability: UInt32 = 1 << 23

  /// A mixer of 8 · `chunkCount` inputs, `setCount` sets of weights equal to `initialWeight`.
  ///
  /// The step of a set falls from `initialRate` towards `finalRate` over its first decisions.
  package init(
    chunkCount: Int, setCount: Int, initialWeight: Float = 0.3, initialRate: Float = 0.02,
    finalRate: Float = 0.002
  ) {
    self.chunkCount = chunkCount
    self.finalRate = finalRate
    weights = Array(repeating: SIMD8(repeating: initialWeight), count: chunkCount * setCount)
    inputs = Array(repeating: .zero, count: chunkCount)
    rates = Array(repeating: initialRate, count: setCount)
  }

  /// The log-odds that the last ``mix(set:)`` gave, −23 ... 23.
  @inlinable @inline(always)
  package var logOdds: Float { blended }

  /// Sets eight inputs, log-odds such as ``LogOdds/stretch(_:)`` gives.
  @inlinable @inline(always)
  package mutating func setInputs(_ logOdds: SIMD8<Float>, chunk: Int) {
    inputs[chunk] = logOdds
  }

  /// The chance of true, 1 ... 2²⁴ − 1 in units of 2⁻²⁴, as the weights of `set` see the inputs.
  @inlinable @inline(always)
  package mutating func mix(set: Int) -> UInt32 {
    self.set = set
    var sum = SIMD8<Float>.zero
    for chunk in 0..<chunkCount { sum += weights[set &* chunkCount &+ chunk] * inputs[chunk] }
    let four = sum.lowHalf + sum.highHalf
    let two = four.lowHalf + four.highHalf
    blended = min(max(two.x + two.y, -LogOdds.limit), LogOdds.limit)
    probability = LogOdds.squash(blended)
    return probability
  }

  /// Moves the weights of the last mix's set towards what would have predicted `bit` better.
  @inlinable @inline(always)
  package mutating func update(_ bit: Bool) {
    let error = Int32(bitPattern: (bit ? 1 &<< 24 : 0) &- probability)
    let rate = rates[set]
    rates[set] = rate + (finalRate - rate) * 0x1p-8
    let step = Float(error) * 0x1p-24 * rate
    for chunk in 0..<chunkCount { weights[set &* chunkCount &+ chunk] += step * inputs[chunk] }
  }
}
