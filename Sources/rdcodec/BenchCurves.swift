import RDCodec

/// The curves of rate against distortion of a lossy bench run, one per codec.
///
/// A point is one setting: the means, over all images, of bits per pixel and decibels.
struct BenchCurves: Sendable {
  struct Point: Sendable {
    var setting: Double
    var bitsPerPixel: Double
    var psnr: Double
    /// MS-SSIM as −10 · log₁₀(1 − similarity); nil where it is undefined.
    var similarity: Double?
  }

  struct Curve: Sendable {
    var codec: String
    var points: [Point]
  }

  /// How much more rdcodec spends than another codec at equal distortion, in percent.
  struct Difference: Sendable {
    var codec: String
    var psnr: Double?
    var similarity: Double?
  }

  /// rdcodec first.
  var curves: [Curve] = []
  var differences: [Difference] = []
  /// The images that every codec could store and give back at its depth; others do not count.
  private(set) var imageCount = 0

  static let own = "rdcodec"

  private struct Measure {
    var file: String
    var setting: Double
    var bitsPerPixel: Double
    var psnr: Double?
    var similarity: Double?
  }

  init(_ records: [BenchRecord], _ peers: [PeerRecord]) {
    var measures: [(codec: String, values: [Measure])] = []
    let own = records.compactMap { record in
      record.quality.map {
        Measure(
          file: record.file, setting: $0,
          bitsPerPixel: Double(record.fileBits) / Double(record.width * record.height),
          psnr: record.psnr, similarity: record.similarity)
      }
    }
    if !own.isEmpty { measures.append((Self.own, own)) }
    for peer in peers {
      guard let setting = peer.setting else { continue }
      let measure = Measure(
        file: peer.file, setting: setting,
        bitsPerPixel: Double(peer.fileBits) / Double(peer.pixelCount), psnr: peer.psnr,
        similarity: peer.similarity)
      if let index = measures.firstIndex(where: { $0.codec == peer.codec }) {
        measures[index].values.append(measure)
      } else {
        measures.append((peer.codec, [measure]))
      }
    }
    // Images that any codec could not measure would move its curve.
    let incomplete = Set(measures.flatMap { $0.values.filter { $0.psnr == nil }.map(\.file) })
    let files = measures.reduce(Set(records.map(\.file)).subtracting(incomplete)) { files, codec in
      files.intersection(codec.values.map(\.file))
    }
    imageCount = files.count
    for (codec, values) in measures {
      let points = Self.points(values.filter { files.contains($0.file) })
      if !points.isEmpty { curves.append(Curve(codec: codec, points: points)) }
    }
    guard let first = curves.first, first.codec == Self.own else { return }
    differences = curves.dropFirst().map { curve in
      Difference(
        codec: curve.codec,
        psnr: try? BDRate.percent(
          reference: curve.ratePoints(\.psnr), test: first.ratePoints(\.psnr)),
        similarity: try? BDRate.percent(
          reference: curve.ratePoints(\.similarity), test: first.ratePoints(\.similarity)))
    }
  }

  private static func points(_ values: [Measure]) -> [Point] {
    Set(values.map(\.setting)).compactMap { setting -> Point? in
      let group = values.filter { $0.setting == setting }
      guard let bits = mean(group.map(\.bitsPerPixel)), let psnr = mean(group.compactMap(\.psnr))
      else { return nil }
      let decibels = group.compactMap { $0.similarity.map(MSSSIM.decibels) }
      let isDefined = decibels.count == group.count && decibels.allSatisfy(\.isFinite)
      return Point(
        setting: setting, bitsPerPixel: bits, psnr: psnr,
        similarity: isDefined ? mean(decibels) : nil)
    }.sorted { $0.bitsPerPixel < $1.bitsPerPixel }
  }

  private static func mean(_ values: [Double]) -> Double? {
    values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }

  var pointTable: Table {
    var table = Table(header: ["codec", "setting", "bpp", "PSNR", "MS-SSIM, dB"])
    for curve in curves {
      for point in curve.points {
        table.append([
          curve.codec, fixed(point.setting, 1), fixed(point.bitsPerPixel, 4),
          fixed(point.psnr, 3), point.similarity.map { fixed($0, 3) } ?? "-",
        ])
      }
    }
    return table
  }

  var differenceTable: Table {
    var table = Table(header: ["rdcodec, BD-rate against", "by PSNR", "by MS-SSIM"])
    for difference in differences {
      table.append([
        difference.codec, Self.percent(difference.psnr), Self.percent(difference.similarity),
      ])
    }
    return table
  }

  var caption: String {
    let images = imageCount == 1 ? "1 image" : "\(imageCount) images"
    return "Means over the \(images) that every codec can store:"
  }

  /// Lines for a terminal: the points of every codec, then the BD-rates.
  var text: String {
    caption + "\n" + pointTable.text + (differences.isEmpty ? "" : "\n" + differenceTable.text)
  }

  static func percent(_ value: Double?) -> String {
    value.map { ($0 < 0 ? "-" : "+") + fixed(abs($0), 1) + " %" } ?? "-"
  }
}

extension BenchCurves.Curve {
  /// The points with one of the measures of distortion.
  func ratePoints(_ measure: KeyPath<BenchCurves.Point, Double>) -> [RatePoint] {
    points.map { RatePoint(rate: $0.bitsPerPixel, psnr: $0[keyPath: measure]) }
  }

  func ratePoints(_ measure: KeyPath<BenchCurves.Point, Double?>) -> [RatePoint] {
    points.compactMap { point in
      point[keyPath: measure].map { RatePoint(rate: point.bitsPerPixel, psnr: $0) }
    }
  }
}
