internal import CKernels
internal import Entropy

/// What the models of levels start from, learned from other JPEG files: counters by what a decision
/// is about, and mixing weights.
///
/// As it ships: logarithms of odds in 16ths (0: nothing learned), then weights in 128ths, a signed
/// byte each.
package final class LevelStart: @unchecked Sendable {
  /// How often a counter that was learned counts as having seen a decision.
  private static let age: Int16 = 2
  private static let counterCount = Int(CK_LEVEL_STARTS)
  private static let weightCount = Int(CK_LEVEL_SETS * CK_LEVEL_WEIGHTS)
  /// The weight of every stretched probability where nothing is learned.
  private static let plainWeight: Float = 0.085
  private static let oddsUnit: Float = 16
  private static let weightUnit: Float = 128

  /// The start that the codec ships with.
  package static let shipped = LevelStart(
    Array(UnsafeBufferPointer(start: ck_level_start(), count: ck_level_start_size())))

  // Written while it is made or trained, by one thread.
  let counters = Buffer<KernelCounter>(zeroed: counterCount)
  let weights = Buffer<Float>(zeroed: weightCount)
  private let tallies: Buffer<(UInt32, UInt32)>
  private let learns: Bool

  /// How often decisions of each start were clear and set, while it is trained.
  var tally: UnsafeMutablePointer<(UInt32, UInt32)>? { learns ? tallies.base : nil }

  private init(_ bytes: [Int8]) {
    precondition(
      bytes.count == Self.counterCount + Self.weightCount,
      "the start state does not fit these models")
    learns = false
    tallies = Buffer(zeroed: 1)
    for index in 0..<Self.counterCount {
      counters[index] = Self.counter(bytes[index])
    }
    for index in 0..<Self.weightCount {
      weights[index] = Float(bytes[Self.counterCount + index]) / Self.weightUnit
    }
  }

  /// One that learns; nothing is learned yet, or counters are.
  package init(counters learned: [Int8]? = nil) {
    learns = true
    tallies = Buffer(zeroed: Self.counterCount)
    for (index, byte) in (learned ?? []).enumerated() { counters[index] = Self.counter(byte) }
    let stride = Int(CK_LEVEL_WEIGHTS)
    for set in 0..<Int(CK_LEVEL_DECISION_SETS) {
      (weights.base + set * stride).update(
        repeating: Self.plainWeight, count: Int(CK_LEVEL_CONTEXTS))
    }
  }

  private static func counter(_ odds: Int8) -> KernelCounter {
    guard odds != 0 else { return KernelCounter() }
    let place = Int((Float(odds) / oddsUnit + 14) * 256)
    let p = MixTables.shared.logistic.squash[place].p
    return KernelCounter(learned: Int16((p - 0.5) * 65536), age: age)
  }

  /// The logarithms of odds that were tallied, as they ship.
  package func tallied(_ logarithm: (Float) -> Float) -> [Int8] {
    (0..<Self.counterCount).map {
      guard let (clear, set) = tally?[$0], clear | set != 0 else { return 0 }
      let odds = logarithm((Float(set) + 0.4) / (Float(clear) + 0.4)) * Self.oddsUnit
      return Int8(max(-127, min(127, odds.rounded())))
    }
  }

  /// The weights as they ship.
  package func weightBytes() -> [Int8] {
    (0..<Self.weightCount).map {
      Int8(max(-127, min(127, (weights[$0] * Self.weightUnit).rounded())))
    }
  }
}
