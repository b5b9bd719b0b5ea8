import Foundation
import Testing

/// What the command line says about options that it does not have.
@Suite struct CommandUsageTests {
  /// Runs arguments that are wrong, beside an image a.ppm, and returns the message.
  private func message(_ arguments: [String]) throws -> String {
    let runner = try CLIRunner()
    try runner.writeImage("a.ppm")
    let before = runner.names
    let quoted = arguments.map { "'\($0)'" }.joined(separator: " ")
    let outcome = try runner.shell("\"$rdcodec\" \(quoted)")
    #expect(outcome.status == 64)
    #expect(outcome.errorLines.count == 1)
    #expect(outcome.output.isEmpty)
    #expect(runner.names == before)
    return outcome.errors
  }

  @Test(arguments: [
    (["compress", "a.ppm", "a.rdc", "--qualty", "50"], "--qualty", "--quality"),
    (["compress", "--qualty", "50", "a.ppm", "a.rdc"], "--qualty", "--quality"),
    (["compress", "--qualty=50", "a.ppm", "a.rdc"], "--qualty", "--quality"),
    (["compress", "a.ppm", "a.rdc", "-quality", "50"], "-quality", "--quality"),
    (
      ["compress", "a.ppm", "a.rdc", "--target", "50"], "--target", "--target-bpp or --target-size"
    ),
    (["compress", "a.ppm", "a.rdc", "--target_size", "50"], "--target_size", "--target-size"),
    (["compress", "a.ppm", "a.rdc", "--efort", "3"], "--efort", "--effort"),
    (["compress", "a.ppm", "a.rdc", "--distance", "1"], "--distance", "--quality"),
    (["compress", "a.ppm", "a.rdc", "-d", "1"], "-d", "--max-error"),
    (["compress", "a.ppm", "a.rdc", "--lossless"], "--lossless", "nothing is lost"),
    (["compress", "-lossless", "a.ppm", "a.rdc"], "-lossless", "nothing is lost"),
    (["compress", "a.ppm", "a.rdc", "--speed", "3"], "--speed", "--effort"),
    (["compress", "a.ppm", "a.rdc", "-s", "3"], "-s", "--effort"),
    (["compress", "a.ppm", "a.rdc", "-m", "6"], "-m", "--effort"),
    (["compress", "a.ppm", "a.rdc", "-9"], "-9", "--effort 9"),
    (["compress", "a.ppm", "a.rdc", "-19"], "-19", "--effort 9"),
    (["compress", "a.ppm", "a.rdc", "-mt"], "-mt", "--jobs"),
    (["compress", "a.ppm", "a.rdc", "-size", "900"], "-size", "--target-size"),
    (["decompress", "a.rdc", "a.png", "-crop", "1"], "-crop", "--region"),
    (["decompress", "a.rdc", "a.png", "--quality", "1"], "--quality", "compress"),
    (["info", "--jsn", "a.rdc"], "--jsn", "--json"),
    (["verify", "a.rdc", "--al"], "--al", "rdcodec help verify"),
    (["bench", "a.ppm", "--bogus"], "--bogus", "rdcodec help bench"),
    (["compres", "a.ppm", "a.rdc"], "compres", "'rdcodec compress'"),
    (["encode", "a.ppm", "a.rdc"], "encode", "'rdcodec compress'"),
    (["-d", "a.rdc"], "-d", "'rdcodec decompress'"),
    (["a.ppm"], "a.ppm", "rdcodec compress"),
    (["help", "compres"], "compres", "'rdcodec compress'"),
    (["help", "foo"], "foo", "the commands are compress"),
    (["help", "compress", "foo"], "foo", "the commands are compress"),
    (["foo", "--help"], "foo", "the commands are compress"),
    (["--help", "foo"], "foo", "the commands are compress"),
    (["help", "--foo"], "--foo", "see 'rdcodec help'"),
    (["compress", "-photo.ppm", "a.rdc"], "-photo.ppm", "rdcodec help compress"),
  ])
  func anUnknownWordIsNamedAndTheNearestSuggested(
    arguments: [String], word: String, suggestion: String
  ) throws {
    let message = try message(arguments)
    #expect(message.contains("\(word)") && message.contains(suggestion), "\(message)")
    #expect(!message.contains("an input and an output"))
  }

  @Test(arguments: [
    ["compress", "-q", "80", "a.ppm", "a.rdc"], ["compress", "-q80", "a.ppm", "a.rdc"],
    ["compress", "-q=80", "a.ppm", "a.rdc"], ["compress", "a.ppm", "--out-dir", ".", "-q", "80"],
  ])
  func qualityByTheShortNameThatOthersHaveIsExplained(arguments: [String]) throws {
    let message = try message(arguments)
    #expect(message.contains("-q is short for --quiet"))
    #expect(message.contains("--quality 80"))
  }

  @Test(arguments: [
    (["decompress", "a.rdc", "a.png", "--region", "-1,0,5,5"], "-1,0,5,5"),
    (["decompress", "a.rdc", "a.png", "--region=-1,0,5,5"], "-1,0,5,5"),
    (["compress", "a.ppm", "a.rdc", "--target-psnr", "-3"], "--target-psnr"),
    (["compress", "a.ppm", "a.rdc", "--quality", "-.5"], "--quality"),
    (["compress", "a.ppm", "a.rdc", "--max-error", "-1"], "--max-error"),
    (["compress", "a.ppm", "a.rdc", "--max-pixels", "-1"], "--max-pixels"),
  ])
  func aValueBelowZeroIsAValue(arguments: [String], word: String) throws {
    let message = try message(arguments)
    #expect(message.contains(word))
    #expect(!message.lowercased().contains("missing value"), "\(message)")
    #expect(!message.contains("nknown"), "\(message)")
  }

