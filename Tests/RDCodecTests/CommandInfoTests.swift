import Foundation
import RDCodec
import Testing

/// What info says of files that are whole, cut short, or something else.
@Suite struct CommandInfoTests {
  private func runnerWithFiles() throws -> CLIRunner {
    let runner = try CLIRunner()
    try runner.writeImage("a.ppm")
    let made = try runner.shell("\"$rdcodec\" compress -q --effort 1 --preview 20 a.ppm a.rdc")
    #expect(made.status == 0)
    let bytes = try runner.bytes(of: "a.rdc")
    try runner.write(Array(bytes.dropLast(9)), to: "cut.rdc")
    try runner.write(bytes + [0], to: "long.rdc")
    try runner.write(Array(bytes.prefix(12)), to: "stump.rdc")
    return runner
  }

  @Test func aFileThatIsCutShortIsShownAndDamaged() throws {
    let runner = try runnerWithFiles()
    let outcome = try runner.rdcodec("info", "cut.rdc")
    let count = try runner.bytes(of: "a.rdc").count
    #expect(outcome.status == 65)
    #expect(outcome.output.contains("48 x 40"))
    #expect(outcome.output.contains("truncated"))
    #expect(outcome.errorLines.count == 1)
    #expect(
      outcome.errors.contains("cut.rdc: the file is truncated: \(count - 9) of \(count) bytes"))
    #expect(outcome.errors.contains("--layer preview"))
    #expect(try runner.rdcodec("decompress", "cut.rdc", "p.png", "--layer", "preview").status == 0)
  }

  @Test func bytesAfterTheEndAreDamageAsForDecompress() throws {
    let runner = try runnerWithFiles()
    let outcome = try runner.rdcodec("info", "long.rdc")
    #expect(outcome.status == 65)
    #expect(outcome.output.contains("too many"))
    #expect(outcome.errors.contains("1 bytes follow the end"))
    #expect(try runner.rdcodec("verify", "long.rdc").status == 65)
  }

  @Test func oneBadFileDoesNotStopTheOthers() throws {
    let runner = try runnerWithFiles()
    let outcome = try runner.rdcodec(
      "info", "missing.rdc", "cut.rdc", "a.ppm", "stump.rdc", "a.rdc")
    #expect(outcome.status == 66)
    #expect(outcome.errorLines.count == 4)
    #expect(outcome.errors.contains("a.ppm: this is a PNM or PAM file, not rdc"))
    #expect(outcome.output.hasPrefix("cut.rdc:\n"))
    #expect(outcome.output.contains("\na.rdc:\n"))
  }

  @Test func jsonIsOneObjectALineAndFile() throws {
    let runner = try runnerWithFiles()
    let outcome = try runner.rdcodec("info", "--json", "a.rdc", "stump.rdc", "cut.rdc")
    #expect(outcome.status == 65)
    let lines = try outcome.output.split(separator: "\n").map {
      try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    #expect(lines.compactMap { $0["file"] as? String } == ["a.rdc", "stump.rdc", "cut.rdc"])
    #expect(lines.map { $0["isTruncated"] as? Bool } == [false, nil, true])
    #expect(lines.map { $0["error"] != nil } == [false, true, false])
    #expect(lines[0]["width"] as? Int == 48)
    #expect(lines[0]["byteCount"] as? Int == lines[0]["fileByteCount"] as? Int)
  }

  @Test func kindsOfMetadataAreNamedOnce() throws {
    let runner = try CLIRunner()
    try runner.writeImage("a.ppm")
    var image = try readImage(try runner.bytes(of: "a.ppm"))
    image.metadata = [65, 66].map { MetadataItem(.text(.init(keyword: [$0], text: [67]))) }
    let png = try writeImage(image, as: .png)
    try runner.write(png, to: "a.png")
    let outcome = try runner.shell(
      "\"$rdcodec\" compress -q --effort 1 --preview 20 a.png a.rdc && \"$rdcodec\" info a.rdc")
    #expect(outcome.output.contains("text (2)\n"), "\(outcome.output)")
    #expect(outcome.output.contains("quality of the preview  20.0\n"))
  }

  @Test(arguments: ["info", "verify"])
  func aFolderIsNoFile(command: String) throws {
    let runner = try runnerWithFiles()
    let outcome = try runner.rdcodec(command, ".")
    #expect(outcome.status == 66)
    #expect(outcome.errors.contains("./*.rdc"))
    #expect(!outcome.errors.contains("--out-dir"))
  }
}
