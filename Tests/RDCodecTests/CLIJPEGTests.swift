import TestSupport
import Testing

@testable import DecoderCore
@testable import RDCodec

/// What the program says and does with JPEG files.
@Suite struct CLIJPEGTests {
  @Test func filesComeBackAsWhatTheyWere() throws {
    let runner = try CLIRunner()
    try runner.makeFolder("in")
    try runner.makeFolder("packed")
    try runner.write(JPEGSamples.all[0], to: "in/a.jpg")
    try runner.write(JPEGSamples.other("cmyk"), to: "in/b.jpeg")
    try runner.writeImage("in/c.ppm")
    let outcome = try runner.shell(
      """
      "$rdcodec" compress -q -e 1 in --out-dir packed && cp packed/b.rdc packed/d.jpeg.rdc &&
      "$rdcodec" decompress -q packed --out-dir out &&
      cmp in/a.jpg out/a.jpg && cmp in/b.jpeg out/b.jpg && cmp in/b.jpeg out/d.jpeg && ls out &&
      "$rdcodec" decompress -q packed --out-dir out && "$rdcodec" decompress -q packed/a.rdc &&
      cmp in/a.jpg packed/a.jpg && "$rdcodec" decompress -q packed/a.rdc - | cmp - in/a.jpg &&
      cat packed/a.rdc | "$rdcodec" decompress -q - | cmp - in/a.jpg
      """)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(
      outcome.output.split(separator: "\n").map(String.init)
        == ["a.jpg", "b.jpg", "c.png", "d.jpeg"])
  }

  @Test func picturesAreThereWhereTheyAreAskedFor() throws {
    let runner = try CLIRunner()
    try runner.makeFolder("packed")
    try runner.write(JPEGSamples.all[0], to: "a.jpg")
    let outcome = try runner.shell(
      """
      "$rdcodec" compress -q -e 1 --preview 30 a.jpg packed/a.rdc &&
      "$rdcodec" decompress -q packed --out-dir out --format png &&
      "$rdcodec" decompress -q packed --out-dir part --region 0,0,4,4 &&
      "$rdcodec" decompress -q packed --out-dir preview --layer preview &&
      "$rdcodec" decompress -q packed/a.rdc --png-level 3 && ls out part preview packed
      """)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(
      outcome.output.split(separator: "\n").map(String.init) == [
        "out:", "a.png", "packed:", "a.png", "a.rdc", "part:", "a.png", "preview:", "a.png",
      ])
  }

  /// As a file of a later version may hold it: the JPEG file comes back, and what is none of it is named.
  @Test func metadataThatNoJPEGFileHoldsIsNamed() async throws {
    let jpeg = JPEGSamples.all[0]
    let reader = try #require(try ImageFormat.reader(of: ByteSource(jpeg)) as? JPEGReader)
    let own = try await encode(reader, EncoderOptions(effort: 1)).pieces.flatMap { $0 }
    #expect(try inspect(own).fileLoss == nil)
    try reader.rewind()
    reader.header.metadata += [
      MetadataItem(.unknown(kind: 40, bytes: [1, 2, 3]), position: .afterImageData),
      MetadataItem(.gamma(45455)),
    ]
    let file = try await encode(reader, EncoderOptions(effort: 1)).pieces.flatMap { $0 }
    let left = "left out, as the JPEG file does not hold it: metadata of"
    #expect(
      try inspect(file).fileLoss.map { $0.hasPrefix(left) && $0.contains("gamma") } == true)
    let runner = try CLIRunner()
    try runner.write(jpeg, to: "a.jpg")
    try runner.write(own, to: "own.rdc")
    try runner.write(file, to: "more.rdc")
    let quiet = try runner.shell(
      #""$rdcodec" decompress -q own.rdc own.jpg && cmp a.jpg own.jpg"#)
    #expect(quiet.status == 0 && quiet.errors.isEmpty)
    let outcome = try runner.shell(
      #""$rdcodec" decompress -q more.rdc more.jpg && cmp a.jpg more.jpg"#)
    #expect(outcome.status == 0)
    #expect(outcome.errors.contains("warning: more.jpg: \(left)"))
    #expect(outcome.errors.contains("kind 40 of a later version"))
  }

  @Test func messagesSayWhatIsKept() throws {
    let runner = try CLIRunner()
    try runner.write(JPEGSamples.other("ycck"), to: "a.jpg")
    try runner.write(Array(JPEGSamples.all[0].dropLast(20)), to: "cut.jpg")
    let whole = try runner.rdcodec("compress", "-e", "1", "a.jpg")
    #expect(whole.errors.contains("JPEG file kept byte for byte"))
    let cut = try runner.rdcodec("compress", "-e", "1", "cut.jpg")
    #expect(cut.status == 0)
    #expect(
      cut.errorLines.first
        == "rdcodec: warning: cut.jpg: the file ends early; it is kept as it is")
    let picture = try runner.rdcodec("decompress", "-q", "a.rdc", "a.png")
    #expect(
      picture.errorLines
        == ["rdcodec: warning: a.png: its CMYK colours became RGB, without a profile"])
  }

  @Test func otherKindsAreRefusedWithAReason() throws {
    let runner = try CLIRunner()
    let kinds: [(place: Int, value: UInt8, reason: String)] = [
      (1, 0xC9, "JPEG files with arithmetic coding"), (1, 0xC3, "lossless JPEG files"),
      (1, 0xC5, "hierarchical JPEG files"), (4, 12, "JPEG files of 12 bits"),
    ]
    for (place, value, reason) in kinds {
      var jpeg = JPEGSamples.all[0]
      let frame = jpeg.indices.first { jpeg[$0] == 0xFF && jpeg[$0 + 1] == 0xC0 }!
      jpeg[frame + place] = value
      try runner.write(jpeg, to: "a.jpg")
      let outcome = try runner.rdcodec("compress", "a.jpg")
      #expect(outcome.status == 65)
      #expect(
        outcome.errorLines == [
          "rdcodec: a.jpg: not supported: \(reason); convert it to PNG to compress its pixels"
        ])
    }
  }
}
