import CommandSupport
import RDCodec

/// The bench run as one page that needs no network: pictures, curves, tables, and how it was
/// measured.
struct BenchPage {
  private var result: BenchResult

  init(_ result: BenchResult) { self.result = result }

  var text: String {
    get throws {
      let title = "rdcodec bench"
      return """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>\(title)</title>
        <style>
        \(PageStyle.rules)
        \(CurvePlot.style)
        </style>
        </head>
        <body>
        <h1>\(title)</h1>
        \(try sections.joined(separator: "\n"))
        <script>
        \(PageScript.text)
        </script>
        </body>
        </html>

        """
    }
  }

  private var sections: [String] {
    get throws {
      let curves = result.curves
      var sections = [summary]
      if !result.pictures.shown.isEmpty {
        sections.append(try PictureViewer(result.pictures).html)
      } else if result.pictures.droppedCount > 0, let note = result.pictures.note {
        sections.append("<p class=\"note\">\(HTML.escaped(note))</p>")
      }
      if !curves.curves.isEmpty {
        sections.append(Self.curves(curves))
      } else if !result.peers.isEmpty {
        let comparison = LosslessComparison(records: result.records, peers: result.peers)
        sections.append(
          "<h2>Other codecs</h2>\n" + HTML.table(comparison.table, name: "Bytes by codec")
            + "<p class=\"note\">\(HTML.escaped(LosslessComparison.note))</p>")
      }
      sections.append(
        "<h2>Images</h2>\n"
          + HTML.table(BenchTable(records: result.records).table, name: "Measures of every image"))
      sections.append(try method)
      return sections
    }
  }

  private var summary: String {
    let total = BenchTotal(result.records)
    let bugs = total.bugs.isEmpty ? "no bugs" : "bugs: \(total.bugs.joined(separator: ", "))"
    let count = Set(result.records.map(\.file)).count
    let measurements = total.imageCount == 1 ? "1 measurement" : "\(total.imageCount) measurements"
    return "<p>\(count == 1 ? "1 image" : "\(count) images"), \(measurements), "
      + "\(fixed(Double(total.pixelCount) / 1e6, 2)) MP in all, \(HTML.escaped(bugs)).</p>"
  }

  private static func curves(_ curves: BenchCurves) -> String {
    let plot = CurvePlot(curves: curves.curves)
    var aside = ""
    if !curves.differences.isEmpty {
      aside =
        "<div class=\"rates\"><h3>BD-rates of rdcodec</h3>\n"
        + HTML.table(curves.differenceTable(corner: "against"), name: "BD-rates")
        + "<p class=\"note\">How many more bits rdcodec needs than the other at equal distortion, "
        + "on average; with &minus; it needs fewer.</p>\n"
        + (curves.refusals + curves.gaps).map {
          "<p class=\"note\">\(HTML.escaped($0))</p>\n"
        }.joined() + "</div>"
    }
    return """
      <h2>Bits against distortion</h2>
      <ul class="legend">
      \(plot.legendItems)
      </ul>
      <div class="curves">
      \(plot.panels.map { "<div class=\"panel\">\($0)</div>" }.joined(separator: "\n"))
      \(aside)
      </div>
      <p class="note">\(HTML.escaped(curves.caption)) bits per pixel of whole files; \
      \(Metric.drawn.compactMap(\.curve?.explanation).joined(separator: "; ")).</p>
      <details><summary>All points</summary>
      \(HTML.table(curves.pointTable, name: "Points of the curves"))</details>
      """
  }

  private var method: String {
    get throws {
      let fields = result.run.fields.map { name, value in
        "<dt>\(HTML.escaped(name))</dt><dd>\(HTML.escaped(value))</dd>"
      }
      return """
        <h2>How it was measured</h2>
        <dl>
        \(fields.joined(separator: "\n"))
        </dl>
        \(try HTML.json(result.run, id: "run"))
        """
    }
  }
}
