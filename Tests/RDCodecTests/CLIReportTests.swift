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
    }
    struct Entry: Decodable {
      var file: String
      var inputByteCount: Int
      var width: Int
      var mode: String
      var quality: Double?
      var maximumError: Int?
      var preview: Double?
      var byteCount: Int
      var bits: Bits
      var psnr: Double?
      var encodeSeconds: Double
      var peakByteCount: Int
      var bugs: [String]
    }
    struct Total: Decodable {
      var byteCount: Int
      var bits: Bits
      var psnr: Double?
    }
    var images: [Entry]
    var total: Total
  }

  private func report(_ text: String) throws -> Report {
    try JSONDecoder().decode(Report.self, from: Data(text.utf8))
  }

  @Test func benchReportsEveryImageAndTheTotal() throws {
    let runner = try CLIRunner()
    try runner.makeFolder("set")
    try runner.writeImage("set/b.ppm", width: 64)
    try runner.writeImage("set/a.ppm", seed: 2)
    let outcome = try runner.rdcodec("bench", "set", "--json", "-", "--effort", "1")
    #expect(outcome.status == 0)
    let report = try report(outcome.output)
    #expect(report.images.map(\.file) == ["set/a.ppm", "set/b.ppm"])
    #expect(report.images.map(\.width) == [48, 64])
    #expect(report.images.allSatisfy { $0.bugs.isEmpty && $0.mode == "lossless" })
    #expect(report.images.allSatisfy { $0.encodeSeconds > 0 && $0.peakByteCount > 1 << 20 })
    #expect(report.images[1].inputByteCount == (try runner.bytes(of: "set/b.ppm")).count)
    #expect(report.total.byteCount == report.images.map(\.byteCount).reduce(0, +))
    #expect(
      report.total.bits.residualWritten
        == report.images.map(\.bits.residualWritten).reduce(0, +))
    let psnrs = report.images.compactMap(\.psnr)
    let mean = psnrs.isEmpty ? nil : psnrs.reduce(0, +) / Double(psnrs.count)
    #expect(report.total.psnr == mean)
  }

  /// Reports of different versions are compared by their keys: they change only on purpose.
  @Test func keysOfTheReportsAreStable() throws {
    let runner = try CLIRunner()
    try runner.writeImage("a.ppm")
    let outcome = try runner.rdcodec(
      "bench", "a.ppm", "--quality", "20,80", "--json", "a.json", "--csv", "a.csv", "--effort",
      "1")
    #expect(outcome.status == 0)
    let json = try JSONSerialization.jsonObject(with: Data(try runner.bytes(of: "a.json")))
    let root = try #require(json as? [String: Any])
    #expect(root.keys.sorted() == ["curves", "images", "run", "total"])
    let run = try #require(root["run"] as? [String: Any])
    #expect(
      run.keys.sorted() == [
        "commandLine", "effort", "formatVersion", "jobs", "machine", "metadata", "models",
        "peers", "recoversSource", "started", "tune", "version",
      ])
    let machine = try #require(run["machine"] as? [String: Any])
    #expect(
      machine.keys.sorted() == ["coreCount", "cpu", "kernels", "memoryByteCount", "system"])
    #expect((run["commandLine"] as? String)?.hasSuffix("--effort 1") == true)
    let image = try #require((root["images"] as? [[String: Any]])?.first)
    #expect(
      image.keys.sorted() == [
        "bits", "bitsPerPixel", "bugs", "byteCount", "channelCount", "decodeSeconds", "depth",
        "encodeSeconds", "file", "height", "inputByteCount", "inputFormat", "mode",
        "modelIdentifier", "msSSIM", "peakByteCount", "psnr", "psnrChannelMean", "quality",
        "source", "ssim", "ssimulacra2", "width",
      ])
    let csv = String(decoding: try runner.bytes(of: "a.csv"), as: UTF8.self)
    let header =
      "codec,file,inputByteCount,width,height,channelCount,depth,mode,setting,byteCount,"
      + "bitsPerPixel,rateObjective,rateWritten,residualObjective,residualWritten,psnr,msSSIM,ssimulacra2,"
      + "encodeSeconds,decodeSeconds,peakByteCount,source,modelIdentifier,bugs,codecVersion,"
      + "encodeCommand,version,effort,tune,recoversSource,jobs,metadata,cpu,coreCount,kernels,"
      + "system,started,commandLine"
    #expect(csv.prefix { $0 != "\n" } == header)
    #expect(!(csv + String(describing: root)).contains("_seconds"))
  }

  @Test func undefinedMeasuresAreNull() throws {
    let runner = try CLIRunner()
    // Too small for a window of MS-SSIM.
    try runner.writeImage("a.ppm", width: 8, height: 8)
    let outcome = try runner.rdcodec(
      "bench", "a.ppm", "--json", "-", "--effort", "1", "--preview", "30")
    #expect(outcome.output.contains("\"msSSIM\" : null"))
    #expect(!outcome.output.contains("\"ssimulacra2\" : null"))
    try runner.writeImage("b.ppm", width: 8, height: 7)
    let smaller = try runner.rdcodec("bench", "b.ppm", "--json", "-", "--effort", "1")
    #expect(smaller.output.contains("\"ssimulacra2\" : null"))
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
    #expect(rows.map { $0[8] } == ["setting", "20.0", "80.0"])
  }

  @Test func benchKeepsBoundsAndPreviews() throws {
    let runner = try CLIRunner()
    try runner.writeImage("a.ppm")
    let near = try report(
      try runner.rdcodec("bench", "a.ppm", "--max-error", "1,4", "--json", "-").output)
    #expect(near.images.map(\.maximumError) == [1, 4])
    #expect(near.images.allSatisfy { $0.bugs.isEmpty && ($0.psnr ?? 0) > 30 })
    #expect(near.images[0].byteCount > near.images[1].byteCount)
    let previews = try report(
      try runner.rdcodec("bench", "a.ppm", "--preview", "20,90", "--json", "-").output)
    #expect(previews.images.map(\.preview) == [20, 90])
    #expect((previews.images[0].psnr ?? 0) < (previews.images[1].psnr ?? 0))
    let none = try report(
      try runner.rdcodec("bench", "a.ppm", "--no-preview", "--json", "-").output)
    #expect(none.images.map(\.psnr) == [nil] && none.images[0].bugs.isEmpty)
    for wrong in [["--max-error", "0"], ["--max-error", "1.5"], ["--preview", "0"]] {
      #expect(try runner.rdcodec("bench", "a.ppm", wrong[0], wrong[1]).status == 64)
    }
    #expect(
      try runner.rdcodec("bench", "a.ppm", "--max-error", "1", "--quality", "5").status == 64)
    #expect(try runner.rdcodec("bench", "a.ppm", "--model", "a.ppm").status == 65)
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
