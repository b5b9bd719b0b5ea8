import RDCodec

/// Everything that a bench run measured.
struct BenchResult: Sendable {
  var records: [BenchRecord] = []
  var peers: [PeerRecord] = []

  private var isLossless: Bool { records.allSatisfy { $0.quality == nil } }

  /// Empty for lossless.
  var curves: BenchCurves { BenchCurves(records, peers) }

  /// For the terminal.
  var text: String {
    var parts = [BenchTable(records: records).table.text]
    if isLossless {
      if !peers.isEmpty {
        parts.append(LosslessComparison(records: records, peers: peers).table.text)
      }
    } else if curves.curves.contains(where: { $0.points.count > 1 }) {
      parts.append(curves.text)
    }
    return parts.joined(separator: "\n")
  }

  /// A page with pictures and tables.
  var html: String {
    var parts: [String] = []
    let total = BenchTotal(records)
    parts.append(
      "<p>\(total.imageCount) measurements, \(fixed(Double(total.pixelCount) / 1e6, 2)) MP, "
        + "\(total.bugs.isEmpty ? "no bugs" : "\(total.bugs.count) bugs"). Rates are of whole "
        + "files; PSNR is of one MSE over all colour samples; MS-SSIM in decibels is "
        + "&minus;10&nbsp;log<sub>10</sub>(1&nbsp;&minus;&nbsp;MS-SSIM).</p>")
    let curves = curves
    if !curves.curves.isEmpty {
      parts.append("<h2>Bits against distortion</h2>\n" + CurvePlot(curves: curves.curves).svg)
      parts.append("<p>\(HTML.escaped(curves.caption))</p>")
      if !curves.differences.isEmpty { parts.append(HTML.table(curves.differenceTable)) }
      parts.append(HTML.table(curves.pointTable))
    } else if !peers.isEmpty {
      let comparison = LosslessComparison(records: records, peers: peers)
      parts.append("<h2>Other codecs</h2>\n" + HTML.table(comparison.table))
    }
    parts.append("<h2>Images</h2>\n" + HTML.table(BenchTable(records: records).table))
    return HTML.page(title: "rdcodec bench", parts.joined(separator: "\n"))
  }
}
