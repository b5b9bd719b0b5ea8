import Foundation
import TestSupport
import Testing

@testable import DecoderCore
@testable import RDCodec

/// What compress keeps and decompress gives back, as the options say.
@Suite struct CLIModeTests {
  @Test func targetsAreMet() throws {
    let runner = try CLIRunner()
    try runner.writeImage("a.ppm", width: 128, height: 96)
    let outcome = try runner.rdcodec("compress", "a.ppm", "a.rdc", "--target-size", "5000")
    #expect(outcome.status == 0)
    #expect(outcome.errors.contains(", quality "))
    let count = try runner.bytes(of: "a.rdc").count
    #expect(count <= 5000 && count > 4850)
    let rate = try runner.rdcodec("compress", "-f", "a.ppm", "a.rdc", "--target-bpp", "2")
    #expect(rate.status == 0)
    let bits = Double(try runner.bytes(of: "a.rdc").count * 8) / (128 * 96)
    #expect(bits <= 2 && bits > 1.94)
    #expect(
      try runner.rdcodec("compress", "-f", "a.ppm", "a.rdc", "--target-psnr", "27").status == 0)
    let score = try runner.rdcodec(
      "compress", "-f", "a.ppm", "a.rdc", "--target-ssimulacra2", "-10", "--no-exact")
    #expect(score.status == 0 && score.errors.contains(", quality "))
  }

  @Test func aLimitThatLeavesRoomIsNoted() throws {
    let runner = try CLIRunner()
    try runner.writeImage("a.ppm")
    let large = try runner.rdcodec(
      "compress", "a.ppm", "a.rdc", "--target-bpp", "99", "--no-exact")
    #expect(large.status == 0 && large.errors.contains("quality 100.0 (the best)"))
    let exact = try runner.rdcodec("compress", "-f", "a.ppm", "a.rdc", "--target-bpp", "99")
    #expect(exact.status == 0 && exact.errors.contains("kept exactly: that fits"))
    let poor = try runner.rdcodec("compress", "a.ppm", "b.rdc", "--target-psnr", "1")
    #expect(poor.status == 0 && poor.errors.contains("quality 1.0 (the lowest)"))
  }

  @Test func targetsOutOfReachAreUsageErrors() throws {
    let runner = try CLIRunner()
    try runner.writeImage("a.ppm")
    let small = try runner.rdcodec("compress", "a.ppm", "a.rdc", "--target-size", "20")
    #expect(small.status == 64 && small.errorLines.count == 1)
    #expect(small.errors.contains("the smallest file has "))
    let good = try runner.rdcodec(
      "compress", "a.ppm", "a.rdc", "--target-psnr", "99", "--no-exact")
    #expect(good.status == 64 && good.errors.contains("the best quality has "))
    #expect(runner.names == ["a.ppm"])
    let score = try runner.rdcodec(
      "compress", "a.ppm", "a.rdc", "--target-ssimulacra2", "99.9", "--no-exact")
    #expect(score.status == 64 && score.errors.contains("a score of 99.9; the best quality has "))
    let exact = try runner.rdcodec("compress", "a.ppm", "a.rdc", "--target-psnr", "99")
    #expect(exact.status == 0 && exact.errors.contains("no approximation is as good"))
  }

  @Test func maxErrorBoundsEverySample() throws {
    let runner = try CLIRunner()
    try runner.writeImage("a.ppm")
    let outcome = try runner.shell(
      """
      set -e
      "$rdcodec" compress -q a.ppm a.rdc --max-error 3
      "$rdcodec" decompress -q a.rdc b.ppm
      "$rdcodec" info a.rdc
      "$rdcodec" info --json a.rdc
      """)
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("every sample within 3"))
    #expect(outcome.output.contains("\"maximumError\":3"))
    let (before, after) = (try runner.bytes(of: "a.ppm"), try runner.bytes(of: "b.ppm"))
    #expect(before.count == after.count)
    #expect(zip(before, after).allSatisfy { abs(Int($0) - Int($1)) <= 3 })
    #expect(before != after)
  }

  @Test func aRegionIsCutOut() throws {
    let runner = try CLIRunner()
    try runner.writeImage("a.ppm")
    let outcome = try runner.shell(
      """
      set -e
      "$rdcodec" compress -q a.ppm a.rdc
      "$rdcodec" decompress a.rdc part.ppm --region 10,20,30,5
      """)
    #expect(outcome.status == 0)
    // The rate is that of the whole file.
    let rate = Double(try runner.bytes(of: "a.rdc").count * 8) / (48 * 40)
    #expect(outcome.errors.contains(String(format: ", %.3f bpp", rate)))
    let whole = try runner.bytes(of: "a.ppm").dropFirst("P6\n48 40\n255\n".utf8.count)
    let rows = (20..<25).flatMap { y in
      Array(whole.dropFirst((y * 48 + 10) * 3).prefix(30 * 3))
    }
    #expect(try runner.bytes(of: "part.ppm") == Array("P6\n30 5\n255\n".utf8) + rows)
    let outside = try runner.rdcodec("decompress", "a.rdc", "b.ppm", "--region", "40,0,9,9")
    #expect(outside.status == 64 && outside.errors.contains("48 x 40"))
  }

  @Test func stripLeavesThePreview() throws {
    let runner = try CLIRunner()
    try runner.writeImage("a.ppm")
    try runner.makeFolder("out")
    let outcome = try runner.shell(
      """
      set -e
      "$rdcodec" compress -q a.ppm a.rdc --preview 50
      "$rdcodec" strip a.rdc small.rdc
      "$rdcodec" decompress -q --layer preview a.rdc preview.ppm
      "$rdcodec" decompress -q small.rdc small.ppm
      cmp preview.ppm small.ppm
      "$rdcodec" strip -q a.rdc --out-dir out
      cmp small.rdc out/a.rdc
      "$rdcodec" strip - - <a.rdc | cmp - small.rdc
      """)
    #expect(outcome.status == 0)
    #expect(outcome.errors.contains("a.rdc: "))
    let skipped = try runner.rdcodec("strip", "a.rdc", "--out-dir", "out")
    #expect(skipped.status == 0 && skipped.errors.contains("done already"))
    #expect(try runner.rdcodec("strip", "a.rdc", "small.rdc").status == 73)
  }

  @Test func aPreviewCanBeLeftOut() throws {
    let runner = try CLIRunner()
    try runner.writeImage("a.ppm")
    let outcome = try runner.shell(
      """
      set -e
      "$rdcodec" compress -q a.ppm a.rdc --no-preview
      "$rdcodec" decompress -q a.rdc b.ppm
      cmp a.ppm b.ppm
      """)
    #expect(outcome.status == 0)
    let preview = try runner.rdcodec("decompress", "a.rdc", "c.ppm", "--layer", "preview")
    #expect(preview.status == 65 && preview.errors.contains("no preview"))
    #expect(try runner.rdcodec("strip", "a.rdc", "c.rdc").status == 65)
    #expect(
      try runner.rdcodec("compress", "a.ppm", "d.rdc", "--no-preview", "--quality", "9").status
        == 64)
    #expect(runner.names == ["a.ppm", "a.rdc", "b.ppm"])
  }

  /// What each of these leaves out or chooses is tested beside the library.
  @Test(
    arguments: [
      ["--tune", "visual", "--quality", "50"], ["--strip-metadata"], ["--drop-hidden-color"],
      ["--no-source-recovery"], ["--no-verify"],
    ])
  func optionsLeadToAFileThatDecodes(options: [String]) throws {
    let runner = try CLIRunner()
    let image = SyntheticImages.image(.init(.rgba, 8), width: 40, height: 33, hasMetadata: true)
    try runner.write(image.pngBytes(), to: "a.png")
    let outcome = try runner.shell(
      """
      set -e
      "$rdcodec" compress -q a.png a.rdc \(options.joined(separator: " "))
      "$rdcodec" decompress -q a.rdc b.png
      """)
    #expect(outcome.status == 0 && outcome.errors.isEmpty)
    let copy = try readImage(runner.bytes(of: "b.png"))
    #expect(copy.width == 40 && copy.planes.last == image.planes.last)
    #expect(copy.metadata.isEmpty == options.contains("--strip-metadata"))
    #expect(
      (copy.planes == image.planes) != (options.count > 2 || options[0] == "--drop-hidden-color"))
  }

  @Test func whatNoFileKeepsIsNamed() throws {
    let runner = try CLIRunner()
    var image = SyntheticImages.image(.init(.rgb, 8), width: 20, height: 10)
    image.metadata = [MetadataItem(png: "acTL", [1], .beforeImageData)]
    try runner.write(image.pngBytes(), to: "a.png")
    let outcome = try runner.rdcodec("compress", "-q", "a.png", "a.rdc")
    #expect(outcome.status == 0)
    #expect(
      outcome.errorLines == [
        "rdcodec: warning: a.png: its animation is left out, and the still picture kept"
      ])
  }

  @Test func aFileOfAnotherModelNeedsIt() throws {
    let runner = try CLIRunner()
    try runner.writeImage("a.ppm")
    try runner.write(OtherModel.weights, to: "other.bin")
    #expect(
      try runner.rdcodec(
        "compress", "a.ppm", "a.rdc", "--model", "other.bin", "--preview", "30"
      ).status == 0)
    let without = try runner.rdcodec("decompress", "a.rdc", "b.ppm")
    #expect(without.status == 65 && without.errorLines.count == 1)
    #expect(without.errors.contains("give it by --model"))
    #expect(
      try runner.rdcodec("decompress", "a.rdc", "b.ppm", "--model", "other.bin").status == 0)
    #expect(try runner.bytes(of: "b.ppm") == runner.bytes(of: "a.ppm"))
    let target = try runner.rdcodec(
      "compress", "a.ppm", "c.rdc", "--target-psnr", "27", "--model", "other.bin")
    #expect(target.status == 0)
  }

  @Test func aModelThatIsNoneIsAnError() throws {
    let runner = try CLIRunner()
    try runner.writeImage("a.ppm")
    let missing = try runner.rdcodec("compress", "a.ppm", "a.rdc", "--model", "none.bin")
    #expect(missing.status == 66 && missing.errorLines.count == 1)
    let wrong = try runner.rdcodec("compress", "a.ppm", "a.rdc", "--model", "a.ppm")
    #expect(wrong.status == 65 && wrong.errorLines.count == 1)
    #expect(runner.names == ["a.ppm"])
  }
}
