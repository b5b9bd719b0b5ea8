import CommandSupport
import RDCodec

extension BenchCurves {
  var pointTable: Table {
    var table = Table(
      header: ["codec", "setting", "bpp"] + Metric.drawn.compactMap(\.curve?.heading))
    for curve in curves {
      for point in curve.points {
        table.append(
          [curve.codec, Self.setting(point.setting), fixed(point.bitsPerPixel, 4)]
            + point.levels.map { $0.map { fixed($0, 3) } ?? "-" })
      }
    }
    return table
  }

  func differenceTable(corner: String = "rdcodec, BD-rate against") -> Table {
    var table = Table(header: [corner] + Metric.drawn.map { "by \($0.name)" })
    for difference in differences {
      table.append([difference.codec] + difference.outcomes.map(Self.percent))
    }
    return table
  }

  /// A line for every BD-rate that there is not.
  var refusals: [String] {
    differences.flatMap { difference in
      zip(Metric.drawn, difference.outcomes).compactMap { metric, outcome in
        guard case .failure(let reason) = outcome else { return nil }
        return "No BD-rate against \(difference.codec) by \(metric.name): \(reason)."
      }
    }
  }

  /// What the points are means of.
  var caption: String {
    let images = imageCount == 1 ? "the 1 image" : "the \(imageCount) images"
    let rest =
      leftOutCount == 0
      ? ""
      : ", without \(leftOutCount) that \(leftOutCount == 1 ? "is" : "are") given back exactly "
        + "somewhere or that a codec cannot hold"
    return "Means over \(images) that every codec can store\(rest):"
  }

  /// Lines for a terminal: the points of every codec, then the BD-rates.
  var text: String {
    let notes = (refusals + gaps).map { $0 + "\n" }.joined()
    return caption + "\n" + pointTable.text
      + (differences.isEmpty ? "" : "\n" + differenceTable().text) + notes
  }

  /// A setting without decimals that say nothing.
  static func setting(_ value: Double) -> String {
    value == value.rounded() ? "\(Int(value))" : "\(value)"
  }

  static func percent(_ outcome: Difference.Outcome) -> String {
    guard case .success(let value) = outcome else { return "-" }
    return (value < 0 ? "-" : "+") + fixed(abs(value), 1) + " %"
  }
}
