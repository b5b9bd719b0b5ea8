import Foundation
import Testing

/// What the command line refuses before anything is encoded or decoded.
@Suite struct CLIUsageTests {
  @Test(arguments: [
    ["frobnicate"],
    ["compress"],
    ["compress", "a.ppm", "b.ppm", "c.rdc"],
    ["compress", "a.ppm", "b.png"],
    ["compress", "a.ppm", "b.rdc", "--output", "c.rdc"],
    ["compress", "a.ppm", "--output", "b.rdc", "--out-dir", "."],
    ["compress", "a.ppm", "--output", "-", "--json"],
    ["compress", "--recursive", "."],
    ["compress", "--files-from", "a.ppm"],
    ["compress", "--out-dir", "."],
    ["compress", "a.ppm", "a.rdc", "--bogus"],
    ["compress", "a.ppm", "a.rdc", "--quality", "0"],
    ["compress", "a.ppm", "a.rdc", "--quality", "nan"],
    ["compress", "a.ppm", "a.rdc", "--quality", "50", "--preview", "10"],
    ["compress", "a.ppm", "a.rdc", "--target-bpp", "0"],
    ["compress", "a.ppm", "a.rdc", "--target-bpp", "nan"],
    ["compress", "a.ppm", "a.rdc", "--target-size", "0"],
    ["compress", "a.ppm", "a.rdc", "--target-psnr", "-3"],
    ["compress", "a.ppm", "a.rdc", "--target-ssimulacra2", "101"],
    ["compress", "a.ppm", "a.rdc", "--target-ssimulacra2", "80", "--target-psnr", "30"],
    ["compress", "a.ppm", "a.rdc", "--target-psnr", "30", "--quality", "10"],
    ["compress", "a.ppm", "a.rdc", "--target-size", "900", "--target-bpp", "1"],
    ["compress", "a.ppm", "a.rdc", "--max-error", "0"],
    ["compress", "a.ppm", "a.rdc", "--max-error", "17"],
    ["compress", "a.ppm", "a.rdc", "--tune", "visual", "--model", "a.bin"],
    ["compress", "a.ppm", "a.rdc", "--max-error", "2", "--preview", "10"],
    ["compress", "a.ppm", "a.rdc", "--effort", "10"],
    ["compress", "a.ppm", "a.rdc", "--jobs", "0"],
    ["compress", "a.ppm", "a.rdc", "-q", "-v"],
    ["compress", "-", "--out-dir", "."],
    ["decompress", "a.rdc", "b.rdc", "--format", "png"],
    ["decompress", "a.rdc", "a.png", "--layer", "middle"],
    ["decompress", "a.rdc", "a.png", "--format", "bmp"],
    ["decompress", "a.rdc", "a.png", "--region", "1,2,3"],
    ["decompress", "a.rdc", "a.png", "--region", "1,2,3,x"],
    ["decompress", "a.rdc", "a.png", "--region", "1,2,3,-4"],
    ["strip", "a.rdc"],
    ["bench"],
    ["bench", "a.ppm", "--quality", "50,x"],
    ["bench", "a.ppm", "--json", "-", "--csv", "-"],
    ["bench", "a.ppm", "--json", "-", "--html", "-"],
    ["bench", "a.ppm", "--json", "x", "--csv", "x", "--force"],
    ["bench", "a.ppm", "--svg", "a.svg"],
    ["info"],
    ["verify"],
  ])
  func senselessArgumentsAreUsageErrors(arguments: [String]) throws {
    let runner = try CLIRunner()
    try runner.writeImage("a.ppm")
    let before = runner.names
    let quoted = arguments.map { "'\($0)'" }.joined(separator: " ")
    let outcome = try runner.shell("\"$rdcodec\" \(quoted)")
    #expect(outcome.status == 64)
    #expect(outcome.errorLines.count == 1)
    #expect(outcome.errors.hasPrefix("rdcodec: "))
    #expect(outcome.output.isEmpty)
    #expect(runner.names == before)
  }

  @Test func versionAndHelpGoToStandardOutput() throws {
    let runner = try CLIRunner()
    let version = try runner.rdcodec("--version")
    #expect(version.status == 0)
    #expect(version.output.split(separator: ".").count == 3)
    for command in ["compress", "decompress", "bench", "info", "verify", "strip"] {
      let help = try runner.rdcodec("help", command)
      #expect(help.status == 0)
      #expect(help.output.contains("USAGE: rdcodec \(command)"))
    }
  }

  @Test(arguments: ["compress", "decompress", "bench", "info", "verify", "strip"])
  func missingInputIsNoInput(command: String) throws {
    let runner = try CLIRunner()
    let output =
      ["compress": "out.rdc", "decompress": "out.png", "strip": "out.rdc"][command] ?? ""
    let outcome = try runner.shell("\"$rdcodec\" \(command) missing \(output)")
    #expect(outcome.status == 66)
    #expect(outcome.errorLines.count == 1)
    #expect(outcome.errors.hasPrefix("rdcodec: missing: "))
    #expect(runner.names.isEmpty)
  }

  @Test(arguments: [
    "compress garbage out.rdc", "decompress garbage out.png", "bench garbage", "info garbage",
    "verify garbage", "strip garbage out.rdc",
  ])
  func garbageIsADataError(arguments: String) throws {
    let runner = try CLIRunner()
    try runner.write(Array("neither an image nor a bitstream".utf8), to: "garbage")
    let outcome = try runner.shell("\"$rdcodec\" \(arguments)")
    #expect(outcome.status == 65)
    #expect(outcome.errorLines.count == 1)
    #expect(outcome.errors.hasPrefix("rdcodec: garbage: "))
    #expect(runner.names == ["garbage"])
  }

  @Test func foldersAreNotFiles() throws {
    let runner = try CLIRunner()
    try runner.writeImage("a.ppm")
    try runner.makeFolder("folder")
    let asInput = try runner.rdcodec("compress", "folder", "a.rdc")
    #expect(asInput.status == 66)
    #expect(asInput.errors.contains("--out-dir"))
    #expect(try runner.rdcodec("compress", "a.ppm", "folder").status == 73)
    #expect(try runner.rdcodec("bench", "folder").status == 66)
  }

  @Test func foldersThatCannotBeMadeAreCannotCreate() throws {
    let runner = try CLIRunner()
    try runner.writeImage("a.ppm")
    #expect(try runner.rdcodec("compress", "a.ppm", "missing/a.rdc").status == 73)
    #expect(try runner.rdcodec("compress", "a.ppm", "--out-dir", "a.ppm").status == 73)
    #expect(try runner.rdcodec("compress", "a.ppm", "--out-dir", "a.ppm/b").status == 73)
    #expect(runner.names == ["a.ppm"])
  }

  @Test func inputIsNeverTheOutput() throws {
    let runner = try CLIRunner()
    try runner.writeImage("a.ppm")
    let before = try runner.bytes(of: "a.ppm")
    let linked = try runner.shell("ln a.ppm b.ppm && \"$rdcodec\" compress --force a.ppm b.ppm")
    #expect(linked.status == 64)
    #expect(try runner.bytes(of: "a.ppm") == before)
  }

  @Test func controlCharactersInNamesStayOnOneLine() throws {
    let runner = try CLIRunner()
    let outcome = try runner.rdcodec("info", "a\nb\u{1B}[2Jc")
    #expect(outcome.status == 66)
    #expect(outcome.errorLines.count == 1)
    #expect(!outcome.errors.contains("\u{1B}"))
  }
}
