import CommandSupport
import RDCodec

/// A measure of how far a decoded image is from its original, and where reports show it.
///
/// One more is a file that describes it in an extension, and its name in ``all``: tables, curves,
/// pages, JSON and CSV take their columns from there.
struct Metric: Sendable {
  /// How JSON and CSV call it.
  var key: String
  /// How people call it.
  var name: String
  /// In tables, CSV and totals; nil for one that only the JSON report tells.
  var decimals: Int?
  /// Nil where it has no curve.
  var curve: Curve?
  /// Of the colours that can be seen; nil where it is undefined.
  var value: @Sendable (_ original: ColorPlanes, _ decoded: ColorPlanes) -> Double?

  /// How its means are drawn over bits per pixel, and compared as BD-rates.
  struct Curve: Sendable {
    /// How JSON calls the level of a point.
    var key: String
    /// The heading of their column.
    var heading: String
    /// Nil for numbers without one.
    var unit: String?
    /// What they are, as HTML.
    var explanation: String
    /// An image's value on a scale that is even to the eye or in the logarithm, such as decibels.
    var level: @Sendable (Double) -> Double
  }

  /// In the order of columns. The first with a curve is infinite where an image comes back exactly.
  static let all: [Metric] = [.psnr, .channelPSNR, .msSSIM, .ssim, .ssimulacra2]

  /// Those in tables.
  static let shown = all.filter { $0.decimals != nil }

  /// Those with curves.
  static let drawn = all.filter { $0.curve != nil }

  /// An image's level; nil where it has none.
  func level(_ distortion: Distortion) -> Double? {
    guard let curve, let value = distortion[self] else { return nil }
    let level = curve.level(value)
    return level.isFinite ? level : nil
  }

  /// A level, with its unit.
  func text(ofLevel level: Double) -> String {
    fixed(level, 2) + (curve?.unit.map { " " + $0 } ?? "")
  }

  /// A value for a table.
  func text(_ distortion: Distortion) -> String {
    distortion[self].map { fixed($0, decimals ?? 3) } ?? "-"
  }
}
