import Foundation
import Testing

/// What bench and info print.
@Suite struct CLIReportTests {
  struct Report: Decodable {
    struct Bits: Decodable {
      var rateObjective: Double
      var rateWritten: Int
      var residualObjective: Double
      var residualWritten: Int
      var file: Int
    }
    struct Entry: Decodable {
      var file: String
      var width: Int
      var height: Int
      var channels: Int
      var depth: Int
      var quality: Double?
      var bits: Bits
      var psnr: Double?
      var msSsim: Double?
      var encodeSeconds: Double
      var decodeSeconds: Double
      var peakBytes: Int
      var bugs: [String]
    }
    struct Total: Decodable {
      var bits: Bits
      var psnr: Double?
      var bugs: [String]
    }
    var images: [Entry]
    var total: Total
  }

  @Test func benchReportsEveryImageAndTheTotal() throws {
    let runner = try CLIRunner()
    try runner.makeFolder("set")
    try runner.writeImage("set/b.ppm", width: 64)
    try runner.writeImage("set/a.ppm", seed: 2)
    let outcome = try runner.rdcodec("bench", "set", "--json", "-", "--effort", "1")
    #expect(outcome.status == 0)
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let report = try decoder.decode(Report.self, from: Data(outcome.output.utf8))
    #expect(report.images.map(\.file) == ["set/a.ppm", "set/b.ppm"])
    #expect(report.images.map(\.width) == [48, 64])
    #expect(report.images.allSatisfy { $0.bugs.isEmpty && $0.quality == nil })
    #expect(report.images.allSatisfy { $0.encodeSeconds > 0 && $0.peakBytes > 1 << 20 })
    #expect(report.total.bits.file == report.images.map(\.bits.file).reduce(0, +))
    #expect(
      report.total.bits.residualWritten
        == report.images.map(\.bits.residualWritten).reduce(0, +))
    let psnrs = report.images.compactMap(\.psnr)
    let mean = psnrs.isEmpty ? nil : psnrs.reduce(0, +) / Double(psnrs.count)
    #expect(report.total.psnr == mean)
  }

  @Test func undefinedMeasuresAreNull() throws {
    let runner = try CLIRunner()
    // Too small for a window of MS-SSIM.
    try runner.writeImage("a.ppm", width: 8, height: 8)
    let outcome = try runner.rdcodec("bench", "a.ppm", "--json", "-", "--effort", "1")
    #expect(outcome.output.contains("\"ms_ssim\" : null"))
  }

  @Test func benchMeasuresEveryQuality() throws {
    let runner = try CLIRunner()
    try runner.writeImage("a.ppm")
    let outcome = try runner.rdcodec(
      "bench", "a.ppm", "--quality", "20,80", "--csv", "a.csv", "--effort", "1")
    #expect(outcome.status == 0)
    let output = outcome.output.components(separatedBy: "\n\n")
    let tables = output.map { $0.split(separator: "\n") }
    #expect(tables.map(\.count) == [1 + 2 + 2, 1 + 1 + 2])
    #expect(Set(tables[0].map(\.count)).count == 1)
    #expect(tables[1][0] == "Means over the 1 image that every codec can store:")
    #expect(Set(tables[1].dropFirst().map(\.count)).count == 1)
    let csv = String(decoding: try runner.bytes(of: "a.csv"), as: UTF8.self)
    let rows = csv.split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    #expect(rows.map { $0[5] } == ["quality", "20.0", "80.0"])
    #expect(Set(rows.map(\.count)).count == 1)
  }

  @Test func badFileDoesNotStopBench() throws {
    let runner = try CLIRunner()
    try runner.write([0], to: "a.ppm")
    try runner.writeImage("b.ppm")
    let outcome = try runner.rdcodec("bench", "a.ppm", "b.ppm", "--effort", "1")
    #expect(outcome.status == 65)
    #expect(outcome.output.contains("b.ppm"))
  }

  @Test func infoSaysWhatTheFileHolds() throws {
    let runner = try CLIRunner()
    try runner.writeImage("a.ppm")
    let outcome = try runner.shell(
      """
      "$rdcodec" compress -q a.ppm a.rdc && "$rdcodec" info a.rdc && "$rdcodec" info --json - <a.rdc
      """)
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("48 x 40"))
    #expect(outcome.output.contains("\"width\":48"))
  }
}
