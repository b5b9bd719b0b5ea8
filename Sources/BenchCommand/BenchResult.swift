/// Everything that a bench run measured.
struct BenchResult: Sendable {
  var run: BenchRun
  var records: [BenchRecord] = []
  /// Of the other codecs; nothing where none was asked for.
  var peers: [PeerRecord] = []
  /// For a page.
  var pictures = BenchPictures()

  init(run: BenchRun) { self.run = run }

  var isLossless: Bool { records.allSatisfy(\.mode.isLossless) }

  /// Empty for lossless.
  var curves: BenchCurves { BenchCurves(records, peers) }

  /// For the terminal.
  var text: String {
    var parts = [BenchTable(records: records).table.text]
    if isLossless {
      if !peers.isEmpty {
        parts.append(LosslessComparison(records: records, peers: peers).table.text)
        parts.append(LosslessComparison.note + "\n")
      }
    } else {
      let curves = curves
      if curves.curves.contains(where: { $0.points.count > 1 }) { parts.append(curves.text) }
    }
    return parts.joined(separator: "\n")
  }
}
