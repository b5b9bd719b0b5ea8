import Foundation
import RDCodec

/// Curves of rate against distortion as an SVG picture: PSNR to the left, MS-SSIM to the right.
struct CurvePlot {
  var curves: [BenchCurves.Curve]

  private static let panelWidth = 460.0
  private static let panelHeight = 380.0
  private static let margin = (left: 52.0, right: 14.0, top: 40.0, bottom: 46.0)
  /// Told apart by people who see few colours as well.
  private static let colors = ["#0b5cad", "#d55e00", "#009e73", "#aa4499", "#806000"]

  var svg: String {
    let panels = [
      panel("PSNR, dB", at: 0) { $0.ratePoints(\.psnr) },
      panel("MS-SSIM, dB", at: Self.panelWidth) { $0.ratePoints(\.similarity) },
    ]
    let (width, height) = (2 * Self.panelWidth, Self.panelHeight + 26)
    return """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(number(width)) \(number(height))" \
      width="\(number(width))" height="\(number(height))" font-family="sans-serif" font-size="12">
      <rect width="100%" height="100%" fill="#ffffff"/>
      \(panels.joined(separator: "\n"))
      \(legend)
      </svg>

      """
  }

  private func panel(
    _ title: String, at offset: Double, _ points: (BenchCurves.Curve) -> [RatePoint]
  ) -> String {
    let series = curves.map(points)
    let all = series.flatMap { $0 }
    guard let xAxis = Axis.logarithmic(all.map(\.rate)), let yAxis = Axis.linear(all.map(\.psnr))
    else { return "" }
    let (left, right) = (offset + Self.margin.left, offset + Self.panelWidth - Self.margin.right)
    let (top, bottom) = (Self.margin.top, Self.panelHeight - Self.margin.bottom)
    let x = { (value: Double) in left + xAxis.share(value) * (right - left) }
    let y = { (value: Double) in bottom - yAxis.share(value) * (bottom - top) }

    var parts: [String] = []
    for tick in xAxis.ticks {
      parts.append(line(x(tick), top, x(tick), bottom, "#e2e2e2"))
      parts.append(text(x(tick), bottom + 17, "middle", Axis.label(tick)))
    }
    for tick in yAxis.ticks {
      parts.append(line(left, y(tick), right, y(tick), "#e2e2e2"))
      parts.append(text(left - 7, y(tick) + 4, "end", Axis.label(tick)))
    }
    parts.append(line(left, bottom, right, bottom, "#444444"))
    parts.append(line(left, top, left, bottom, "#444444"))
    parts.append(text(left, top - 14, "start", title))
    parts.append(text(right, bottom + 35, "end", "bits per pixel"))
    for (index, points) in series.enumerated() where !points.isEmpty {
      let color = Self.color(index)
      let path = points.map { "\(number(x($0.rate))),\(number(y($0.psnr)))" }
      let width = index == 0 ? "2.5" : "1.5"
      parts.append(
        "<polyline points=\"\(path.joined(separator: " "))\" fill=\"none\" stroke=\"\(color)\" "
          + "stroke-width=\"\(width)\" stroke-linejoin=\"round\"/>")
      for point in points {
        parts.append(
          "<circle cx=\"\(number(x(point.rate)))\" cy=\"\(number(y(point.psnr)))\" r=\"3\" "
            + "fill=\"\(color)\"/>")
      }
    }
    return parts.joined(separator: "\n")
  }

  private var legend: String {
    var x = Self.margin.left
    let y = Self.panelHeight + 10
    return curves.enumerated().map { index, curve in
      defer { x += 44 + 7.5 * Double(curve.codec.count) }
      let color = Self.color(index)
      return line(x, y - 4, x + 20, y - 4, color, width: index == 0 ? 2.5 : 1.5)
        + text(x + 26, y, "start", curve.codec)
    }.joined(separator: "\n")
  }

  private static func color(_ index: Int) -> String { colors[index % colors.count] }

  private func line(
    _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ color: String, width: Double = 1
  ) -> String {
    "<line x1=\"\(number(x1))\" y1=\"\(number(y1))\" x2=\"\(number(x2))\" y2=\"\(number(y2))\" "
      + "stroke=\"\(color)\" stroke-width=\"\(number(width))\"/>"
  }

  private func text(_ x: Double, _ y: Double, _ anchor: String, _ text: String) -> String {
    "<text x=\"\(number(x))\" y=\"\(number(y))\" text-anchor=\"\(anchor)\" fill=\"#222222\">"
      + "\(HTML.escaped(text))</text>"
  }

  private func number(_ value: Double) -> String { fixed(value, 1) }
}

/// A range of values, and the round numbers in it.
private struct Axis {
  var low: Double
  var high: Double
  var isLogarithmic: Bool
  var ticks: [Double]

  /// Nil without values.
  static func linear(_ values: [Double]) -> Axis? {
    guard let least = values.min(), let most = values.max() else { return nil }
    let span = max(most - least, 1)
    let step = [1.0, 2, 5, 10, 20].first { span / $0 <= 8 } ?? 50
    let (low, high) = ((least / step).rounded(.down), (most / step).rounded(.up))
    let end = max(high, low + 1)
    return Axis(
      low: low * step, high: end * step, isLogarithmic: false,
      ticks: (0...Int(end - low)).map { (low + Double($0)) * step })
  }

  static func logarithmic(_ values: [Double]) -> Axis? {
    guard let least = values.min(), let most = values.max(), least > 0 else { return nil }
    let (low, high) = (least / 1.1, most * 1.1)
    let ticks = (-4...4).flatMap { power in [1.0, 2, 5].map { $0 * pow(10, Double(power)) } }
    return Axis(
      low: low, high: high, isLogarithmic: true, ticks: ticks.filter { low < $0 && $0 < high })
  }

  /// Where a value lies, 0 … 1.
  func share(_ value: Double) -> Double {
    isLogarithmic ? log(value / low) / log(high / low) : (value - low) / (high - low)
  }

  static func label(_ value: Double) -> String { String(format: "%g", locale: nil, value) }
}
