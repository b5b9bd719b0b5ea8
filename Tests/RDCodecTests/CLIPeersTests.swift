import Foundation
import Testing

/// bench against other codecs, whose tools are played by scripts.
@Suite struct CLIPeersTests {
  struct Report: Decodable {
    struct Peer: Decodable {
      var codec: String
      var file: String
      var setting: Double?
      var byteCount: Int
      var bitsPerPixel: Double
      var psnr: Double?
    }
    struct Curve: Decodable {
      struct Point: Decodable { var bitsPerPixel: Double }
      var codec: String
      var points: [Point]
    }
    struct Difference: Decodable {
      var codec: String
      var psnr: Double?
      var psnrRefusal: String?
    }
    struct Run: Decodable {
      struct Peer: Decodable {
        var codec: String
        var version: String?
        var encodeCommand: String
        var settings: [Double]
      }
      var metadata: String
      var peers: [Peer]
    }
    var run: Run
    var peers: [Peer]?
    var curves: [Curve]?
    var bdRates: [Difference]?
  }

  private func report(_ runner: borrowing CLIRunner, _ name: String) throws -> Report {
    try JSONDecoder().decode(Report.self, from: Data(try runner.bytes(of: name)))
  }

  private let lossyNames = ["JPEG 4:2:0", "WebP m6", "JPEG XL e7", "AVIF 4:4:4 s6"]

  @Test func losslessFilesAreComparedWithThoseOfTheTools() throws {
    let runner = try CLIRunner()
    try runner.writeImage("a.ppm")
    try PeerTools.make(in: runner)
    let outcome = try runner.shell(
      "PATH=$PWD/bin \"$rdcodec\" bench a.ppm --peers --effort 1 --json a.json --html a.html")
    #expect(outcome.status == 0 && outcome.errors.isEmpty)
    #expect(outcome.output.contains("rdcodec, of it"))
    let found = try report(runner, "a.json")
    let peers = try #require(found.peers)
    // A PPM is no PNG file on disk.
    #expect(peers.map(\.codec) == ["WebP m6", "JPEG XL e7"])
    #expect(Set(peers.map(\.byteCount)).count == 1)
    #expect(peers.allSatisfy { $0.setting == nil && $0.psnr == nil })
    #expect(found.run.peers.map(\.version) == ["cwebp 1.2.3", "cjxl 1.2.3"])
    #expect(found.run.metadata == "none")
    #expect(found.run.peers[0].encodeCommand.contains("-metadata none"))
    let page = String(decoding: try runner.bytes(of: "a.html"), as: UTF8.self)
    #expect(page.contains(">a.ppm</th>") && page.contains("JPEG XL e7"))
  }

  @Test func columnPNGIsTheFileOnDisk() throws {
    let runner = try CLIRunner()
    try runner.writeImage("a.ppm")
    let outcome = try runner.shell(
      """
      "$rdcodec" compress -q a.ppm a.rdc && "$rdcodec" decompress -q a.rdc a.png
      PATH=/nowhere "$rdcodec" bench a.png --peers -q --effort 1 --json a.json --csv a.csv
      """)
    #expect(outcome.status == 0 && outcome.errors.isEmpty)
    let size = try runner.bytes(of: "a.png").count
    let peers = try #require(try report(runner, "a.json").peers)
    #expect(peers.map(\.codec) == ["PNG"] && peers.map(\.byteCount) == [size])
    let lines = outcome.output.split(separator: "\n").map { $0.split(separator: " ") }
    #expect(lines.contains { $0.first == "a.png" && $0.count == 3 && $0[2] == "\(size)" })
    let csv = String(decoding: try runner.bytes(of: "a.csv"), as: UTF8.self)
    #expect(csv.contains("PNG,a.png,") && csv.contains(",\(size),"))
  }

