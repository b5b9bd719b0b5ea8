import Foundation
import Testing

/// What is taken from folders and lists, and how outputs are called.
@Suite struct CommandInputsTests {
  private static let fast = "--effort 1 --no-verify"

  private func writeImages(_ runner: borrowing CLIRunner, _ names: [String]) throws {
    for (seed, name) in names.enumerated() {
      try runner.writeImage(name, width: 12, height: 10, seed: UInt64(seed + 1))
    }
  }

  /// Paths of all outputs, one a line, in order.
  private func tree(_ runner: borrowing CLIRunner, _ folder: String) throws -> [String] {
    try runner.shell("cd \(folder) && find . -type f ! -name '.*' | LC_ALL=C sort").output
      .split(separator: "\n").map { String($0.dropFirst(2)) }
  }

  @Test func treesAreMirroredOnce() throws {
    let runner = try CLIRunner()
    for folder in ["in", "in/s", "in/s/t", "in/.hidden", "outside"] {
      try runner.makeFolder(folder)
    }
    try writeImages(
      runner, ["in/a.ppm", "in/s/a.ppm", "in/s/t/b.ppm", "in/.hidden/c.ppm", "outside/d.ppm"])
    let flat = try runner.shell("\"$rdcodec\" compress -v \(Self.fast) in --out-dir flat")
    #expect(flat.status == 0)
    #expect(flat.errors.contains("in/s: skipped, a folder; --recursive enters it"))
    #expect(flat.errors.contains("2 skipped (1 hidden; 1 folder, without --recursive)"))
    #expect(try tree(runner, "flat") == ["a.rdc"])
    let outcome = try runner.shell(
      """
      ln -s ../.. in/s/loop; ln -s s in/again; ln -s ../outside in/link; ln -s nowhere in/nothing
      "$rdcodec" compress \(Self.fast) --recursive in in/s in/a.ppm --out-dir in/out
      """)
    #expect(outcome.status == 0)
    // The loop leads to the folder around all, in which only what was not read yet is new.
    #expect(
      try tree(runner, "in/out").filter { !$0.hasPrefix("s/loop/") }
        == ["a.rdc", "link/d.rdc", "s/a.rdc", "s/t/b.rdc"])
    #expect(outcome.errors.contains("1 broken link"))
    #expect(outcome.errors.contains("1 named before"))
    let again = try runner.shell(
      "\"$rdcodec\" compress \(Self.fast) -r in in/s in/a.ppm --out-dir in/out")
    #expect(again.errors.contains("0 converted, "))
  }

  @Test func whatLooksLikeAPictureIsAFailure() throws {
    let runner = try CLIRunner()
    try runner.makeFolder("in")
    try writeImages(runner, ["in/a.ppm", "in/readable.dat", "in/readable.jpg"])
    try runner.write([0xFF, 0xD8, 0xFF, 0xE0], to: "in/b.bin")
    try runner.write(Array("II*\0".utf8), to: "in/c.tif")
    try runner.write([1, 2, 3], to: "in/d.heic")
    try runner.write([1, 2, 3], to: "in/e.png")
    for name in ["f.txt", "Makefile"] {
      try runner.write(Array("P5 is a name".utf8), to: "in/\(name)")
    }
    let outcome = try runner.shell("\"$rdcodec\" compress \(Self.fast) in --out-dir out")
    #expect(outcome.status == 65)
    #expect(outcome.errors.contains("3 converted, 4 failed, 2 skipped (2 not pictures); "))
    #expect(
      outcome.errorLines.suffix(4).map { String($0.prefix(10)) }
        == ["  in/b.bin", "  in/c.tif", "  in/d.hei", "  in/e.png"])
    #expect(try tree(runner, "out").count == 3)
    // A batch of restored images takes no notice of pictures.
    let back = try runner.shell(
      "cp in/a.ppm out; \"$rdcodec\" decompress out --out-dir back")
    #expect(back.status == 0)
    #expect(back.errors.contains("3 converted, 1 skipped (1 not an .rdc file)"))
  }

  @Test func namesOfAnyBytesAreKept() throws {
    let runner = try CLIRunner()
    try runner.makeFolder("in")
    try writeImages(runner, ["a.ppm", "b.ppm", "c.ppm"])
    let outcome = try runner.shell(
      """
      set -e
      latin=$(printf 'caf\\351') composed=$(printf '\\303\\251') decomposed=$(printf 'e\\314\\201')
      mv a.ppm "in/$latin.ppm"; mv b.ppm "in/$composed.ppm"; mv c.ppm "in/$decomposed.ppm"
      "$rdcodec" compress -q \(Self.fast) in --out-dir folder
      find in -name '*.ppm' | "$rdcodec" compress -q \(Self.fast) --files-from - --out-dir lines
      find in -name '*.ppm' -print0 > list
      "$rdcodec" compress -q \(Self.fast) --files-from list --out-dir zeros
      "$rdcodec" compress -q \(Self.fast) "in/$latin.ppm"
      for folder in folder lines zeros; do
        "$rdcodec" decompress -q $folder --out-dir $folder.back --format ppm
        for name in "$latin" "$composed" "$decomposed"; do
          cmp "in/$name.ppm" "$folder.back/$name.ppm"
        done
        "$rdcodec" compress \(Self.fast) in --out-dir $folder
      done
      "$rdcodec" verify "in/$latin.rdc"
      """)
    #expect(outcome.status == 0)
    #expect(outcome.errorLines.count { $0.hasPrefix("0 converted, 3 done already") } == 3)
    #expect(outcome.output == "in/caf\\xE9.rdc: OK\n")
  }

  @Test func namedFilesThatAreMissingFailAlone() throws {
    let runner = try CLIRunner()
    try writeImages(runner, ["a.ppm"])
    let outcome = try runner.shell(
      "\"$rdcodec\" compress \(Self.fast) missing.ppm a.ppm ./a.ppm empty --out-dir x/y/z; echo $?; mkdir empty"
    )
    #expect(outcome.output == "66\n")
    #expect(try tree(runner, "x/y/z") == ["a.rdc"])
    #expect(outcome.errors.contains("1 converted, 2 failed, 1 skipped (1 named before); "))
    let empty = try runner.rdcodec("compress", "empty", "--out-dir", "none")
    #expect(empty.status == 66)
    #expect(!runner.names.contains("none"))
  }

  @Test func aListMayBeginWithAMarkOfUTF8() throws {
    let runner = try CLIRunner()
    try writeImages(runner, ["a.ppm", "b.ppm"])
    let outcome = try runner.shell(
      """
      printf '\\357\\273\\277a.ppm\\r\\nb.ppm\\r\\n' >list
      "$rdcodec" compress -q \(Self.fast) --files-from list --out-dir x
      """)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try tree(runner, "x") == ["a.rdc", "b.rdc"])
  }

  /// What is no picture is not read to its end, which may never come.
  @Test(.timeLimit(.minutes(1)), arguments: ["compress", "decompress", "verify", "info"])
  func aStreamThatNeverEndsIsRefused(command: String) throws {
    let runner = try CLIRunner()
    let outcome = try runner.shell("yes | (ulimit -v 2000000; \"$rdcodec\" \(command) - >x)")
    #expect(outcome.status == 65)
    #expect(outcome.errors.contains("standard input: "))
    #expect(outcome.errorLines.count == 1)
  }

  @Test(.timeLimit(.minutes(1))) func benchPassesOverWhatIsNoFile() throws {
    let runner = try CLIRunner()
    for folder in ["in", "in/folder.ppm"] { try runner.makeFolder(folder) }
    try writeImages(runner, ["in/a.ppm"])
    let outcome = try runner.shell("mkfifo in/b.ppm; \"$rdcodec\" bench in --effort 1")
    #expect(outcome.status == 0)
    #expect(outcome.errors.isEmpty)
  }

  @Test func aFolderThatTakesNoFilesIsFoundBeforeAnythingIsDone() throws {
    let runner = try CLIRunner()
    try writeImages(runner, ["a.ppm"])
    try runner.makeFolder("no")
    let outcome = try runner.shell(
      """
      chmod 755 .; chmod 644 a.ppm; chmod 555 no
      [ "$(id -u)" != 0 ] || as="setpriv --reuid=65534 --regid=65534 --clear-groups"
      $as "$rdcodec" compress a.ppm no/a.rdc; echo $?
      $as "$rdcodec" compress a.ppm --out-dir no/more; echo $?
      """)
    #expect(outcome.output == "73\n73\n")
    #expect(outcome.errors.contains("no/a.rdc: Permission denied; check the permissions of"))
    #expect(outcome.errors.contains("no/more: Permission denied; check the permissions of no"))
  }

  @Test func outputsHaveNamesBesideTheirInputs() throws {
    let runner = try CLIRunner()
    try runner.makeFolder("in")
    try writeImages(runner, ["in/a.b.ppm"])
    let outcome = try runner.shell(
      """
      set -e
      TZ=UTC touch -d '2001-02-03 04:05:06.789' in/a.b.ppm; chmod 640 in/a.b.ppm; umask 022
      "$rdcodec" compress -q \(Self.fast) in/a.b.ppm
      "$rdcodec" decompress -q in/a.b.rdc
      "$rdcodec" decompress -q in/a.b.rdc --format pgm -o in/c.ppm || true
      "$rdcodec" decompress -q in/a.b.rdc --output in/d.ppm
      "$rdcodec" compress -q \(Self.fast) - < in/a.b.ppm | "$rdcodec" decompress -q - > in/e.png
      stat -c '%a %Y' in/a.b.rdc in/a.b.png in/d.ppm
      cmp in/a.b.ppm in/d.ppm; cmp in/a.b.png in/e.png
      """)
    #expect(outcome.status == 0)
    let states = outcome.output.split(separator: "\n")
    #expect(states.count == 3 && Set(states).count == 1 && states[0].hasPrefix("640 98117"))
  }

  @Test func filesOfRunsThatDiedAreRemoved() throws {
    let runner = try CLIRunner()
    try writeImages(runner, ["a.ppm"])
    let outcome = try runner.shell(
      """
      dead=$(sh -c 'echo $$')
      touch .rdcodec-$dead-1.tmp .rdcodec-$$-1.tmp .rdcodec-x-1.tmp
      "$rdcodec" compress -q \(Self.fast) a.ppm && ls -A | grep -c tmp
      """)
    #expect(outcome.output == "2\n")
  }
}
