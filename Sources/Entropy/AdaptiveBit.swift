/// The learned probability that one kind of decision is true.
///
/// The first bits are averaged, (trues + ½) / (bits + 1) as Krichevsky and Trofimov estimate; once
/// 2^`limit` bits were seen, every further bit moves the probability by 2^−`limit` of the error.
/// Thirty-two bits of probability let a decision that is always the same cost below 2⁻²³ bits.
@frozen
@usableFromInline
package struct AdaptiveBit: Sendable {
  /// Chance of true, in units of 2⁻³².
  @usableFromInline var state: UInt32
  /// Bits seen, up to 2^limit.
  @usableFromInline var count: UInt16
  @usableFromInline var limit: UInt8

  /// A fair bit that adapts over about 2^`limit` bits, `limit` in 1 ... 15.
  @inlinable
  package init(limit: UInt8 = 7) {
    state = 1 << 31
    count = 0
    self.limit = limit
  }

  /// A bit that starts from `probability` · 2⁻²⁴ as if `count` bits had shown it.
  @inlinable
  package init(probability: UInt32, count: UInt16, limit: UInt8 = 7) {
    state = probability << 8
    self.count = min(count, 1 << UInt16(limit))
    self.limit = limit
  }

  /// Chance of true, 1 ... 2²⁴ − 1, in units of 2⁻²⁴.
  @inlinable @inline(always)
  package var probability: UInt32 { max(state &>> 8, 1) }

  /// Learns that the decision was `bit`.
  @inlinable @inline(always)
  package mutating func update(_ bit: Bool) {
    let mirror: UInt32 = bit ? .max : 0
    // The distance from the side that `bit` is on; shrinking it moves `state` towards `bit`.
    let distance = state ^ mirror
    let step: UInt32
    if count &>> UInt16(limit) != 0 {
      step = distance &>> UInt32(limit)
    } else {
      step = distance / (UInt32(count) &+ 2)
      count &+= 1
    }
    state = (distance &- step) ^ mirror
  }
}

extension BinaryCoder where Self: ~Copyable {
  /// Codes a decision with `model`, then teaches it to `model`.
  @inlinable @inline(always)
  package mutating func code(_ bit: Bool, _ model: inout AdaptiveBit) -> Bool {
    let result = code(bit, probability: model.probability)
    model.update(result)
    return result
  }
}
