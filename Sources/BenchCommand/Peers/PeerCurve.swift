import RDCodec

/// Finds the settings of another codec whose mean rates cover those of rdcodec's records.
///
/// All images get the same settings, so that every point of the curve is of the same images.
struct PeerCurve {
  /// The settings that were chosen, and the records at them.
  struct Found {
    var records: [PeerRecord] = []
    var settings: [Double] = []
  }

  private let ladder: [Double]
  /// Of the images that the codec did not fail at.
  private var sources: [PeerSource]
  private let own: [BenchRecord]
  private let measure: (PeerSource, Double) -> PeerRecord?
  /// By index into the ladder.
  private var measured: [Int: [PeerRecord]] = [:]

  init(
    peer: Peer, own: [BenchRecord], sources: [PeerSource],
    measure: @escaping (PeerSource, Double) -> PeerRecord?
  ) {
    ladder = peer.ladder
    self.own = own
    self.sources = sources
    self.measure = measure
  }

  /// Measures from the middle of the ladder to both sides, until rdcodec's rates are reached or the
  /// ladder ends.
  mutating func cover(progress: (Double) -> Void) -> Found {
    guard !ladder.isEmpty, !sources.isEmpty else { return Found() }
    let middle = ladder.count / 2
    var (low, high) = (middle, middle)
    while let rate = rate(low), let ends = ownRates, rate > ends.lowerBound, low > 0 {
      low -= 1
      progress(0.5 * Double(middle - low) / Double(middle))
    }
    while let rate = rate(high), let ends = ownRates, rate < ends.upperBound,
      high < ladder.count - 1
    {
      high += 1
      progress(0.5 + 0.5 * Double(high - middle) / Double(ladder.count - 1 - middle))
    }
    progress(1)
    guard let ends = ownRates else { return Found() }
    // One point beyond each end is enough.
    while low < high, let next = rate(low + 1), next <= ends.lowerBound { low += 1 }
    while low < high, let next = rate(high - 1), next >= ends.upperBound { high -= 1 }
    let kept = Set(sources.map(\.file))
    return Found(
      records: (low...high).flatMap { measured[$0] ?? [] }.filter { kept.contains($0.file) },
      settings: (low...high).map { ladder[$0] })
  }

  /// The mean bits per pixel at a setting, over the images that are left; nil where there is none.
  private mutating func rate(_ index: Int) -> Double? {
    if measured[index] == nil {
      var records: [PeerRecord] = []
      for source in sources {
        if let record = measure(source, ladder[index]) {
          records.append(record)
        } else {
          sources.removeAll { $0.file == source.file }
        }
      }
      measured[index] = records
    }
    let kept = Set(sources.map(\.file))
    let rates = (measured[index] ?? []).filter { kept.contains($0.file) }.map(\.bitsPerPixel)
    return rates.isEmpty ? nil : rates.reduce(0, +) / Double(rates.count)
  }

  /// From rdcodec's smallest to its largest files, on average of the same images.
  private var ownRates: ClosedRange<Double>? {
    let kept = Set(sources.map(\.file))
    let groups = Dictionary(grouping: own.filter { kept.contains($0.file) }, by: \.mode.label)
    let rates = groups.values.map { group in
      group.reduce(0) { $0 + $1.bitsPerPixel } / Double(group.count)
    }
    guard let least = rates.min(), let most = rates.max() else { return nil }
    return least...most
  }
}