  @Test func peersCoverTheRatesOfRDCodec() throws {
    let runner = try CLIRunner()
    try runner.writeImage("a.ppm")
    try PeerTools.make(
      restored: runner.folder.appendingPathComponent("poor.png").path, in: runner)
    let outcome = try runner.shell(
      """
      "$rdcodec" compress -q --quality 10 a.ppm poor.rdc
      "$rdcodec" decompress -q poor.rdc poor.png
      PATH=$PWD/bin "$rdcodec" bench a.ppm --peers --effort 1 --quality 30,50,70,90 \
        --json a.json --svg a.svg --html a.html --csv a.csv
      """)
    #expect(outcome.status == 0 && outcome.errors.isEmpty)
    let found = try report(runner, "a.json")
    let curves = try #require(found.curves)
    #expect(curves.map(\.codec) == ["rdcodec"] + lossyNames)
    let own = curves[0].points.map(\.bitsPerPixel)
    for curve in curves.dropFirst() {
      let rates = curve.points.map(\.bitsPerPixel)
      let peer = try #require(found.run.peers.first { $0.codec == curve.codec })
      #expect(peer.settings.count == rates.count)
      let isShort = rates[0] > own[0] || rates[rates.count - 1] < own[own.count - 1]
      let notes = outcome.output.split(separator: "\n").filter { $0.hasPrefix("No files as") }
      #expect(notes.contains { $0.contains(curve.codec) } == isShort)
      // One point beyond each end is enough.
      #expect(rates.count { $0 < own[0] } < 2)
      #expect(rates.count { $0 > own[own.count - 1] } < 2)
    }
    // Every decoder returned the same picture: no curve rises.
    let differences = try #require(found.bdRates)
    #expect(differences.map(\.codec) == lossyNames)
    #expect(differences.allSatisfy { $0.psnr == nil && $0.psnrRefusal != nil })
    #expect(outcome.output.contains("No BD-rate against WebP m6 by PSNR: "))
    let csv = String(decoding: try runner.bytes(of: "a.csv"), as: UTF8.self)
    #expect(csv.split(separator: "\n").count == 1 + 4 + (found.peers ?? []).count)
  }

  @Test func peersGetNoMetadataAndNoTransparencyThatTheyCannotHold() throws {
    let runner = try CLIRunner()
    let pam = "P7\nWIDTH 16\nHEIGHT 16\nDEPTH 4\nMAXVAL 255\nTUPLTYPE RGB_ALPHA\nENDHDR\n"
    let samples = (0..<16 * 16 * 4).map { UInt8(truncatingIfNeeded: $0 * 7) }
    try runner.write(Array(pam.utf8) + samples, to: "a.pam")
    try PeerTools.make(in: runner)
    let outcome = try runner.shell(
      "PATH=$PWD/bin \"$rdcodec\" bench a.pam --peers --effort 1 --quality 50 --json a.json")
    #expect(outcome.status == 0)
    #expect(outcome.errors == "a.pam: JPEG 4:2:0 holds no transparency\n")
    let calls = String(decoding: try runner.bytes(of: "calls"), as: UTF8.self)
      .split(separator: "\n")
    #expect(!calls.contains { $0.hasPrefix("cjpeg") })
    #expect(calls.contains { $0.hasPrefix("cwebp") })
    for call in calls where call.hasPrefix("cwebp") { #expect(call.contains("-metadata none")) }
    for call in calls where call.hasPrefix("avifenc") { #expect(call.contains("--ignore-icc")) }
  }

  @Test func jpegliTakesThePlaceOfTheOlderEncoder() throws {
    let runner = try CLIRunner()
    try runner.writeImage("a.ppm")
    try PeerTools.make(PeerTools.names + ["cjpegli", "djpegli"], in: runner)
    let outcome = try runner.shell(
      """
      for tool in cjpegli djpegli; do
        printf '#!/bin/sh\\nexec /bin/cp "$1" "$2"\\n' >bin/$tool
      done
      PATH=$PWD/bin "$rdcodec" bench a.ppm --peers --effort 1 --quality 50 --json a.json
      """)
    #expect(outcome.status == 0)
    let codecs = try report(runner, "a.json").run.peers.map(\.codec)
    #expect(codecs.contains("JPEG by jpegli") && !codecs.contains("JPEG 4:2:0"))
  }

  @Test func missingAndFailingToolsAreNoted() throws {
    let runner = try CLIRunner()
    try runner.writeImage("a.ppm")
    try PeerTools.make(["cjxl", "djxl", "cwebp"], in: runner)
    try runner.write(Array("#!/bin/sh\nexit 3\n".utf8), to: "bin/djxl")
    let outcome = try runner.shell(
      "PATH=$PWD/bin \"$rdcodec\" bench a.ppm --peers --effort 1 --json a.json")
    #expect(outcome.status == 0)
    #expect(outcome.errorLines.count == 2)
    #expect(outcome.errorLines.contains { $0.contains("WebP m6 is left out") })
    #expect(outcome.errorLines.contains { $0.contains("a.ppm: djxl: failed with status 3") })
    #expect(try report(runner, "a.json").peers == nil)
  }

  @Test func aPeerThatLosesSamplesIsNotLossless() throws {
    let runner = try CLIRunner()
    try runner.writeImage("a.ppm")
    try runner.writeImage("b.ppm", seed: 2)
    try PeerTools.make(
      restored: runner.folder.appendingPathComponent("b.ppm").path, in: runner)
    let outcome = try runner.shell(
      "PATH=$PWD/bin \"$rdcodec\" bench a.ppm --peers --effort 1 --json a.json")
    #expect(outcome.errorLines.count { $0.contains("gives back another image") } == 2)
    #expect(try report(runner, "a.json").peers == nil)
  }
}
