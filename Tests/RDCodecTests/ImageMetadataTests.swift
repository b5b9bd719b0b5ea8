import TestSupport
import Testing

@testable import DecoderCore
@testable import RDCodec

/// Metadata of PNG files in neutral form, and back.
@Suite struct ImageMetadataTests {
  private typealias Content = MetadataItem.Content

  private static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
  private static let latin1: [UInt8] = [0x63, 0x61, 0x66, 0xE9, 0, 0x80, 0xFF]

  /// Chunks and what they say. All but deflated ones come back byte for byte.
  private static let known: [(type: String, payload: [UInt8], content: MetadataItem.Content)] = [
    (
      "iCCP", bytes("Display P3") + [0, 0] + Zlib.deflate([1, 2, 3, 4]),
      .iccProfile(name: bytes("Display P3"), profile: [1, 2, 3, 4])
    ),
    ("eXIf", bytes("MM\0*"), .exif(bytes("MM\0*"))),
    (
      "iTXt", bytes("XML:com.adobe.xmp") + [0, 0, 0, 0, 0] + bytes("<x é/>"),
      .xmp(bytes("<x é/>"), isCompressed: false)
    ),
    (
      "iTXt", bytes("XML:com.adobe.xmp") + [0, 1, 0, 0, 0] + Zlib.deflate(bytes("<x/>")),
      .xmp(bytes("<x/>"), isCompressed: true)
    ),
    ("cICP", [9, 16, 0, 1], .cicp(primaries: 9, transfer: 16, matrix: 0, isFullRange: 1)),
    ("pHYs", [0, 0, 11, 19, 0, 1, 0, 0, 1], .resolution(x: 2835, y: 65536, isPerMetre: true)),
    ("pHYs", [0, 0, 0, 4, 0, 0, 0, 3, 0], .resolution(x: 4, y: 3, isPerMetre: false)),
    ("gAMA", [0, 0, 177, 143], .gamma(45455)),
    (
      "cHRM", (0..<8).flatMap { [0, 0, 1, UInt8($0)] },
      .chromaticities((0..<8).map { 256 + $0 })
    ),
    ("sRGB", [2], .renderingIntent(2)),
    ("bKGD", [7], .backgroundIndex(7)),
    ("bKGD", [1, 2], .background([258])),
    ("bKGD", [0, 1, 0, 2, 255, 255], .background([1, 2, 65535])),
    ("sBIT", [5, 6, 5], .significantBits([5, 6, 5])),
    (
      "tEXt", bytes("Author") + [0] + latin1,
      .text(.init(keyword: bytes("Author"), text: Latin1.utf8(latin1)))
    ),
    (
      "zTXt", bytes("Author") + [0, 0] + Zlib.deflate(latin1),
      .text(.init(keyword: bytes("Author"), text: Latin1.utf8(latin1), isCompressed: true))
    ),
    (
      "iTXt", [0xE9, 0, 0, 0] + bytes("en-GB") + [0] + bytes("ключ") + [0] + bytes("текст"),
      .text(
        .init(
          keyword: bytes("é"), text: bytes("текст"), language: bytes("en-GB"),
          translatedKeyword: bytes("ключ"), isInternational: true))
    ),
    (
      "iTXt", bytes("a") + [0, 1, 0, 0, 0] + Zlib.deflate(bytes("текст")),
      .text(
        .init(
          keyword: bytes("a"), text: bytes("текст"), isInternational: true, isCompressed: true))
    ),
    (
      "tIME", [7, 230, 11, 29, 23, 59, 60],
      .modificationTime(year: 2022, month: 11, day: 29, hour: 23, minute: 59, second: 60)
    ),
  ]

  @Test(arguments: known.indices)
  func chunksHaveNeutralFormAndComeBack(index: Int) {
    let (type, payload, content) = Self.known[index]
    #expect(PNGMetadata.content(type, payload, limit: 1000) == content)
    #expect(PNGMetadata.chunk(for: content) == .init(type: type, payload: payload))
  }

  @Test(arguments: known.indices, [.beforePalette, .afterImageData] as [MetadataItem.Position])
  func neutralFormsSurviveTheContainer(index: Int, position: MetadataItem.Position) throws {
    let item = MetadataItem(Self.known[index].content, position: position)
    var writer = ByteWriter()
    item.write(to: &writer)
    var reader = ByteReader(writer.bytes)
    #expect(try MetadataItem(&reader) == item && reader.remaining == 0)
    for count in 0..<writer.bytes.count {
      var reader = ByteReader(Array(writer.bytes.prefix(count)))
      #expect(throws: CodecError.self) { try MetadataItem(&reader) }
    }
  }

