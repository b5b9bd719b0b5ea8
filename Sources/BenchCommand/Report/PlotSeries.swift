import CommandSupport

/// How the curve of one codec is drawn: by colour, dashes and markers, each of which is enough to
/// tell it from the others.
struct PlotSeries {
  /// Of the curve among all curves.
  var index: Int

  /// Each with the colour that takes its place on a dark ground; people who see few colours tell
  /// them apart as well.
  private static let colors: [(light: String, dark: String)] = [
    ("#0b5cad", "#6db3ff"), ("#c2410c", "#ff9b62"), ("#00795a", "#43d3a5"),
    ("#9c2f83", "#ee92da"), ("#6f5500", "#e3c64d"), ("#444444", "#c4c4c4"),
  ]
  private static let dashes = ["", "8 4", "2 3", "10 3 2 3", "5 2", "1 4"]
  /// Circle, square, triangle, diamond, triangle upside down, cross; around the origin.
  private static let markers = [
    "M-4,0a4,4 0 1,0 8,0a4,4 0 1,0 -8,0z", "M-3.5,-3.5h7v7h-7z", "M0,-5L4.6,3.4H-4.6z",
    "M0,-5L5,0L0,5L-5,0z", "M0,5L4.6,-3.4H-4.6z",
    "M-4.5,-1.5h3v-3h3v3h3v3h-3v3h-3v-3h-3z",
  ]

  private var color: String { Self.colors[index % Self.colors.count].light }

  /// Attributes of a line.
  var line: String {
    let dash = Self.dashes[index % Self.dashes.count]
    return "class=\"s\(index % Self.colors.count)\" fill=\"none\" stroke=\"\(color)\" "
      + "stroke-width=\"\(index == 0 ? "2.5" : "1.7")\" stroke-linejoin=\"round\""
      + (dash.isEmpty ? "" : " stroke-dasharray=\"\(dash)\"")
  }

  /// A marker at a place.
  func marker(x: Double, y: Double) -> String {
    let path = Self.markers[index % Self.markers.count]
    return "<path class=\"f\(index % Self.colors.count)\" fill=\"\(color)\" "
      + "transform=\"translate(\(fixed(x, 1)) \(fixed(y, 1)))\" d=\"\(path)\"/>"
  }

  /// Rules for a dark ground; programs that know none show the light colours.
  static var darkRules: String {
    ".paper{fill:#15181c}.ink{fill:#e6e6e6}.grid{stroke:#343a41}.axis{stroke:#9aa3ad}"
      + colors.indices.map { index in
        ".s\(index){stroke:\(colors[index].dark)}.f\(index){fill:\(colors[index].dark)}"
      }.joined()
  }
}
