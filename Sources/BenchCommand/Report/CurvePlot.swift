import CommandSupport
import RDCodec

/// Curves of rate against distortion as pictures: one of each metric that has curves.
///
/// A page shows the panels one by one, so that they can stand below each other; an SVG file holds
/// all. Every point tells its values to a pointer that rests on it, and to a reader of screens.
struct CurvePlot {
  var curves: [BenchCurves.Curve]

  private static let width = 460.0
  private static let height = 380.0
  /// Of all panels, side by side.
  private static let fullWidth = Double(Metric.drawn.count) * width
  private static let margin = (left: 46.0, right: 14.0, top: 34.0, bottom: 46.0)

  /// Rules that both the file and the page need.
  static var style: String {
    ".point{outline:none}.point .hit{fill:transparent}.point:hover path,.point:focus path"
      + "{stroke:currentColor;stroke-width:2}"
      + "@media(prefers-color-scheme:dark){\(PlotSeries.darkRules)}"
  }

  /// The panels that have points, each a picture of its own, without a namespace: for a page.
  var panels: [String] {
    let size = "0 0 \(Self.number(Self.width)) \(Self.number(Self.height))"
    return Metric.drawn.indices.compactMap { metric in
      let name = HTML.escaped(Metric.drawn[metric].name)
      return panel(metric).map { content in
        "<svg viewBox=\"\(size)\" role=\"group\" aria-label=\"\(name) "
          + "over bits per pixel\">\n\(content)\n</svg>"
      }
    }
  }

  /// Names and signs of the curves, as items of a list.
  var legendItems: String {
    curves.enumerated().map { index, curve in
      let series = PlotSeries(index: index)
      return "<li><svg viewBox=\"0 0 40 14\" width=\"40\" height=\"14\" aria-hidden=\"true\">"
        + "<path d=\"M0,7H40\" \(series.line)/>\(series.marker(x: 20, y: 7))</svg> "
        + "\(HTML.escaped(curve.codec))</li>"
    }.joined(separator: "\n")
  }

  /// A file with all panels, a legend, and what the run was.
  func svg(of run: BenchRun) throws -> String {
    let contents = Metric.drawn.indices.compactMap(panel)
    let legend = legend
    let (width, height) = (Self.fullWidth, Self.height + legend.height)
    let size = "\(Self.number(width)) \(Self.number(height))"
    let groups = contents.enumerated().map { index, content in
      "<g transform=\"translate(\(Self.number(Double(index) * Self.width)) 0)\">\n\(content)\n</g>"
    }
    let fields = run.fields.map { "\($0.name): \($0.value)" }
    let metadata = String(decoding: try JSON.text(run), as: UTF8.self).split(separator: "\n")
    return """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(size)" \
      width="\(Self.number(width))" height="\(Self.number(height))" \
      font-family="sans-serif" font-size="12">
      <title>rdcodec bench: rate and distortion</title>
      <desc>\(Self.lines(fields))</desc>
      <metadata>\(Self.lines(metadata.map(String.init)))</metadata>
      <style>\(Self.style)</style>
      <rect class="paper" width="100%" height="100%" fill="#ffffff"/>
      \(groups.joined(separator: "\n"))
      \(legend.content)
      </svg>

      """
  }

  private static func lines(_ lines: [String]) -> String {
    lines.map(HTML.escaped).joined(separator: "\n")
  }