  /// What does not have the form that its type asks for, or would not come back as it was.
  @Test(
    arguments: [
      ("iCCP", bytes("no zero")), ("iCCP", [0, 0] + Zlib.deflate([1])),
      ("iCCP", bytes("a") + [0, 1] + Zlib.deflate([1])), ("iCCP", bytes("a") + [0, 0, 1, 2, 3]),
      ("iCCP", [UInt8](repeating: 65, count: 80) + [0, 0] + Zlib.deflate([1])),
      ("iCCP", bytes("a") + [0, 0] + Zlib.deflate([1]) + [0]),
      ("zTXt", bytes("a") + [0, 0] + Zlib.deflate([UInt8](repeating: 0, count: 1001))),
      ("iTXt", bytes("a") + [0, 0, 0, 0, 0, 0xFF]), ("iTXt", bytes("a") + [0, 0, 0, 0]),
      ("iTXt", bytes("a") + [0, 2, 0, 0, 0]), ("iTXt", bytes("a") + [0, 0, 1, 0, 0]),
      ("iTXt", bytes("a") + [0, 0, 0, 0xE9, 0, 0]), ("tEXt", bytes("no zero")),
      ("tEXt", [0] + bytes("no keyword")), ("cICP", [1, 2, 3]), ("cICP", [1, 2, 3, 4, 5]),
      ("pHYs", [0, 0, 0, 1, 0, 0, 0, 1, 2]), ("gAMA", []), ("cHRM", [1]), ("sRGB", [4]),
      ("sRGB", []), ("bKGD", [1, 2, 3, 4]), ("sBIT", []), ("sBIT", [1, 2, 3, 4, 5]),
      ("tIME", [1, 2, 3, 4, 5, 6]), ("hIST", [0, 1]), ("sPLT", [1]), ("prVt", [1, 2, 3]),
    ] as [(String, [UInt8])])
  func othersStayAsTheyAre(type: String, payload: [UInt8]) {
    let content = PNGMetadata.content(type, payload, limit: 1000)
    #expect(content == .other(.png, type: type, bytes: payload))
    #expect(PNGMetadata.chunk(for: content) == .init(type: type, payload: payload))
  }

  /// Forms that no PNG gives, as a hostile file may hold them or another format gives them.
  @Test func whatPNGLacksGetsAForm() throws {
    let profile = PNGMetadata.chunk(for: .iccProfile(name: [], profile: [1]))
    #expect(profile?.payload == Self.bytes("ICC profile") + [0, 0] + Zlib.deflate([1]))
    let comment = PNGMetadata.chunk(for: .text(.init(keyword: [], text: [66])))
    #expect(comment == .init(type: "tEXt", payload: Self.bytes("Comment\0B")))
    let text = PNGMetadata.chunk(
      for: .text(.init(keyword: [65], text: Self.bytes("ключ"))))
    #expect(text == .init(type: "iTXt", payload: [65, 0, 0, 0, 0, 0] + Self.bytes("ключ")))
  }

  @Test func kindsHaveNamesInPlainWords() {
    let names = Self.known.map { MetadataItem($0.content).kindName }
    #expect(Set(names).count == 12 && names[0] == "ICC profile" && names[1] == "Exif")
    #expect(MetadataItem(.other(.png, type: "hIST", bytes: [])).kindName == "other: PNG hIST")
  }

  /// Kept, named, and not dropped without a word; a kind of 0 is none.
  @Test func kindsOfLaterVersionsAreKept() async throws {
    var image = ImageFixtures.image(.init(colorType: .rgb, depth: 8))
    let later = MetadataItem(.unknown(kind: 40, bytes: [1, 2, 3]), position: .afterImageData)
    image.metadata = [later]
    let file = try await encode(image, EncoderOptions(effort: 1))
    let decoded = try await decode(file.bytes)
    #expect(decoded.metadata == [later])
    #expect(try inspect(file.bytes).metadataTypes == ["kind 40 of a later version"])
    for format in [ImageFormat.png, .ppm] {
      #expect(format.losses(of: decoded).contains { $0.contains("kind 40 of a later version") })
    }
    #expect(try readImage(decoded.pngBytes()).metadata.isEmpty)
    for kind: UInt8 in [0, 1, 13, 63] {
      image.metadata = [MetadataItem(.unknown(kind: kind, bytes: []))]
      #expect(throws: CodecError.self) { try image.validate() }
    }
    var reader = ByteReader([0x40, 0])
    #expect(throws: CodecError.corrupt(field: "kind of metadata", at: 0)) {
      try MetadataItem(&reader)
    }
  }

  /// All of it in one file, in order, and through the codec.
  @Test func metadataOfAFileComesBack() async throws {
    var image = ImageFixtures.image(.init(colorType: .rgb, depth: 8))
    image.metadata = Self.known.filter { $0.type != "bKGD" && $0.type != "sBIT" }.enumerated()
      .map {
        MetadataItem($1.content, position: $0 < 12 ? .beforeImageData : .afterImageData)
      }
    let png = try image.pngBytes()
    let read = try readImage(png)
    #expect(read.metadata == image.metadata)
    let file = try await encode(read, EncoderOptions(effort: 1))
    let decoded = try await decode(file.bytes)
    #expect(decoded.metadata == image.metadata)
    #expect(try decoded.pngBytes() == png)
    #expect(try inspect(file.bytes).metadataTypes == image.metadata.map(\.kindName))
  }

  /// What inflates to more than is allowed stays deflated; the limit counts what is kept.
  @Test func inflatedMetadataIsBounded() throws {
    var image = ImageFixtures.image(.init(colorType: .rgb, depth: 8))
    let profile = [UInt8](repeating: 0, count: 100_000)
    image.metadata = [MetadataItem(.iccProfile(name: [65], profile: profile))]
    let png = try image.pngBytes()
    #expect(try readImage(png).metadata == image.metadata)
    var limits = DecoderLimits.default
    limits.metadataByteCount = 10_000
    let kept = try readImage(png, limits: limits).metadata
    #expect(kept.count == 1 && kept[0].isPNGChunk("iCCP"))
    image.metadata = kept
    #expect(try image.pngBytes() == png)
  }
}
