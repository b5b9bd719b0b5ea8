import Foundation
import TestSupport
import Testing

@testable import DecoderCore
@testable import RDCodec

/// What is said about files that are damaged, of another kind, or too large.
@Suite struct CommandMessageTests {
  private static let other: [([UInt8], String)] = [
    (Array("\u{89}PNG\r\n\u{1A}\n".unicodeScalars.map { UInt8($0.value) }), "a PNG file"),
    ([0xFF, 0xD8, 0xFF, 0xE0, 0, 16], "a JPEG file"), (Array("GIF89a..".utf8), "a GIF file"),
    (Array("RIFF....WEBPVP8 ".utf8), "a WebP file"), (Array("P6 1 1 255 abc".utf8), "a PNM or PAM"),
    (Array("....ftypavif....".utf8), "an AVIF file"), (Array("%PDF-1.7".utf8), "a PDF file"),
    ([0x1F, 0x8B, 8, 0], "a gzip file"), ([], "an empty file"),
    (Array("neither nor".utf8), "another kind of file"),
  ]

  @Test(arguments: other)
  func whatIsNoBitstreamIsCalledByItsName(bytes: [UInt8], name: String) throws {
    let runner = try CLIRunner()
    try runner.write(bytes, to: "a.png")
    for command in ["decompress a.png b.png", "info a.png", "verify a.png", "strip a.png b.rdc"] {
      let outcome = try runner.shell("\"$rdcodec\" \(command)")
      #expect(outcome.status == 65)
      #expect(outcome.errorLines.count == 1)
      #expect(outcome.errors.contains("a.png: this is \(name)"), "\(outcome.errors)")
      #expect(!outcome.errors.contains("damaged"))
    }
  }

  @Test func whatIsNoPictureIsCalledByItsName() throws {
    let runner = try CLIRunner()
    let cases: [([UInt8], String, String)] = [
      ([0x8F, 0x52, 0x44, 0x43, 5], "an rdc file", "rdcodec decompress"),
      (Array("GIF89a".utf8), "a GIF file", "convert it to PNG"),
      ([], "an empty file", "fresh copy"), ([0x1F, 0x8B, 8, 0], "a gzip file", "unpack it"),
      (Array("neither nor".utf8), "no picture that is known", "name a PNG"),
    ]
    for (bytes, name, advice) in cases {
      try runner.write(bytes, to: "a")
      let outcome = try runner.rdcodec("compress", "a", "b.rdc")
      #expect(outcome.status == 65)
      #expect(outcome.errors.contains("a: this is \(name)"), "\(outcome.errors)")
      #expect(outcome.errors.contains(advice))
    }
  }

  @Test func aDamagedPNGSaysWhatIsDamaged() throws {
    let runner = try CLIRunner()
    let png = try ImageFixtures.image(.init(colorType: .rgb, depth: 8)).pngBytes()
    let start = try #require(
      png.indices.dropFirst(8).first { png[$0...].starts(with: "IDAT".utf8) })
    var flipped = png
    flipped[start + 10] ^= 0xFF
    var text = png
    text.remove(at: 4)
    let cases: [([UInt8], String)] = [
      (flipped, "wrong checksum of PNG chunk IDAT at byte \(start - 4)"),
      (text, "signature of PNG is changed"), (Array(png.dropLast(30)), "ends early"),
    ]
    for (bytes, problem) in cases {
      try runner.write(bytes, to: "a.png")
      let outcome = try runner.rdcodec("compress", "a.png", "b.rdc")
      #expect(outcome.status == 65)
      #expect(outcome.errors.contains(problem), "\(outcome.errors)")
      #expect(outcome.errors.contains("get a fresh copy"))
      #expect(!outcome.errors.contains("convert"))
    }
  }

  @Test func whatIsTooLargeNamesLimitValueAndOption() throws {
    let runner = try CLIRunner()
    try runner.writeImage("a.ppm")
    let refused = try runner.rdcodec("compress", "a.ppm", "a.rdc", "--max-pixels", "1K")
    #expect(refused.status == 65)
    for part in ["1920 pixels", "limit of 1000", "--max-pixels 1920"] {
      #expect(refused.errors.contains(part), "\(refused.errors)")
    }
    #expect(
      try runner.rdcodec("compress", "a.ppm", "a.rdc", "--max-pixels", "1920", "--effort", "1")
        .status == 0)
    for command in ["decompress a.rdc a.png", "verify a.rdc", "strip a.rdc b.rdc"] {
      let outcome = try runner.shell("\"$rdcodec\" \(command) --max-pixels 1919")
      #expect(outcome.status == 65)
      #expect(outcome.errors.contains("--max-pixels 1920"), "\(outcome.errors)")
    }
    #expect(try runner.rdcodec("info", "a.rdc").status == 0)
  }

  @Test func ahugePictureIsToldHowToRaiseTheLimit() throws {
    let runner = try CLIRunner()
    try runner.write(Array("P5 20000 20000 255\n".utf8), to: "a.pgm")
    let outcome = try runner.rdcodec("compress", "a.pgm", "a.rdc")
    #expect(outcome.status == 65)
    #expect(
      outcome.errors.contains("400000000 pixels, more than the limit of 268435456"),
      "\(outcome.errors)")
    #expect(outcome.errors.contains("--max-pixels 400000000"))
    #expect(
      try runner.rdcodec("compress", "a.pgm", "a.rdc", "--max-pixels", "400M").errors
        .contains("ends early"))
  }

  @Test func memoryIsRefusedBeforeItIsTaken() throws {
    let runner = try CLIRunner()
    try runner.writeImage("a.ppm")
    #expect(
      try runner.rdcodec("compress", "a.ppm", "a.rdc", "--max-memory", "2G", "--effort", "1").status
        == 0)
    for command in ["compress a.ppm b.rdc", "decompress a.rdc a.png", "verify a.rdc"] {
      let outcome = try runner.shell("\"$rdcodec\" \(command) --max-memory 1MB")
      #expect(outcome.status == 65)
      #expect(outcome.errors.contains("more than the limit of 1000000"), "\(outcome.errors)")
      #expect(outcome.errors.contains("raise it with --max-memory"))
    }
  }

  @Test func aModelThatIsNoneIsCalledByItsName() throws {
    let runner = try CLIRunner()
    try runner.writeImage("a.ppm")
    let outcome = try runner.rdcodec("compress", "a.ppm", "a.rdc", "--model", "a.ppm")
    #expect(outcome.status == 65)
    #expect(outcome.errors.contains("a.ppm: this is a PNM or PAM file; give --model"))
  }
}