  /// One of ``Metric/drawn``; nil where no curve has it.
  private func panel(_ metric: Int) -> String? {
    let name = Metric.drawn[metric].name
    let series = curves.map { curve in
      curve.points.compactMap { point in point.levels[metric].map { (point, $0) } }
    }
    let all = series.flatMap { $0 }
    guard let xAxis = PlotAxis.logarithmic(all.map(\.0.bitsPerPixel)),
      let yAxis = PlotAxis.linear(all.map(\.1))
    else { return nil }
    let (left, right) = (Self.margin.left, Self.width - Self.margin.right)
    let (top, bottom) = (Self.margin.top, Self.height - Self.margin.bottom)
    let x = { (value: Double) in left + xAxis.fraction(value) * (right - left) }
    let y = { (value: Double) in bottom - yAxis.fraction(value) * (bottom - top) }

    var parts: [String] = []
    for tick in xAxis.ticks {
      parts.append(Self.line(x(tick), top, x(tick), bottom, isAxis: false))
      parts.append(Self.text(x(tick), bottom + 17, "middle", PlotAxis.label(tick)))
    }
    for tick in yAxis.ticks {
      parts.append(Self.line(left, y(tick), right, y(tick), isAxis: false))
      parts.append(Self.text(left - 7, y(tick) + 4, "end", PlotAxis.label(tick)))
    }
    parts.append(Self.line(left, bottom, right, bottom, isAxis: true))
    parts.append(Self.line(left, top, left, bottom, isAxis: true))
    parts.append(
      Self.text(
        left, top - 14, "start",
        [name, Metric.drawn[metric].curve?.unit].compactMap(\.self).joined(separator: ", ")))
    parts.append(Self.text(right, bottom + 37, "end", "bits per pixel"))
    // rdcodec last, on top of the others.
    for (index, points) in series.enumerated().reversed() where !points.isEmpty {
      let style = PlotSeries(index: index)
      let path = points.map {
        "\(Self.number(x($0.0.bitsPerPixel))),\(Self.number(y($0.1)))"
      }
      parts.append("<polyline points=\"\(path.joined(separator: " "))\" \(style.line)/>")
      for (point, value) in points {
        let place = (x: x(point.bitsPerPixel), y: y(value))
        let text =
          "\(curves[index].codec), setting \(BenchCurves.setting(point.setting)): "
          + "\(fixed(point.bitsPerPixel, 4)) bits per pixel, \(name) "
          + Metric.drawn[metric].text(ofLevel: value)
        parts.append(
          "<g class=\"point\" tabindex=\"0\" role=\"img\" aria-label=\"\(HTML.escaped(text))\">"
            + "<title>\(HTML.escaped(text))</title>"
            + "<circle class=\"hit\" cx=\"\(Self.number(place.x))\" cy=\"\(Self.number(place.y))\" "
            + "r=\"11\" fill-opacity=\"0\"/>\(style.marker(x: place.x, y: place.y))</g>")
      }
    }
    return parts.joined(separator: "\n")
  }

  /// The legend below the panels, in as many rows as it takes.
  private var legend: (content: String, height: Double) {
    var (x, y) = (Self.margin.left, Self.height + 12)
    let items = curves.enumerated().map { index, curve in
      let width = 62 + 7.5 * Double(curve.codec.count)
      if x + width > Self.fullWidth, x > Self.margin.left {
        (x, y) = (Self.margin.left, y + 20)
      }
      defer { x += width }
      let series = PlotSeries(index: index)
      return "<path d=\"M\(Self.number(x)),\(Self.number(y - 4))h36\" \(series.line)/>"
        + series.marker(x: x + 18, y: y - 4) + Self.text(x + 43, y, "start", curve.codec)
    }
    return (items.joined(separator: "\n"), y - Self.height + 14)
  }

  private static func line(
    _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, isAxis: Bool
  ) -> String {
    "<path class=\"\(isAxis ? "axis" : "grid")\" stroke=\"\(isAxis ? "#555555" : "#e2e2e2")\" "
      + "d=\"M\(number(x1)),\(number(y1))L\(number(x2)),\(number(y2))\"/>"
  }

  private static func text(_ x: Double, _ y: Double, _ anchor: String, _ text: String) -> String {
    "<text class=\"ink\" x=\"\(number(x))\" y=\"\(number(y))\" text-anchor=\"\(anchor)\" "
      + "fill=\"#222222\">\(HTML.escaped(text))</text>"
  }

  private static func number(_ value: Double) -> String { fixed(value, 1) }
}
