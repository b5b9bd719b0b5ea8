import DecoderCore
import RDCodec
import TestSupport
import Testing

/// Files of other formats, from the command line.
@Suite struct CLIFormatTests {
  /// Each comes back byte for byte under its own name.
  @Test func filesOfAnyMaxvalComeBack() throws {
    let runner = try CLIRunner()
    let samples = (0..<12).map { UInt8($0 * 20) }
    let wide = samples.flatMap { [$0 >> 6, $0] }
    let files: [(name: String, bytes: [UInt8])] = [
      ("a.pbm", Array("P4\n6 2\n".utf8) + [0x58, 0xA0]),
      ("b.pgm", Array("P5\n6 2\n1000\n".utf8) + wide),
      ("c.ppm", Array("P6\n2 2\n254\n".utf8) + samples),
      (
        "d.pam",
        Array("P7\nWIDTH 3\nHEIGHT 2\nDEPTH 2\nMAXVAL 999\nTUPLTYPE GRAYSCALE_ALPHA\nENDHDR\n".utf8)
          + wide
      ),
    ]
    for (name, bytes) in files {
      try runner.write(bytes, to: name)
      let packed = try runner.rdcodec("compress", "-q", name, "\(name).rdc")
      #expect(packed.status == 0 && packed.errors.isEmpty)
      let restored = try runner.rdcodec("decompress", "-q", "\(name).rdc", "new-\(name)")
      #expect(restored.status == 0 && restored.errors.isEmpty)
      #expect(try runner.bytes(of: "new-\(name)") == bytes, "\(name)")
    }
    let png = try runner.rdcodec("decompress", "-q", "b.pgm.rdc", "b.png")
    #expect(png.status == 0)
    #expect(
      png.errorLines == [
        "rdcodec: warning: b.png: samples up to 1000 are scaled to 65535, as PNG cannot state "
          + "their maximum; .pgm keeps them"
      ])
  }

  @Test func levelsOfPNGAreChosen() throws {
    let runner = try CLIRunner()
    try runner.writeImage("a.ppm", width: 200, height: 150)
    #expect(try runner.rdcodec("compress", "-q", "a.ppm", "a.rdc").status == 0)
    var sizes: [Int] = []
    for level in ["0", "1", "9"] {
      let made = try runner.rdcodec(
        "decompress", "-q", "a.rdc", "\(level).png", "--png-level", level)
      #expect(made.status == 0)
      sizes.append(try runner.bytes(of: "\(level).png").count)
      #expect(try readImage(try runner.bytes(of: "\(level).png")).width == 200)
    }
    #expect(sizes[0] > 200 * 150 * 3 && sizes[1] < sizes[0] && sizes[2] <= sizes[1])
    for jobs in ["1", "3"] {
      let made = try runner.rdcodec("decompress", "-q", "a.rdc", "\(jobs)j.png", "-j", jobs)
      #expect(made.status == 0)
    }
    #expect(try runner.bytes(of: "1j.png") == runner.bytes(of: "3j.png"))
    #expect(
      try runner.rdcodec("decompress", "a.rdc", "b.png", "--png-level", "10").status == 64)
    let misplaced = try runner.rdcodec("decompress", "a.rdc", "b.ppm", "--png-level", "3")
    #expect(misplaced.status == 64)
    #expect(misplaced.errors.contains("--png-level"))
  }

  @Test func namesThatCannotHoldThePictureAreRefused() throws {
    let runner = try CLIRunner()
    let image = SyntheticImages.image(.init(.rgba, 8), width: 20, height: 10, hasMetadata: true)
    try runner.write(image.pngBytes(), to: "a.png")
    #expect(try runner.rdcodec("compress", "-q", "a.png", "a.rdc").status == 0)
    for (name, format) in [("b.ppm", "PPM"), ("b.pgm", "PGM"), ("b.pbm", "PBM"), ("b.pnm", "PNM")] {
      let outcome = try runner.rdcodec("decompress", "-q", "a.rdc", name)
      #expect(outcome.status == 64)
      #expect(
        outcome.errorLines == [
          "rdcodec: \(name): \(format) cannot hold transparent pixels; use .png or .pam"
        ])
    }
    let misnamed = try runner.rdcodec("decompress", "a.rdc", "b.ppm", "--format", "pgm")
    #expect(misnamed.status == 64 && misnamed.errorLines.count == 1)
    #expect(runner.names == ["a.png", "a.rdc"])
    let pam = try runner.rdcodec("decompress", "-q", "a.rdc", "b.pam")
    #expect(pam.status == 0 && pam.errorLines.count == 1)
    #expect(pam.errors.contains("rdcodec: warning: b.pam: left out, as PAM cannot hold it: "))
  }
}
