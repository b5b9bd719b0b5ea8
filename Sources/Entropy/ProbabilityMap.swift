/// Corrects a probability by what followed it before, in the same context.
///
/// Each context holds a curve through 33 bins, at the log-odds −16 ... 16, that starts as the
/// identity. Per decision: ``refine(logOdds:context:)``, then ``update(_:)``.
/// Source: M. Mahoney's "adaptive probability map", also known as secondary symbol estimation.
@frozen
@usableFromInline
package struct ProbabilityMap: ~Copyable {
  /// 33 bins per context: chance of true in units of 2⁻³².
  @usableFromInline var bins: [UInt32]
  @usableFromInline let limit: UInt32
  /// The bin nearest to the last log-odds.
  @usableFromInline var nearest = 0

  /// A map for `contextCount` contexts whose bins move by 2^−`limit` of the error.
  package init(contextCount: Int, limit: UInt32 = 6) {
    let curve = (-16...16).map { LogOdds.squash(Float($0)) << 8 }
    bins = Array((0..<contextCount).map { _ in curve }.joined())
    self.limit = limit
  }

  /// The corrected chance of true, 1 ... 2²⁴ − 1 in units of 2⁻²⁴.
  @inlinable @inline(always)
  package mutating func refine(logOdds: Float, context: Int) -> UInt32 {
    // Position in units of 2⁻¹⁶ bins, below the last bin.
    let clamped = min(max(logOdds, -16), 15.999_99)
    let position = UInt64(UInt32((clamped + 16) * 0x1p16))
    let lower = context &* 33 &+ Int(position &>> 16)
    let weight = position & 0xFFFF
    nearest = lower &+ Int(weight &>> 15)
    let sum = UInt64(bins[lower]) &* (0x1_0000 &- weight) &+ UInt64(bins[lower &+ 1]) &* weight
    return max(1, UInt32(truncatingIfNeeded: sum &>> 24))
  }

  /// Learns that the decision of the last ``refine(logOdds:context:)`` was `bit`.
  @inlinable @inline(always)
  package mutating func update(_ bit: Bool) {
    let mirror: UInt32 = bit ? .max : 0
    let distance = bins[nearest] ^ mirror
    bins[nearest] = (distance &- distance &>> limit) ^ mirror
  }
}
