import Foundation
import Testing

/// Files in, files out, by the built program.
@Suite struct CLIConversionTests {
  @Test func losslessRoundTripGivesTheSameFile() throws {
    let runner = try CLIRunner()
    try runner.writeImage("a.ppm")
    let compressed = try runner.rdcodec("compress", "a.ppm", "a.rdc")
    #expect(compressed.status == 0)
    #expect(compressed.errorLines.count == 1)
    #expect(compressed.errors.hasPrefix("a.ppm: 48 x 40, "))
    let decompressed = try runner.rdcodec("decompress", "-q", "a.rdc", "b.ppm")
    #expect(decompressed.status == 0)
    #expect(decompressed.errors.isEmpty)
    #expect(try runner.bytes(of: "b.ppm") == runner.bytes(of: "a.ppm"))
    #expect(runner.names == ["a.ppm", "a.rdc", "b.ppm"])
  }

  @Test func previewAndLossyHaveTheSizeOfTheImage() throws {
    let runner = try CLIRunner()
    try runner.writeImage("a.ppm")
    let size = try runner.bytes(of: "a.ppm").count
    let outcome = try runner.shell(
      """
      set -e
      "$rdcodec" compress -q a.ppm a.rdc --preview 30
      "$rdcodec" decompress -q --layer preview a.rdc preview.ppm
      "$rdcodec" compress -q --quality 40 a.ppm lossy.rdc
      "$rdcodec" decompress -q lossy.rdc lossy.ppm
      """)
    #expect(outcome.status == 0)
    #expect(try runner.bytes(of: "preview.ppm").count == size)
    #expect(try runner.bytes(of: "lossy.ppm").count == size)
  }

