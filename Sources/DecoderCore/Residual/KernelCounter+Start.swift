package import CKernels

/// Counters that start from what other images taught; one whose `fast` is 0 has learned nothing.
extension KernelCounter {
  /// A counter that counts as having seen `age` decisions; `fast` is its distance from ½ in 2⁻¹⁶.
  init(learned fast: Int16, age: Int16) {
    self = fast == 0 ? Self() : Self(fast: fast, quick: fast & ~31 | age)
  }

  /// Moves by `step` of the way to where a counter ended; the first time all the way, if that one
  /// has seen `fewest` decisions.
  package mutating func learn(from end: KernelCounter, step: Float, age: Int16, fewest: Int16) {
    if fast == 0 {
      guard end.quick & 31 >= fewest else { return }
      self = Self(learned: end.fast, age: age)
    } else {
      let moved = Float(fast) + step * (Float(end.fast) - Float(fast))
      self = Self(learned: Int16(moved.rounded()), age: age)
    }
  }
}
