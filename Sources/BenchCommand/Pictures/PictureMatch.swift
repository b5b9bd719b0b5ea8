import CommandSupport
import RDCodec

/// Finds the setting at which another codec makes about as many bytes of an image.
struct PictureMatch {
  private typealias Point = (setting: Double, byteCount: Int)

  private let runner: PeerRunner
  private let source: PeerSource
  /// By size.
  private let known: [Point]

  /// Sizes nearer than this, as a fraction, count as equal.
  private static let tolerance = 0.01
  private static let maximumTries = 6

  /// `known` are the codec's records of this image.
  init(runner: PeerRunner, source: PeerSource, known: [PeerRecord]) {
    self.runner = runner
    self.source = source
    self.known = known.compactMap { record in
      record.setting.map { ($0, record.fileBits / 8) }
    }.sorted { $0.byteCount < $1.byteCount }
  }

  /// The file nearest to this size, and what it decodes to; nil where nothing is known.
  func nearest(to wanted: Int) throws -> (PeerRecord, Image)? {
    guard let setting = try setting(for: wanted) else { return nil }
    return try runner.record(source, setting: setting)
  }

  /// Interpolates the logarithm of the size between two settings, again and again.
  private func setting(for wanted: Int) throws -> Double? {
    guard var best = known.min(by: { distance($0, wanted) < distance($1, wanted) }) else {
      return nil
    }
    guard var below = known.last(where: { $0.byteCount <= wanted }),
      var above = known.first(where: { $0.byteCount > wanted })
    else { return best.setting }
    for attempt in 0..<Self.maximumTries where distance(best, wanted) > Self.tolerance {
      var setting = between(below, above, wanted, halves: attempt % 3 == 2)
      let ends = [below.setting, above.setting]
      if ends.contains(setting) { setting = between(below, above, wanted, halves: true) }
      if ends.contains(setting) { break }
      let point = (setting, try runner.encode(source, setting: setting).byteCount)
      if point.1 <= wanted { below = point } else { above = point }
      if distance(point, wanted) < distance(best, wanted) { best = point }
    }
    return best.setting
  }

  /// Halving now and then keeps a bent curve from stopping the search at one of its ends.
  private func between(_ a: Point, _ b: Point, _ wanted: Int, halves: Bool) -> Double {
    let (low, high) = (log(Double(max(a.byteCount, 1))), log(Double(b.byteCount)))
    let fraction = halves || high <= low ? 0.5 : (log(Double(max(wanted, 1))) - low) / (high - low)
    let setting = a.setting + (b.setting - a.setting) * fraction
    if runner.peer.hasWholeSettings { return setting.rounded() }
    return (setting * 100).rounded() / 100
  }

  /// The ratio of two sizes, as the absolute of its logarithm.
  private func distance(_ point: Point, _ wanted: Int) -> Double {
    abs(log(Double(max(point.byteCount, 1)) / Double(max(wanted, 1))))
  }
}
