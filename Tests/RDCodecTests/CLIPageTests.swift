import Foundation
import Testing

/// The pages and pictures that bench draws.
@Suite struct CLIPageTests {
  /// A page of a lossy run, and the picture of its curves.
  private func page(
    _ runner: borrowing CLIRunner, _ options: String = ""
  ) throws -> (html: String, svg: String) {
    let outcome = try runner.shell(
      """
      "$rdcodec" bench *.ppm --effort 1 --quality 30,50,70,90 --svg a.svg --html a.html \(options)
      """)
    #expect(outcome.status == 0)
    return (
      String(decoding: try runner.bytes(of: "a.html"), as: UTF8.self),
      String(decoding: try runner.bytes(of: "a.svg"), as: UTF8.self)
    )
  }

  /// What the page's script reads.
  struct Pictures: Decodable {
    struct Shown: Decodable {
      struct Rate: Decodable {
        struct Entry: Decodable {
          var codec: String
          var source: Int
        }
        var entries: [Entry]
      }
      var name: String
      var width: Int
      var rates: [Rate]
    }
    var shown: [Shown]
    var sources: [String]
  }

  private func json(_ id: String, in page: String) throws -> Data {
    let start = try #require(page.range(of: "id=\"\(id)\">")).upperBound
    let end = try #require(page.range(of: "</script>", range: start..<page.endIndex)).lowerBound
    return Data(page[start..<end].utf8)
  }

  @Test func pageNeedsNoNetwork() throws {
    let runner = try CLIRunner()
    try runner.writeImage("a.ppm")
    let (html, svg) = try page(runner)
    #expect(html.hasPrefix("<!DOCTYPE html>") && html.hasSuffix("</html>\n"))
    for text in ["http:", "https:", "//www", "<link", "@import", "src=\"", "url("] {
      #expect(!html.contains(text), "\(text)")
    }
    // The name of the language is no address.
    #expect(svg.components(separatedBy: "http").count == 2)
    #expect(html.contains("prefers-color-scheme: dark") && html.contains("width=device-width"))
  }

  @Test func pictureOfCurvesSaysWhatItShows() throws {
    let runner = try CLIRunner()
    try runner.writeImage("a.ppm", width: 176, height: 168)
    let (html, svg) = try page(runner)
    #expect(svg.hasPrefix("<svg") && svg.hasSuffix("</svg>\n"))
    #expect(svg.contains("<title>rdcodec bench") && svg.contains("&quot;effort&quot; : 1"))
    #expect(svg.contains("prefers-color-scheme:dark"))
    for text in [svg, html] {
      #expect(text.contains("<title>rdcodec, setting 30: "))
      // Three quantities of four points.
      #expect(text.components(separatedBy: "class=\"point\"").count == 1 + 3 * 4)
    }
  }

  @Test func pageShowsPicturesAtThreeRates() throws {
    let runner = try CLIRunner()
    for (index, name) in ["a", "b", "c", "d", "e"].enumerated() {
      try runner.writeImage("\(name).ppm", seed: UInt64(index))
    }
    let (html, _) = try page(runner, "--pictures 2")
    let pictures = try JSONDecoder().decode(Pictures.self, from: json("pictures", in: html))
    #expect(pictures.shown.map(\.name) == ["b.ppm", "d.ppm"])
    #expect(pictures.shown.allSatisfy { $0.width == 48 && $0.rates.count == 3 })
    #expect(
      pictures.shown.allSatisfy { shown in
        shown.rates.allSatisfy { $0.entries.map(\.codec) == ["original", "rdcodec"] }
      })
    #expect(pictures.sources.count == 2 * 4 && Set(pictures.sources).count == 8)
    #expect(pictures.sources.allSatisfy { $0.hasPrefix("data:image/") })
    #expect(html.contains("2 of 5 images are shown."))
    let run = try JSONSerialization.jsonObject(with: json("run", in: html)) as? [String: Any]
    #expect(run?["effort"] as? Int == 1)
  }

  @Test func largeImagesAreShownByTheirMiddle() throws {
    let runner = try CLIRunner()
    try runner.writeImage("a.ppm", width: 800, height: 40)
    let (html, _) = try page(runner)
    let pictures = try JSONDecoder().decode(Pictures.self, from: json("pictures", in: html))
    #expect(pictures.shown.map(\.width) == [768])
    #expect(html.contains("Of large images the middle is shown"))
  }

  @Test func losslessPageHasNoPicturesAndNoCurves() throws {
    let runner = try CLIRunner()
    try runner.writeImage("a.ppm")
    let outcome = try runner.rdcodec("bench", "a.ppm", "--effort", "1", "--html", "-")
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("How it was measured"))
    #expect(!outcome.output.contains("id=\"pictures\"") && !outcome.output.contains("<polyline"))
  }

  @Test func existingReportsStay() throws {
    let runner = try CLIRunner()
    try runner.writeImage("a.ppm")
    try runner.write([1], to: "a.svg")
    let outcome = try runner.rdcodec("bench", "a.ppm", "--quality", "9", "--svg", "a.svg")
    #expect(outcome.status == 73)
    #expect(try runner.bytes(of: "a.svg") == [1])
  }

  @Test func markupInNamesStaysText() throws {
    let runner = try CLIRunner()
    let name = "a&<b>\"</script>".replacingOccurrences(of: "/", with: ":") + ".ppm"
    try runner.writeImage(name)
    let outcome = try runner.rdcodec(
      "bench", name, "--effort", "1", "--quality", "9,50", "--html", "a.html")
    #expect(outcome.status == 0)
    let page = String(decoding: try runner.bytes(of: "a.html"), as: UTF8.self)
    #expect(page.contains("a&amp;&lt;b&gt;&quot;") && !page.contains("<b>"))
    let pictures = try JSONDecoder().decode(Pictures.self, from: json("pictures", in: page))
    #expect(pictures.shown.map(\.name) == [name])
  }
}
