import DecoderCore
import RDCodec
import TestSupport
import Testing

/// PngSuite by Willem van Schaik: every colour type, depth, filter, interlacing, and broken files.
@Suite(.enabled(if: SharedData.has("pngsuite"), "\(SharedData.missing)"))
struct ImagePngSuiteTests {
  private static let names = SharedData.pngNames(in: "pngsuite")

  @Test(arguments: names.filter { !$0.hasPrefix("x") })
  func readsBackWhatItWrote(name: String) throws {
    let image = try readImage(try SharedData.bytes("pngsuite", name))
    let copy = try readImage(try image.pngBytes())
    let isSame = copy == image
    #expect(isSame)
  }

  @Test(arguments: names.filter { $0.hasPrefix("basi") })
  func interlacingChangesNoSample(name: String) throws {
    let interlaced = try readImage(try SharedData.bytes("pngsuite", name))
    let plainName = name.replacing("basi", with: "basn")
    let plain = try readImage(try SharedData.bytes("pngsuite", plainName))
    let isSame = interlaced == plain
    #expect(isSame)
  }

  @Test(arguments: names.filter { $0.hasPrefix("s") && $0.contains("i3p") })
  func interlacingOfTinyImagesChangesNoSample(name: String) throws {
    let interlaced = try readImage(try SharedData.bytes("pngsuite", name))
    let plainName = name.replacing("i3p", with: "n3p")
    let plain = try readImage(try SharedData.bytes("pngsuite", plainName))
    let isSame = interlaced.planes == plain.planes && interlaced.palette == plain.palette
    #expect(isSame)
  }

  @Test(arguments: names.filter { $0.hasPrefix("bas") })
  func rowsComeInPartsToo(name: String) throws {
    let bytes = try SharedData.bytes("pngsuite", name)
    let reader = try ImageFormat.reader(of: ByteSource(bytes))
    for _ in 0..<2 {
      var planes = reader.header.planes
      while try reader.readRows(5, to: &planes) == 5 {}
      let isSame = planes == (try readImage(bytes)).planes
      #expect(isSame)
      try reader.rewind()
    }
  }

  @Test(arguments: names.filter { $0.hasPrefix("x") })
  func refusesBrokenFiles(name: String) throws {
    let bytes = try SharedData.bytes("pngsuite", name)
    #expect(throws: CodecError.self) { try readImage(bytes) }
  }

  @Test func holdsAllItsFiles() {
    #expect(Self.names.count == 176)
    #expect(Self.names.count { $0.hasPrefix("x") } == 14)
  }
}
