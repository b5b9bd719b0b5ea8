import RDCodec

/// The curves of rate against distortion of a lossy bench run, one per codec.
///
/// A point is one setting: the means, over all images, of bits per pixel and of levels.
struct BenchCurves: Sendable {
  struct Point: Sendable {
    var setting: Double
    var bitsPerPixel: Double
    /// By each of ``Metric/drawn``; nil where it is undefined.
    var levels: [Double?]
  }

  struct Curve: Sendable {
    var codec: String
    var points: [Point]
  }

  /// How much more rdcodec spends than another codec at equal distortion.
  struct Difference: Sendable {
    var codec: String
    /// By each of ``Metric/drawn``.
    var outcomes: [Outcome]

    /// In percent, or why there is no number.
    typealias Outcome = Result<Double, BDRate.Refusal>
  }

  /// rdcodec first.
  private(set) var curves: [Curve] = []
  private(set) var differences: [Difference] = []
  /// The images that every codec could store and give back at its depth; others do not count.
  private(set) var imageCount = 0
  /// The images that do not count.
  private(set) var leftOutCount = 0
  /// Sentences about codecs whose rates do not span those of rdcodec.
  private(set) var gaps: [String] = []

  static let own = "rdcodec"

  private struct Measure {
    var file: String
    var setting: Double
    var bitsPerPixel: Double
    var distortion: Distortion
  }

  init(_ records: [BenchRecord], _ peers: [PeerRecord]) {
    let measures = Self.measures(records, peers)
    // Images that any codec could not measure, or gave back exactly, would move its curve.
    let incomplete = Set(
      measures.flatMap {
        $0.values.filter { Metric.drawn[0].level($0.distortion) == nil }.map(\.file)
      })
    let all = Set(records.map(\.file))
    let files = measures.reduce(all.subtracting(incomplete)) { files, codec in
      files.intersection(codec.values.map(\.file))
    }
    imageCount = files.count
    leftOutCount = measures.isEmpty ? 0 : all.count - files.count
    for (codec, values) in measures {
      let points = Self.points(values.filter { files.contains($0.file) })
      if !points.isEmpty { curves.append(Curve(codec: codec, points: points)) }
    }
    guard let first = curves.first, first.codec == Self.own else { return }
    differences = curves.dropFirst().map { curve in
      Difference(
        codec: curve.codec,
        outcomes: Metric.drawn.indices.map { metric in
          Self.outcome(curve.ratePoints(metric), first.ratePoints(metric))
        })
    }
    gaps = Self.gaps(first, curves.dropFirst())
  }

  private static func gaps(_ own: Curve, _ others: ArraySlice<Curve>) -> [String] {
    // Points are sorted by rate, and no curve is empty.
    let names = { (end: KeyPath<[Point], Point?>, isShort: (Double, Double) -> Bool) in
      others.filter { curve in
        guard let rate = curve.points[keyPath: end]?.bitsPerPixel,
          let wanted = own.points[keyPath: end]?.bitsPerPixel
        else { return false }
        return isShort(rate, wanted)
      }.map(\.codec).joined(separator: ", ")
    }
    let (small, large) = (names(\.first, >), names(\.last, <))
    return (small.isEmpty ? [] : ["No files as small as rdcodec's smallest: \(small)."])
      + (large.isEmpty ? [] : ["No files as large as rdcodec's largest: \(large)."])
  }

  /// By codec, rdcodec first; nothing for lossless.
  private static func measures(
    _ records: [BenchRecord], _ peers: [PeerRecord]
  ) -> [(codec: String, values: [Measure])] {
    let own = records.compactMap { record in
      record.mode.setting.map {
        Measure(
          file: record.file, setting: $0, bitsPerPixel: record.bitsPerPixel,
          distortion: record.distortion)
      }
    }
    var measures = own.isEmpty ? [] : [(codec: Self.own, values: own)]
    for peer in peers {
      guard let setting = peer.setting else { continue }
      let measure = Measure(
        file: peer.file, setting: setting, bitsPerPixel: peer.bitsPerPixel,
        distortion: peer.distortion)
      if let index = measures.firstIndex(where: { $0.codec == peer.codec }) {
        measures[index].values.append(measure)
      } else {
        measures.append((peer.codec, [measure]))
      }
    }
    return measures
  }

  private static func outcome(
    _ reference: [RatePoint], _ test: [RatePoint]
  ) -> Difference.Outcome {
    do throws(BDRate.Refusal) {
      return .success(try BDRate.percent(reference: reference, test: test))
    } catch {
      return .failure(error)
    }
  }

  private static func points(_ values: [Measure]) -> [Point] {
    Set(values.map(\.setting)).compactMap { setting -> Point? in
      let group = values.filter { $0.setting == setting }
      guard let bits = mean(group.map(\.bitsPerPixel)) else { return nil }
      let levels = Metric.drawn.map { metric in
        let values = group.compactMap { metric.level($0.distortion) }
        return values.count == group.count ? mean(values) : nil
      }
      return Point(setting: setting, bitsPerPixel: bits, levels: levels)
    }.sorted { $0.bitsPerPixel < $1.bitsPerPixel }
  }
}

extension BenchCurves.Curve {
  /// The points by one of ``Metric/drawn``.
  func ratePoints(_ metric: Int) -> [RatePoint] {
    points.compactMap { point in
      point.levels[metric].map { RatePoint(rate: point.bitsPerPixel, psnr: $0) }
    }
  }
}