  @Test func namesOfOneCharacterAreNames() throws {
    let runner = try CLIRunner()
    try runner.writeImage("i.ppm")
    let outcome = try runner.shell(#""$rdcodec" compress -q i.ppm x"#)
    #expect(outcome.status == 0 && !outcome.wasKilled)
    #expect(try runner.rdcodec("verify", "x").status == 0)
  }

  @Test func existingOutputNeedsForce() throws {
    let runner = try CLIRunner()
    try runner.writeImage("a.ppm")
    try runner.write([1, 2, 3], to: "a.rdc")
    let refused = try runner.rdcodec("compress", "a.ppm", "a.rdc")
    #expect(refused.status == 73)
    #expect(refused.errors.contains("--force"))
    #expect(try runner.bytes(of: "a.rdc") == [1, 2, 3])
    #expect(try runner.rdcodec("compress", "-f", "a.ppm", "a.rdc").status == 0)
    #expect(try runner.rdcodec("verify", "a.rdc").output == "a.rdc: OK\n")
    #expect(runner.names == ["a.ppm", "a.rdc"])
  }

  @Test func replacingALinkReplacesItsTarget() throws {
    let runner = try CLIRunner()
    try runner.writeImage("a.ppm")
    let outcome = try runner.shell(
      """
      touch target && ln -s target link && "$rdcodec" compress -q -f a.ppm link &&
      test -L link && test -s target
      """)
    #expect(outcome.status == 0)
  }

  @Test func pipesCarryBothDirections() throws {
    let runner = try CLIRunner()
    try runner.writeImage("a.ppm")
    let outcome = try runner.shell(
      """
      cat a.ppm | "$rdcodec" compress -q - - | "$rdcodec" decompress -q - - --format ppm | cmp - a.ppm
      """)
    #expect(outcome.status == 0)
    #expect(outcome.errors.isEmpty)
  }

  @Test func closedAndFullOutputsAreIOErrors() throws {
    let runner = try CLIRunner()
    try runner.writeImage("a.ppm", width: 200, height: 200)
    let closed = try runner.shell("\"$rdcodec\" compress -q a.ppm - >&-")
    #expect(closed.status == 74)
    let broken = try runner.shell(
      "mkfifo pipe; true <pipe & { sleep 0.2; \"$rdcodec\" compress -q a.ppm -; } >pipe")
    #expect(broken.status == 74)
    #expect(!broken.wasKilled)
    #expect(try runner.shell("\"$rdcodec\" compress -q a.ppm - >/dev/full").status == 74)
  }

  @Test func failedWriteLeavesNothing() throws {
    let runner = try CLIRunner()
    try runner.writeImage("a.ppm", width: 200, height: 200)
    // Files may grow to a few KiB only; the signal that says so is ignored.
    let outcome = try runner.shell(
      "trap '' XFSZ; ulimit -f 4; \"$rdcodec\" compress -q a.ppm a.rdc")
    #expect(outcome.status == 74)
    #expect(runner.names == ["a.ppm"])
  }

  @Test func terminationLeavesNothing() throws {
    let runner = try CLIRunner()
    try runner.writeImage("a.ppm", width: 800, height: 800)
    // Killed as soon as there is a temporary file, which may be too late: then once more.
    let outcome = try runner.shell(
      """
      "$rdcodec" compress -q a.ppm a.rdc --effort 1 --no-verify || exit 1
      for trial in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        "$rdcodec" decompress -q a.rdc b.ppm & process=$!
        while [ ! -e b.ppm ]; do
          for file in .rdcodec-*.tmp; do
            [ -e "$file" ] && kill -TERM $process && break 2
          done
        done
        wait $process && rm b.ppm && continue
        wait $process; status=$?
        [ -e b.ppm ] || exit $status
        rm b.ppm
      done
      exit 1
      """)
    #expect(outcome.status == 128 + SIGTERM)
    #expect(runner.names == ["a.ppm", "a.rdc"])
  }

  @Test func damageIsFound() throws {
    let runner = try CLIRunner()
    try runner.writeImage("a.ppm")
    #expect(try runner.rdcodec("compress", "-q", "a.ppm", "a.rdc").status == 0)
    var bytes = try runner.bytes(of: "a.rdc")
    try runner.write(Array(bytes.dropLast(10)), to: "cut.rdc")
    bytes[bytes.count - 20] ^= 4
    try runner.write(bytes, to: "flipped.rdc")
    let verified = try runner.rdcodec("verify", "cut.rdc", "a.rdc", "flipped.rdc")
    #expect(verified.status == 65)
    #expect(verified.output == "a.rdc: OK\n")
    #expect(verified.errorLines.count == 2)
    #expect(try runner.rdcodec("decompress", "flipped.rdc", "b.ppm").status == 65)
    #expect(runner.names == ["a.ppm", "a.rdc", "cut.rdc", "flipped.rdc"])
  }

  @Test func batchGoesOnAfterABadFileAndResumes() throws {
    let runner = try CLIRunner()
    try runner.makeFolder("in")
    try runner.makeFolder("out")
    for name in ["b", "c"] { try runner.writeImage("in/\(name).ppm") }
    try runner.write([0], to: "in/a.ppm")
    try runner.write([0], to: "in/notes.txt")
    let first = try runner.rdcodec("compress", "in", "--out-dir", "out", "--jobs", "2")
    #expect(first.status == 65)
    #expect(first.errorLines.count { $0.hasPrefix("rdcodec: in/a.ppm: ") } == 1)
    #expect(first.errorLines.count == 6)
    let files = try FileManager.default.contentsOfDirectory(
      atPath: runner.folder.appendingPathComponent("out").path)
    #expect(files.sorted() == [".rdcodec-batch", "b.rdc", "c.rdc"])

    try runner.writeImage("in/a.ppm")
    let second = try runner.rdcodec("compress", "in", "--out-dir", "out")
    #expect(second.status == 0)
    #expect(second.errors.contains("1 converted, 2 done already, 1 skipped (1 not a picture); "))

    try runner.makeFolder("back")
    let back = try runner.rdcodec("decompress", "out", "--out-dir", "back", "--format", "ppm")
    #expect(back.status == 0)
    #expect(try runner.bytes(of: "back/b.ppm") == runner.bytes(of: "in/b.ppm"))
  }

  @Test func progressIsShownOnRequestOnly() throws {
    let runner = try CLIRunner()
    try runner.writeImage("a.ppm")
    let silent = try runner.rdcodec("compress", "-q", "a.ppm", "a.rdc")
    #expect(silent.errors.isEmpty)
    let shown = try runner.rdcodec("compress", "-f", "--progress", "a.ppm", "a.rdc")
    #expect(shown.errors.contains(" %"))
  }
}
