/// Turns so many positions into fewer, each the mean of what lies under it by area, in whole
/// numbers.
///
/// Of `source` positions each is `target` units long, so that those of the result are `source`
/// units long, and borders meet exactly.
struct AreaScale: Sendable {
  /// Fraction bits of what ``reduce(_:divisor:)`` gives.
  static let fractionBits: UInt64 = 8

  let source: Int
  /// At most ``source``.
  let target: Int

  /// The means of a row divided by `divisor`, with ``fractionBits``.
  ///
  /// - Parameters:
  ///   - row: ``source`` values below 2³².
  ///   - divisor: below 2¹⁶, and such that quotients stay below it.
  func reduce(_ row: [UInt64], divisor: UInt64 = 1) -> [UInt64] {
    precondition(row.count == source)
    let size = UInt64(source) * divisor
    var result = [UInt64](repeating: 0, count: target)
    row.withUnsafeBufferPointer { row in
      var (at, left) = (0, target)
      for place in 0..<target {
        var (sum, missing) = (UInt64(0), source)
        while missing > 0 {
          let part = min(missing, left)
          // Below 2³² times the number of positions, which takes 31 bits.
          sum &+= row[at] &* UInt64(part)
          missing -= part
          left -= part
          if left == 0 { (at, left) = (at + 1, target) }
        }
        result[place] =
          ((sum / size) << Self.fractionBits)
          + (((sum % size) << Self.fractionBits) + size / 2) / size
      }
    }
    return result
  }
}

/// The same from row to row: takes them from the top, and gives one as soon as it is complete.
struct RowScale: Sendable {
  private let scale: AreaScale
  private var sums: [UInt64]
  /// Units that the row under way still needs.
  private var missing: Int

  /// For rows of so many values.
  init(_ scale: AreaScale, count: Int) {
    self.scale = scale
    sums = [UInt64](repeating: 0, count: count)
    missing = scale.source
  }

  /// The rows that one more completes: none or one. Values take 24 bits.
  mutating func add(_ row: [UInt64]) -> [UInt64]? {
    var completed: [UInt64]?
    var left = scale.target
    while left > 0 {
      let part = min(missing, left)
      for index in sums.indices { sums[index] &+= row[index] &* UInt64(part) }
      missing -= part
      left -= part
      if missing == 0 {
        let size = UInt64(scale.source)
        completed = sums.map { ($0 + size / 2) / size }
        for index in sums.indices { sums[index] = 0 }
        missing = scale.source
      }
    }
    return completed
  }
}
