/// Sums −log₂ p of every coded symbol of one stream: the objective, in bits.
@frozen
@usableFromInline
package struct BitLedger: Sendable {
  /// Bits of the symbols that `product` does not hold.
  @usableFromInline var settled = 0.0
  /// Product of the last symbols' probabilities: one multiplication instead of one logarithm each.
  @usableFromInline var product = 1.0

  @inlinable
  package init() {}

  /// Bits so far.
  package var bits: Double { settled - DeterministicMath.logarithm2(product) }

  /// Adds the cost of a symbol of probability `probability` · 2⁻²⁴.
  @inlinable @inline(always)
  package mutating func add(probability: UInt32) {
    product *= Double(probability) * 0x1p-24
    if product < 0x1p-900 { settle() }
  }

  /// Adds symbols of a known cost.
  @inlinable
  package mutating func add(bits more: Double) { settled += more }

  @usableFromInline
  mutating func settle() {
    settled -= DeterministicMath.logarithm2(product)
    product = 1
  }
}
