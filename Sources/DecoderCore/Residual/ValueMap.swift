package import Entropy

/// Which values a plane uses, so that coding works on their ranks: 0 ..< count without gaps.
///
/// Values are low + step · k; of those, a map names the used ones where few are.
package struct ValueMap {
  private static let planeBits = 2
  /// The number of values above which a surface may need them as they are, and every how many rows
  /// are looked at for one.
  private static let manyCount = 256
  private static let rowsPerLook = 8

  package private(set) var low = 0
  package private(set) var step = 1
  /// The number of k from the lowest to the highest value.
  package private(set) var span = 1
  /// The used k in ascending order, where not all are.
  package private(set) var used: [UInt16]?
  /// The plane that this one follows, which then has no ranks of its own.
  package private(set) var followed: Int?

  /// The number of ranks.
  package var count: Int { followed == nil ? used?.count ?? span : 1 }

  /// The bits of a rank as it is.
  package var bitCount: Int { Int.bitWidth - (count - 1).leadingZeroBitCount }

  /// The map that codes a plane of rows of `width` best.
  init(of samples: [UInt16], width: Int) {
    self.init(of: samples)
    guard let used, used.count > Self.manyCount else { return }
    // Ranks of values that are missing by chance bend what is smooth.
    let ranks = ranks()
    var (straight, bent) = (0, 0)
    samples.withUnsafeBufferPointer { samples in
      for row in stride(from: width, to: samples.count, by: Self.rowsPerLook * width) {
        for here in row + 1..<row + width {
          straight += bendBits(here, width: width) { Int(samples[$0]) }
          bent += bendBits(here, width: width) { Int(ranks[Int(samples[$0])]) }
        }
      }
    }
    if straight < bent { self.used = nil }
  }

  /// Whether values are their own ranks.
  var isIdentity: Bool { low == 0 && step == 1 && used == nil }

  /// The map of the identity on one value.
  package init() {}

  /// Of a plane that follows another.
  init(following source: Int) { followed = source }

  /// The map that codes `samples` best.
  package init(of samples: [UInt16]) {
    let values = UsedValues(of: samples).values
    guard let low = values.first, let high = values.last, high > low else {
      self.low = values.first ?? 0
      return
    }
    self.low = low
    step = values.reduce(0) { Self.greatestCommonDivisor($0, $1 - low) }
    span = (high - low) / step + 1
    // Every sample saves up to log2(span / used) bits; a flag costs at most one. Where values
    // are missing by chance, ranks would bend slopes, so the gain has to be clear.
    let ratio = Double(span) / Double(values.count)
    if ratio > 1.125, Double(samples.count) * (ratio - 1) > 4 * Double(span) {
      used = values.map { UInt16(($0 - low) / step) }
    }
  }

  /// Whether ranks are values less ``low``.
  package var isShift: Bool { used == nil && step == 1 }

  private static func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
    b == 0 ? a : greatestCommonDivisor(b, a % b)
  }

  /// The rank of every sample value, 0 where it is not used.
  package func ranks() -> [UInt16] {
    var ranks = [UInt16](repeating: 0, count: 1 << 16)
    for rank in 0..<count { ranks[Int(value(rank))] = UInt16(rank) }
    return ranks
  }

  /// The sample value of a rank.
  package func value(_ rank: Int) -> UInt16 {
    UInt16(low + step * Int(used.map { Int($0[rank]) } ?? rank))
  }

  /// The sample values of all ranks.
  package func values() -> [UInt16] { (0..<count).map(value) }

  /// Where a mean in sixteenths of a sample step lies among the ranks.
  package func place(ofSixteenths mean: Int32) -> Float {
    let position = (Float(mean) / 16 - Float(low)) / Float(step)
    guard let used else { return position }
    // The last used value that is not above the position, and the fraction of the gap after it.
    var first = 0
    var end = used.count
    while first + 1 < end {
      let middle = (first + end) / 2
      if Float(used[middle]) <= position { first = middle } else { end = middle }
    }
    let next = first + 1 < used.count ? Float(used[first + 1]) : Float(used[first]) + 1
    let gap = next - Float(used[first])
    return Float(first) + min(max((position - Float(used[first])) / gap, 0), 1)
  }

  /// Codes the map of a plane of `depth` bits.
  package mutating func code<Coder: BinaryCoder & ~Copyable>(
    depth: Int, with coder: inout Coder
  ) throws(CodecError) {
    low = Int(coder.codeUniform(UInt32(low), bitCount: depth))
    span = Int(coder.codeUniform(UInt32(followed == nil ? span - 1 : 1), bitCount: depth)) + 1
    guard span > 1 else { return }
    let isStepped = coder.code(step > 1 || followed != nil, probability: 1 << 20)
    step =
      isStepped ? Int(coder.codeUniform(UInt32(followed == nil ? step : 0), bitCount: depth)) : 1
    guard step > 0 else {
      followed = Int(coder.codeUniform(UInt32(followed ?? 0), bitCount: Self.planeBits))
      (low, span, step) = (0, 1, 1)
      return
    }
    guard Int64(low) + Int64(step) * Int64(span - 1) < 1 << Int64(depth) else {
      throw .corrupt(field: "value range", at: coder.start)
    }
    guard coder.code(used != nil, probability: 1 << 21) else {
      used = nil
      return
    }
    try codeUsed(with: &coder)
  }

  /// Codes one flag per value but the first and last, under the last two flags.
  private mutating func codeUsed<Coder: BinaryCoder & ~Copyable>(
    with coder: inout Coder
  ) throws(CodecError) {
    var isUsed = [Bool](repeating: false, count: span)
    for k in used ?? [] { isUsed[Int(k)] = true }
    var probabilities = [UInt32](repeating: 1 << 23, count: 4)
    var context = 0
    var result: [UInt16] = []
    for k in 0..<span {
      if k > 0 && k < span - 1 {
        let flag = coder.code(isUsed[k], probability: probabilities[context])
        isUsed[k] = flag
        let target: UInt32 = flag ? (1 << 24) - 64 : 64
        probabilities[context] =
          flag
          ? probabilities[context] + (target - probabilities[context]) / 16
          : probabilities[context] - (probabilities[context] - target) / 16
        context = (context << 1 | (flag ? 1 : 0)) & 3
        if !flag { continue }
      }
      result.append(UInt16(k))
    }
    if coder.isExhausted { throw .truncated(at: coder.start) }
    used = result
  }
}

/// The bits of by how much the value at `here`, which is in no first row or column, misses W + N − NW.
@inline(__always)
package func bendBits(_ here: Int, width: Int, _ value: (Int) -> Int) -> Int {
  let bend = value(here) - value(here - 1) - value(here - width) + value(here - width - 1)
  return Int.bitWidth - abs(bend).leadingZeroBitCount
}
