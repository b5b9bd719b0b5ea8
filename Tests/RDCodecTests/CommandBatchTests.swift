import Foundation
import Testing

/// Many files at once: nothing is left out without a word, and nothing is destroyed.
@Suite struct CommandBatchTests {
  /// Options that make runs short.
  private static let fast = "--effort 1 --no-verify"

  private func writeImages(_ runner: borrowing CLIRunner, _ names: [String]) throws {
    for (seed, name) in names.enumerated() {
      try runner.writeImage(name, width: 12, height: 10, seed: UInt64(seed + 1))
    }
  }

  private func outputs(_ runner: borrowing CLIRunner, in folder: String = "out") throws -> [String]
  {
    try FileManager.default.contentsOfDirectory(
      atPath: runner.folder.appendingPathComponent(folder).path
    ).filter { !$0.hasPrefix(".") }.sorted()
  }

  /// The line that begins with the number of converted files.
  private func sums(_ outcome: CLIRunner.Outcome) -> String {
    outcome.errorLines.first { $0.contains(" converted, ") || $0.contains(" converted; ") } ?? ""
  }

  /// 5 done, 3 broken, 2 that clash and 40 new; killed in the middle, and run again.
  @Test(arguments: [SIGKILL, SIGTERM])
  func aKilledBatchIsContinued(signal: Int32) throws {
    let runner = try CLIRunner()
    try runner.makeFolder("in")
    let old = (0..<5).map { "in/old\($0).ppm" }
    let new = (0..<40).map { "in/new\($0).ppm" }
    try writeImages(runner, old + new + ["in/one.ppm", "in/one.pnm", "in/cut.ppm"])
    try runner.write(Array(try runner.bytes(of: "in/cut.ppm").prefix(99)), to: "in/cut.ppm")
    try runner.write([], to: "in/empty.png")
    try runner.write([0xFF, 0xD8, 0xFF, 0xE0], to: "in/photo.jpg")
    let killed = try runner.shell(
      """
      "$rdcodec" compress -q \(Self.fast) in/old* --out-dir out || exit 1
      ls -i out/* > before
      "$rdcodec" compress -q \(Self.fast) --jobs 1 in --out-dir out 2>/dev/null & process=$!
      while [ $(ls out | wc -l) -lt 15 ]; do :; done
      kill -\(signal) $process
      wait $process; echo $?
      ls -i $(sed 's/^ *[0-9]* //' before) | cmp - before || exit 2
      "$rdcodec" verify -q out/*.rdc || exit 3
      ls out | wc -l
      """)
    #expect(killed.status == 0)
    let numbers = killed.output.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
    try #require(numbers.count == 2)
    #expect(numbers[0] == 128 + Int(signal))
    let again = try runner.shell("\"$rdcodec\" compress \(Self.fast) in --out-dir out")
    #expect(again.status == 65)
    #expect(
      sums(again).hasPrefix("\(47 - numbers[1]) converted, \(numbers[1]) done already, 3 failed; "))
    #expect(
      again.errorLines.suffix(4).map { String($0.prefix(10)) }
        == ["failed:", "  in/cut.p", "  in/empty", "  in/photo"])
    let made = try outputs(runner)
    #expect(made.count == 47 && made.contains("one.ppm.rdc") && made.contains("one.pnm.rdc"))
    let leftovers = try runner.shell("ls -A out | grep -c tmp")
    #expect(leftovers.output == "0\n")
    let last = try runner.shell("\"$rdcodec\" compress \(Self.fast) in --out-dir out")
    #expect(sums(last).hasPrefix("0 converted, 47 done already, 3 failed, "))
    let back = try runner.shell(
      """
      "$rdcodec" decompress -q out --out-dir back --format ppm || exit 1
      for name in old0 new0 new39; do cmp in/$name.ppm back/$name.ppm || exit 1; done
      """)
    #expect(back.status == 0)
  }

  @Test func aSecondCameraIsNeverLost() throws {
    let runner = try CLIRunner()
    for folder in ["card1", "card2"] { try runner.makeFolder(folder) }
    try writeImages(runner, ["card1/a.ppm", "card2/a.ppm", "card2/b.ppm"])
    let first = try runner.shell("\"$rdcodec\" compress -q \(Self.fast) card1 --out-dir out")
    #expect(first.status == 0)
    let before = try runner.bytes(of: "out/a.rdc")
    // Also where there is no journal.
    for _ in 0..<2 {
      let second = try runner.shell("\"$rdcodec\" compress -q \(Self.fast) card2 --out-dir out")
      #expect(second.status == 73)
      #expect(second.errors.hasPrefix("rdcodec: card2/a.ppm: out/a.rdc exists already"))
      #expect(try runner.bytes(of: "out/a.rdc") == before)
      #expect(try outputs(runner) == ["a.rdc", "b.rdc"])
      _ = try runner.shell("rm out/.rdcodec-batch")
    }
    // Nor where it takes the place of the first, as a card does.
    let mounted = try runner.shell(
      """
      mkdir mount && mv card1 mount/card && "$rdcodec" compress -q \(Self.fast) mount/card --out-dir third &&
      mv mount/card card1 && mv card2 mount/card
      "$rdcodec" compress -q \(Self.fast) mount/card --out-dir third; echo $?; mv mount/card card2
      """)
    #expect(mounted.output == "73\n")
    #expect(mounted.errors.contains("was made from another file in the same place"))
    #expect(try runner.bytes(of: "third/a.rdc") == before)
    let both = try runner.shell("\"$rdcodec\" compress \(Self.fast) card2 card1 --out-dir both")
    #expect(both.status == 0)
    #expect(try outputs(runner, in: "both") == ["a-card1.rdc", "a-card2.rdc", "b.rdc"])
    #expect(both.errors.contains("named both/a-card2.rdc"))
  }

  @Test func whatChangedIsMadeAgain() throws {
    let runner = try CLIRunner()
    try runner.makeFolder("in")
    try writeImages(runner, ["in/a.ppm", "in/b.ppm"])
    func run(_ options: String = "") throws -> CLIRunner.Outcome {
      try runner.shell("\"$rdcodec\" compress \(Self.fast) in --out-dir out \(options)")
    }
    #expect(sums(try run()).hasPrefix("2 converted; "))
    #expect(sums(try run("--jobs 1 --verify")).hasPrefix("0 converted, 2 done already"))
    try runner.writeImage("in/a.ppm", width: 9, height: 9, seed: 99)
    let changed = try run()
    #expect(sums(changed).hasPrefix("1 converted, 1 done already"))
    #expect(changed.errors.contains("warning: out/a.rdc: replaced, the input has changed"))
    let refused = try run("--quality 40")
    #expect(refused.status == 73 && refused.errors.contains("was made with other options"))
    #expect(sums(try run("--quality 40 --force")).hasPrefix("2 converted; "))
    #expect(sums(try run("--quality 40")).hasPrefix("0 converted, 2 done already"))
    #expect(sums(try run("--quality 40 --force")).hasPrefix("2 converted; "))
    // Nobody noted them, and the same bytes come out again.
    _ = try runner.shell("rm out/.rdcodec-batch")
    #expect(sums(try run("--quality 40")).hasPrefix("0 converted, 2 done already"))
  }

  @Test func outputsThatDecayAreMadeAgain() throws {
    let runner = try CLIRunner()
    try runner.makeFolder("in")
    try writeImages(runner, ["in/a.ppm"])
    let command = "\"$rdcodec\" compress \(Self.fast) in --out-dir out"
    #expect(try runner.shell(command).status == 0)
    let whole = try runner.bytes(of: "out/a.rdc")
    var rotten = whole
    rotten[whole.count - 9] ^= 1
    let cut: [[UInt8]] = [[], Array(whole.prefix(9)), whole.dropLast()]
    let wrong: [[UInt8]] = [rotten, [1, 2, 3]]
    for bytes in cut + wrong {
      try runner.write(bytes, to: "out/a.rdc")
      #expect(sums(try runner.shell(command)).hasPrefix("1 converted; "))
      #expect(try runner.bytes(of: "out/a.rdc") == whole)
    }
    for bytes in cut + wrong {
      let isRedone = cut.contains(bytes)
      _ = try runner.shell("rm -f out/.rdcodec-batch")
      try runner.write(bytes, to: "out/a.rdc")
      #expect(try runner.shell(command).status == (isRedone ? 0 : 73))
      #expect(try runner.bytes(of: "out/a.rdc") == (isRedone ? whole : bytes))
    }
    try runner.write(whole, to: "out/a.rdc")
    #expect(sums(try runner.shell(command)).hasPrefix("0 converted, 1 done already"))
  }

  @Test func restoredImagesThatWereEditedStay() throws {
    let runner = try CLIRunner()
    try runner.makeFolder("in")
    try writeImages(runner, ["in/a.ppm", "other.ppm"])
    let command = "\"$rdcodec\" decompress out --out-dir back"
    let outcome = try runner.shell(
      """
      "$rdcodec" compress -q \(Self.fast) in --out-dir out && \(command) &&
      "$rdcodec" compress -q other.ppm && "$rdcodec" decompress -q other.rdc
      """)
    #expect(outcome.status == 0)
    #expect(!outcome.errors.contains("%"))
    let whole = try runner.bytes(of: "back/a.png")
    #expect(sums(try runner.shell(command)).hasPrefix("0 converted, 1 done already"))
    try runner.write(whole.dropLast(5), to: "back/a.png")
    #expect(sums(try runner.shell(command)).hasPrefix("1 converted"))
    #expect(try runner.bytes(of: "back/a.png") == whole)
    // The beginning of what comes out again, noted or not.
    _ = try runner.shell("rm back/.rdcodec-batch")
    try runner.write(whole.dropLast(5), to: "back/a.png")
    #expect(try runner.shell(command).status == 0)
    let edited = try runner.bytes(of: "other.png")
    try runner.write(edited, to: "back/a.png")
    #expect(try runner.shell(command).status == 73)
    #expect(try runner.bytes(of: "back/a.png") == edited)
  }

  @Test func linesOfJSONSayWhatBecameOfEveryFile() throws {
    struct Line: Decodable {
      struct Summary: Decodable { var converted, done, skipped, failed: Int }
      var input: String?
      var output: String?
      var status: String?
      var exitCode: Int32?
      var outputByteCount: Int?
      var bitsPerPixel: Double?
      var quality: Double?
      var summary: Summary?
    }
    let runner = try CLIRunner()
    try runner.makeFolder("in")
    try writeImages(runner, ["in/a.ppm", "in/b.ppm"])
    try runner.write([0], to: "in/c.png")
    try runner.write([0], to: "in/d.txt")
    let outcome = try runner.shell(
      """
      "$rdcodec" compress -q \(Self.fast) --quality 30 --no-exact in/a.ppm --out-dir out
      "$rdcodec" compress -q \(Self.fast) --quality 30 --no-exact in --out-dir out --json
      """)
    let lines = try outcome.output.split(separator: "\n").map {
      try JSONDecoder().decode(Line.self, from: Data($0.utf8))
    }
    #expect(lines.count == 5)
    let statuses = Dictionary(
      uniqueKeysWithValues: lines.compactMap { line in line.input.map { ($0, line.status) } })
    #expect(
      statuses
        == [
          "in/a.ppm": "done", "in/b.ppm": "converted", "in/c.png": "failed", "in/d.txt": "skipped",
        ])
    let made = try #require(lines.first { $0.status == "converted" })
    #expect(made.output == "out/b.rdc")
    // The nearest of the positions that there are.
    #expect(abs((made.quality ?? 0) - 30) < 0.1)
    #expect(try made.outputByteCount == runner.bytes(of: "out/b.rdc").count)
    #expect(made.bitsPerPixel == Double(made.outputByteCount ?? 0) * 8 / 120)
    let summary = try #require(lines.last?.summary)
    #expect(summary.converted == 1 && summary.done == 1)
    #expect(summary.skipped == 1 && summary.failed == 1)
    let single = try runner.shell("\"$rdcodec\" compress -q \(Self.fast) in/a.ppm --json -o a.rdc")
    #expect(single.output.split(separator: "\n").count == 2)
  }
}
