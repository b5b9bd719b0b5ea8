/// Which values occur among samples.
package struct UsedValues {
  /// Samples looked at together.
  private static let partCount = 1 << 12

  private var isUsed = [Bool](repeating: false, count: 1 << 16)
  private var low = Int(UInt16.max)
  private var high = 0
  /// Whether all values between the lowest and the highest occur, so that a sample between them
  /// adds nothing: most planes of photographs soon come so far.
  private var hasAllBetween = false

  package init(of samples: [UInt16]) {
    samples.withUnsafeBufferPointer { samples in
      for first in stride(from: 0, to: samples.count, by: Self.partCount) {
        let count = min(Self.partCount, samples.count - first)
        add(UnsafeBufferPointer(start: samples.baseAddress! + first, count: count))
      }
    }
  }

  private mutating func add(_ samples: UnsafeBufferPointer<UInt16>) {
    var (least, most) = (UInt16.max, UInt16.min)
    for sample in samples { (least, most) = (min(least, sample), max(most, sample)) }
    let isWithin = Int(least) >= low && Int(most) <= high
    if hasAllBetween && isWithin { return }
    isUsed.withUnsafeMutableBufferPointer { isUsed in
      for sample in samples { isUsed[Int(sample)] = true }
    }
    (low, high) = (min(low, Int(least)), max(high, Int(most)))
    // To look takes as long as so many samples.
    hasAllBetween = high - low < 2 * Self.partCount && isUsed[low...high].allSatisfy { $0 }
  }

  /// In ascending order.
  package var values: [Int] { low > high ? [] : (low...high).filter { isUsed[$0] } }
}
