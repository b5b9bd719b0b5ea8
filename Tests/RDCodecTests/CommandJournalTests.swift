import Foundation
import RDCodec
import Testing

@testable import CommandSupport
@testable import rdcodec

/// The list of finished outputs, and what is decided by it.
@Suite struct CommandJournalTests {
  private func entry(
    _ output: String, input: String = "/in/a.png", settings: String = "s"
  ) -> Journal.Entry {
    Journal.Entry(
      output: output, outputByteCount: 3, outputDigest: SHA256.digest(of: Array("out".utf8)),
      input: input, inputDigest: SHA256.digest(of: Array("in".utf8)), inputTime: 100,
      settings: settings,
      program: "p")
  }

  @Test func entriesSurviveTheProgram() throws {
    let runner = try CLIRunner()
    let name = String(path: [0x61, 0xFF, 0x0A])
    try Journal(folder: runner.folder.path).append(entry(name))
    try Journal(folder: runner.folder.path).append(entry("\u{E9}"))
    let journal = try Journal(folder: runner.folder.path)
    #expect(journal.entries(of: name) == [entry(name)])
    #expect(journal.entries(of: "\u{E9}").count == 1)
    #expect(journal.entries(of: "e\u{301}").isEmpty)
  }

  @Test func junkAndCutLinesAreHarmless() throws {
    let runner = try CLIRunner()
    let file = Journal.fileName
    try Journal(folder: runner.folder.path).append(entry("a"))
    let line = try runner.bytes(of: file)
    for cut in [1, line.count / 2, line.count - 1] {
      try runner.write(line + [0xFF, 0, 10] + Array("{}\n[1]\n".utf8) + line.prefix(cut), to: file)
      try Journal(folder: runner.folder.path).append(entry("b"))
      let journal = try Journal(folder: runner.folder.path)
      #expect(journal.entries(of: "a").count == (cut == line.count - 1 ? 2 : 1))
      #expect(journal.entries(of: "b").count == 1)
    }
  }

  @Test func runsMayWriteAtOnce() async throws {
    let runner = try CLIRunner()
    let folder = runner.folder.path
    try await withThrowingTaskGroup(of: Void.self) { group in
      for run in 0..<4 {
        group.addTask {
          let journal = try Journal(folder: folder)
          for index in 0..<25 { try journal.append(entry("\(run)-\(index)")) }
        }
      }
      try await group.waitForAll()
    }
    let journal = try Journal(folder: folder)
    for run in 0..<4 {
      for index in 0..<25 { #expect(journal.entries(of: "\(run)-\(index)").count == 1) }
    }
  }

  @Test func whatIsNoJournalIsRefused() throws {
    let runner = try CLIRunner()
    try runner.makeFolder(Journal.fileName)
    #expect(throws: Failure.self) { try Journal(folder: runner.folder.path) }
  }

  /// Knows its outputs by their first letter.
  private struct Checker: OutputChecker {
    var settings: String
    var isMade: Bool?

    func state(of output: [UInt8], jobs: Int) async -> OutputState {
      if output.starts(with: "cut".utf8) { return .truncated }
      return output.starts(with: "bad".utf8) ? .damaged : .intact
    }

    func isMade(_ output: [UInt8], from input: ByteSource, jobs: Int) async -> Bool? { isMade }
  }

  private func decide(
    output: String = "out", input: String = "in", path: String = "/in/a.png",
    changed: FileTime? = 200, settings: String = "s", program: String = "p", isMade: Bool? = nil,
    entries: [Journal.Entry]? = nil
  ) async -> String {
    let decision = await ExistingOutput(
      checker: Checker(settings: settings, isMade: isMade), program: program, jobs: 1
    ).decision(
      output: Array(output.utf8), entries: entries ?? [entry("a")],
      input: ByteSource(Array(input.utf8)), inputPath: path,
      inputDigest: SHA256.digest(of: Array(input.utf8)), inputChange: changed)
    return switch decision {
    case .done(let isNoted): isNoted ? "done" : "adopted"
    case .convert: "convert"
    case .compare: "compare"
    case .refuse: "refuse"
    }
  }

  @Test func doneIsThisInputTheseOptionsAndAnIntactOutput() async {
    #expect(await decide() == "done")
    #expect(await decide(path: "/elsewhere/a.png") == "done")
    #expect(await decide(program: "another") == "adopted")
    #expect(await decide(settings: "t") == "refuse")
    #expect(await decide(input: "changed") == "convert")
    // Another file, under the path of the first.
    #expect(await decide(input: "older", changed: 50) == "refuse")
    #expect(await decide(input: "of a pipe", changed: nil) == "refuse")
    #expect(await decide(input: "another", path: "/card2/a.png") == "refuse")
  }

  @Test func anOutputThatChangedIsRedoneOrLeft() async {
    #expect(await decide(output: "cut") == "convert")
    #expect(await decide(output: "bad") == "convert")
    #expect(await decide(output: "edited", isMade: false) == "refuse")
    #expect(await decide(output: "cut", input: "another", path: "/card2/a.png") == "refuse")
  }

  @Test func anOutputThatNobodyNotedIsLookedAt() async {
    #expect(await decide(isMade: true, entries: []) == "adopted")
    #expect(await decide(isMade: false, entries: []) == "refuse")
    #expect(await decide(entries: []) == "compare")
    #expect(await decide(output: "cut", entries: []) == "convert")
    #expect(await decide(output: "bad", entries: []) == "refuse")
  }

  @Test func theEntryOfTheseBytesCounts() async {
    var later = entry("a", settings: "t")
    later.outputDigest = "of bytes that another run replaced"
    #expect(await decide(entries: [entry("a"), later]) == "done")
  }

  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
        + "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
      "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
    ),
    (
      String(repeating: "a", count: 1_000_000),
      "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    ),
  ])
  func digestsAreThoseOfTheStandard(text: String, digest: String) {
    #expect(SHA256.digest(of: Array(text.utf8)) == digest)
  }

  @Test func digestsOfEveryLengthAreThoseOfOtherPrograms() throws {
    let runner = try CLIRunner()
    for length in 50..<140 { try runner.write((0..<length).map { UInt8($0) }, to: "\(length)") }
    let sums = try runner.shell("sha256sum $(seq 50 139)")
    let expected = sums.output.split(separator: "\n").map { String($0.prefix(64)) }
    #expect((50..<140).map { SHA256.digest(of: (0..<$0).map { UInt8($0) }) } == expected)
  }
}