  @Test func anOptionBeforeAnotherHasNoValue() throws {
    #expect(
      try message(["compress", "a.ppm", "a.rdc", "--quality", "--force"])
        .contains("missing value for '--quality"))
  }

  @Test func afterTwoDashesNothingIsAnOption() throws {
    let runner = try CLIRunner()
    try runner.writeImage("-q")
    let outcome = try runner.shell(
      "\"$rdcodec\" compress --effort 1 --no-preview -- -q -out.rdc && mv ./-out.rdc out.rdc")
    #expect(outcome.status == 0)
    #expect(runner.names == ["-q", "out.rdc"])
    let hint = try runner.rdcodec("verify", "-q", "-out.rdc", "-x")
    #expect(hint.status == 64)
  }

  @Test func aFileWithADashBeforeItsNameIsToBeWrittenOtherwise() throws {
    let runner = try CLIRunner()
    try runner.writeImage("-a.ppm")
    let outcome = try runner.rdcodec("compress", "-a.ppm", "a.rdc")
    #expect(outcome.status == 64)
    #expect(outcome.errors.contains("./-a.ppm"))
  }

  @Test func whoeverReadsTheFirstLineOfHelpSeesNoError() throws {
    let runner = try CLIRunner()
    try runner.writeImage("a.ppm")
    _ = try runner.rdcodec("compress", "a.ppm", "a.rdc", "--effort", "1")
    let names = String(repeating: " a.rdc", count: 400)
    for arguments in ["help compress", "--version", "info" + names] {
      let outcome = try runner.shell("{ \"$rdcodec\" \(arguments); } | true")
      #expect(outcome.errors.isEmpty, "\(outcome.errors)")
    }
  }

  @Test func bytesHaveTheUnitsThatFilesAreCountedIn() throws {
    let runner = try CLIRunner()
    try runner.writeImage("a.ppm")
    for (text, unit) in [("0.3k", 300), ("0.3KB", 300), ("0.25KiB", 256), ("300b", 300)] {
      let outcome = try runner.rdcodec(
        "compress", "a.ppm", "\(text).rdc", "--target-size", text, "--effort", "1", "--no-exact")
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(try runner.bytes(of: "\(text).rdc").count <= unit)
    }
  }

  @Test func helpIsGivenBesideWhatElseIsWrong() throws {
    let runner = try CLIRunner()
    for arguments in ["compress --bogus --help", "compress -h a b c", "compress -vh", "help help"] {
      let outcome = try runner.shell("\"$rdcodec\" \(arguments)")
      #expect(outcome.status == 0)
      #expect(outcome.output.hasPrefix("OVERVIEW: "), "\(arguments)")
    }
  }

  @Test(arguments: [
    "compress ''", "compress a.ppm ''", "compress a.ppm -o ''", "compress '' --out-dir x",
    "compress a.ppm --out-dir ''", "decompress ''", "strip '' a.rdc", "info ''", "verify ''",
    "bench ''", "bench a.ppm --effort 1 --json ''", "compress --files-from '' --out-dir x",
  ])
  func anEmptyNameIsSaidToBeOne(arguments: String) throws {
    let runner = try CLIRunner()
    try runner.writeImage("a.ppm")
    let outcome = try runner.shell("\"$rdcodec\" \(arguments)")
    #expect(outcome.status == 64)
    #expect(outcome.errors.contains("an empty name is no file's; name a file or folder"))
    #expect(runner.names == ["a.ppm"])
  }

  @Test(arguments: ["", "compress", "decompress", "bench", "info", "verify", "strip"])
  func helpHasGroupsAndEndsWithExamples(command: String) throws {
    let runner = try CLIRunner()
    let help = try runner.rdcodec("help", command.isEmpty ? "help" : command)
    let direct = command.isEmpty ? try runner.rdcodec() : try runner.rdcodec(command, "--help")
    let text = command.isEmpty ? direct.output : help.output
    #expect(command.isEmpty || help.output == direct.output)
    let parts = text.components(separatedBy: "\nEXAMPLES:\n")
    #expect(parts.count == 2, "\(text)")
    #expect(parts.last?.contains("  rdcodec \(command)") == true)
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= 100 })
    #expect(text.components(separatedBy: "(default: one per core").count <= 2)
  }

  @Test func versionTellsFormatAndModels() throws {
    let runner = try CLIRunner()
    let lines = try runner.rdcodec("--version").output.split(separator: "\n")
    #expect(lines.count == 4)
    #expect(lines[0].hasPrefix("rdcodec "))
    try runner.writeImage("a.ppm")
    let info = try runner.shell(
      """
      "$rdcodec" compress -q --quality 5 --effort 1 a.ppm a.rdc && "$rdcodec" info --json a.rdc
      """
    ).output
    let fields = try #require(
      JSONSerialization.jsonObject(with: Data(info.utf8)) as? [String: Any])
    let version = try #require(fields["formatVersion"] as? Int)
    let model = try #require(fields["modelIdentifier"] as? String)
    #expect(lines[1] == "format version \(version)")
    #expect(lines[2] == "model \(model) (psnr)")
  }
}
