/// The corrections of coordinates that were seen before.
struct CorrectionHistory: ~Copyable {
  /// Random, so that no file can be made whose coordinates all meet in one place; what is found
  /// does not depend on them.
  private static let multipliers = (
    UInt64.random(in: 0...UInt64.max) | 1, UInt64.random(in: 0...UInt64.max) | 1
  )

  private var keys: [UInt64]
  private var values: [SIMD3<Int16>]
  private var count = 0
  private var place = 0

  init() {
    keys = Array(repeating: 0, count: 1 << 12)
    values = Array(repeating: .zero, count: 1 << 12)
  }

  /// The last correction of `k`, if there is one; the place is kept for what follows.
  @inline(__always)
  mutating func find(_ k: SIMD3<Int>) -> SIMD3<Int>? {
    let key = Self.key(k)
    place = slot(of: key)
    guard keys[place] == key else { return nil }
    return SIMD3<Int>(truncatingIfNeeded: values[place])
  }

  /// Notes another correction at the place of the last ``find(_:)``.
  mutating func replace(_ correction: SIMD3<Int>) {
    values[place] = SIMD3<Int16>(truncatingIfNeeded: correction)
  }

  /// Notes the first one, after ``find(_:)`` found none.
  mutating func insert(_ k: SIMD3<Int>, _ correction: SIMD3<Int>) {
    keys[place] = Self.key(k)
    values[place] = SIMD3<Int16>(truncatingIfNeeded: correction)
    count += 1
    if 2 * count > keys.count { grow() }
  }

  private mutating func grow() {
    let (oldKeys, oldValues) = (keys, values)
    keys = Array(repeating: 0, count: 2 * oldKeys.count)
    values = Array(repeating: .zero, count: 2 * oldKeys.count)
    for (index, key) in oldKeys.enumerated() where key != 0 {
      let place = slot(of: key)
      keys[place] = key
      values[place] = oldValues[index]
    }
  }

  /// 0 marks an empty place.
  private static func key(_ k: SIMD3<Int>) -> UInt64 {
    1 &<< 63 | UInt64(k.x) &<< 32 | UInt64(k.y) &<< 16 | UInt64(k.z)
  }

  /// Where `key` stands or would stand.
  private func slot(of key: UInt64) -> Int {
    let mask = keys.count - 1
    var hash = key &* Self.multipliers.0
    hash ^= hash &>> 32
    hash &*= Self.multipliers.1
    var place = Int(truncatingIfNeeded: hash &>> 32) & mask
    while keys[place] != 0 && keys[place] != key { place = (place &+ 1) & mask }
    return place
  }
}
