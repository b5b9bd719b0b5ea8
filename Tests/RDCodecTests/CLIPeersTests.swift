import Foundation
import Testing

/// bench against other codecs, whose tools are played by scripts that copy files.
@Suite struct CLIPeersTests {
  /// Puts tools into `bin` that "code" an image by copying it, or `restored` in its place.
  private func makeTools(
    _ names: [String], restored: String? = nil, in runner: borrowing CLIRunner
  ) throws {
    try runner.makeFolder("bin")
    for name in names {
      // cwebp and dwebp: … IN -o OUT; avifenc, avifdec and djxl: … IN OUT; cjxl: IN OUT ….
      let arguments =
        switch name {
        case "cwebp", "dwebp": #"while [ $# -gt 3 ]; do shift; done; set -- "$1" "$3""#
        case "cjxl": ":"
        default: #"while [ $# -gt 2 ]; do shift; done"#
        }
      let isDecoder = ["dwebp", "djxl", "avifdec"].contains(name)
      let source = restored.flatMap { isDecoder ? $0 : nil } ?? "$1"
      try runner.write(
        Array("#!/bin/sh\n\(arguments)\nexec /bin/cp \"\(source)\" \"$2\"\n".utf8),
        to: "bin/\(name)")
    }
    _ = try runner.shell("chmod +x bin/*")
  }

  private let tools = ["cwebp", "dwebp", "cjxl", "djxl", "avifenc", "avifdec"]

  struct Report: Decodable {
    struct Peer: Decodable {
      var codec: String
      var setting: Double?
      var bits: Int
      var psnr: Double?
    }
    struct Curve: Decodable {
      struct Point: Decodable { var bitsPerPixel: Double }
      var codec: String
      var points: [Point]
    }
    struct Difference: Decodable { var codec: String }
    var peers: [Peer]?
    var curves: [Curve]?
    var bdRate: [Difference]?
  }

  private func report(_ runner: borrowing CLIRunner, _ name: String) throws -> Report {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(Report.self, from: Data(try runner.bytes(of: name)))
  }

  @Test func losslessFilesAreComparedWithThoseOfTheTools() throws {
    let runner = try CLIRunner()
    try runner.writeImage("a.ppm")
    try makeTools(tools, in: runner)
    let outcome = try runner.shell(
      "PATH=$PWD/bin \"$rdcodec\" bench a.ppm --peers --effort 1 --json a.json --html a.html")
    #expect(outcome.status == 0 && outcome.errors.isEmpty)
    #expect(outcome.output.contains("rdcodec, of it"))
    let peers = try #require(try report(runner, "a.json").peers)
    #expect(peers.map(\.codec) == ["PNG", "WebP m6", "JPEG XL e7"])
    #expect(Set(peers.map(\.bits)).count == 1)
    #expect(peers.allSatisfy { $0.setting == nil && $0.psnr == nil })
    let page = String(decoding: try runner.bytes(of: "a.html"), as: UTF8.self)
    #expect(page.contains("<td>a.ppm</td>") && page.contains("JPEG XL e7"))
  }

  @Test func lossyCurvesAreDrawn() throws {
    let runner = try CLIRunner()
    try runner.writeImage("a.ppm")
    try makeTools(
      tools, restored: runner.folder.appendingPathComponent("poor.png").path, in: runner)
    let outcome = try runner.shell(
      """
      "$rdcodec" compress -q --quality 10 a.ppm poor.rdc
      "$rdcodec" decompress -q poor.rdc poor.png
      PATH=$PWD/bin "$rdcodec" bench a.ppm --peers --effort 1 --quality 30,60,90 \
        --json a.json --svg a.svg --html a.html --csv a.csv
      """)
    #expect(outcome.status == 0 && outcome.errors.isEmpty)
    #expect(outcome.output.contains("BD-rate against"))
    let found = try report(runner, "a.json")
    #expect(found.peers?.count == 3 * 8)
    let names = ["WebP m6", "JPEG XL e7", "AVIF 4:4:4 s6"]
    #expect(found.curves?.map(\.codec) == ["rdcodec"] + names)
    #expect(found.bdRate?.map(\.codec) == names)
    let csv = String(decoding: try runner.bytes(of: "a.csv"), as: UTF8.self)
    #expect(csv.split(separator: "\n").count == 1 + 3 + 3 * 8)
  }

  @Test func curvesOfRDCodecAloneNeedNoTools() throws {
    let runner = try CLIRunner()
    try runner.writeImage("a.ppm")
    let outcome = try runner.rdcodec(
      "bench", "a.ppm", "--effort", "1", "--quality", "30,60,90", "--svg", "a.svg", "--html",
      "a.html", "--json", "a.json")
    #expect(outcome.status == 0)
    let curves = try #require(try report(runner, "a.json").curves)
    #expect(curves.map(\.codec) == ["rdcodec"] && curves[0].points.count == 3)
    let svg = String(decoding: try runner.bytes(of: "a.svg"), as: UTF8.self)
    #expect(svg.hasPrefix("<svg") && svg.contains("<polyline") && svg.hasSuffix("</svg>\n"))
    let page = String(decoding: try runner.bytes(of: "a.html"), as: UTF8.self)
    #expect(page.hasPrefix("<!DOCTYPE html>") && page.contains("<polyline"))
    #expect(try runner.rdcodec("bench", "a.ppm", "--quality", "9", "--svg", "a.svg").status == 73)
  }

  @Test func missingAndFailingToolsAreNoted() throws {
    let runner = try CLIRunner()
    try runner.writeImage("a.ppm")
    try makeTools(["cjxl", "djxl", "cwebp"], in: runner)
    try runner.write(Array("#!/bin/sh\nexit 3\n".utf8), to: "bin/djxl")
    _ = try runner.shell("chmod +x bin/djxl")
    let outcome = try runner.shell(
      "PATH=$PWD/bin \"$rdcodec\" bench a.ppm --peers --effort 1 --json a.json")
    #expect(outcome.status == 0)
    #expect(outcome.errorLines.count == 2)
    #expect(outcome.errorLines.contains { $0.contains("WebP m6 is left out") })
    #expect(outcome.errorLines.contains { $0.contains("a.ppm: djxl: failed with status 3") })
    #expect(try report(runner, "a.json").peers?.map(\.codec) == ["PNG"])
  }

  @Test func markupInNamesStaysText() throws {
    let runner = try CLIRunner()
    try runner.writeImage("a&<b>.ppm")
    let outcome = try runner.rdcodec(
      "bench", "a&<b>.ppm", "--effort", "1", "--html", "a.html")
    #expect(outcome.status == 0)
    let page = String(decoding: try runner.bytes(of: "a.html"), as: UTF8.self)
    #expect(page.contains("a&amp;&lt;b&gt;.ppm") && !page.contains("<b>"))
  }
}
