import DecoderCore
import RDCodec
import TestSupport
import Testing

@Suite struct ImageTests {
  /// What is wrong with a 2 × 1 image, and its change.
  static let faults: [(String, @Sendable (inout Image) -> Void)] = [
    ("no width", { $0.width = 0 }),
    ("negative height", { $0.height = -1 }),
    ("huge", { $0.width = .max }),
    ("too deep", { $0.depth = 17 }),
    ("no depth", { $0.depth = 0 }),
    ("missing plane", { $0.planes.removeLast() }),
    ("short plane", { $0.planes[1].removeLast() }),
    ("large sample", { $0.planes[2][1] = 256 }),
    ("peak below a sample", { ($0.planes[0][1], $0.statedPeak) = (201, 200) }),
    ("peak of another depth", { ($0.depth, $0.statedPeak) = (16, 255) }),
    ("peak that needs no statement", { $0.statedPeak = 255 }),
    ("no peak", { $0.statedPeak = 0 }),
    ("palette without use", { $0.palette = [Image.PaletteEntry(red: 1, green: 2, blue: 3)] }),
    ("short transparent colour", { $0.transparentColor = [1] }),
    ("large transparent colour", { $0.transparentColor = [1, 2, 256] }),
    ("critical chunk", { $0.metadata = [MetadataItem("IDAT")] }),
    ("transparency as metadata", { $0.metadata = [MetadataItem("tRNS")] }),
    ("long chunk type", { $0.metadata = [MetadataItem("tEXtt")] }),
    (
      "long name of a profile",
      {
        $0.metadata = [
          MetadataItem(.iccProfile(name: Array(repeating: 65, count: 80), profile: [1]))
        ]
      }
    ),
    (
      "keyword beyond Latin-1",
      {
        $0.metadata = [MetadataItem(.text(.init(keyword: Array("\u{100}".utf8), text: [])))]
      }
    ),
    (
      "zero in a language",
      {
        $0.metadata = [
          MetadataItem(
            .text(.init(keyword: [65], text: [], language: [0], isInternational: true)))
        ]
      }
    ),
    (
      "language of a text in Latin-1",
      {
        $0.metadata = [MetadataItem(.text(.init(keyword: [65], text: [], language: [65])))]
      }
    ),
    ("chromaticities of two colours", { $0.metadata = [MetadataItem(.chromaticities([1, 2]))] }),
    ("background of two samples", { $0.metadata = [MetadataItem(.background([1, 2]))] }),
    ("chunk type with a digit", { $0.metadata = [MetadataItem("tEX1")] }),
  ]

  @Test(arguments: faults.indices)
  func findsFault(index: Int) {
    var image = ImageFixtures.image(.init(colorType: .rgb, depth: 8), width: 2, height: 1)
    #expect(throws: Never.self) { try image.validate() }
    Self.faults[index].1(&image)
    #expect(throws: CodecError.self, "\(Self.faults[index].0)") { try image.validate() }
  }

  @Test func findsFaultsOfPalettes() {
    let image = ImageFixtures.image(.init(colorType: .palette, depth: 2), width: 2, height: 1)
    #expect(throws: Never.self) { try image.validate() }
    let faults: [(inout Image) -> Void] = [
      { $0.palette = [] }, { $0.planes[0][0] = 4 }, { $0.statedPeak = 2 }, { $0.depth = 1 },
      { $0.depth = 3 },
      { $0.paletteAlphaCount = 4 }, { $0.paletteAlphaCount = -1 }, { $0.paletteAlphaCount = 0 },
      { $0.palette += $0.palette }, { $0.transparentColor = [1] },
    ]
    for fault in faults {
      var faulty = image
      fault(&faulty)
      #expect(throws: CodecError.self) { try faulty.validate() }
    }
  }

  @Test(arguments: [0, 2])
  func appliesPalettes(alphaCount: Int) throws {
    let image = Image(
      width: 3, height: 1, colorType: .palette, depth: 2, planes: [[2, 0, 1]],
      palette: [
        Image.PaletteEntry(red: 1, green: 2, blue: 3, alpha: alphaCount > 0 ? 4 : 255),
        Image.PaletteEntry(red: 5, green: 6, blue: 7, alpha: alphaCount > 0 ? 8 : 255),
        Image.PaletteEntry(red: 9, green: 10, blue: 11),
      ],
      paletteAlphaCount: alphaCount,
      metadata: [
        MetadataItem(png: "sBIT", [5, 6, 5], .beforePalette),
        MetadataItem(png: "hIST", [0, 1, 0, 1, 0, 1], .beforeImageData),
        MetadataItem(png: "bKGD", [1], .beforeImageData),
        MetadataItem(png: "tEXt", [65, 0, 66], .afterImageData),
      ])
    let expanded = image.expandedToRGB()
    let colors: [[UInt16]] = [[9, 1, 5], [10, 2, 6], [11, 3, 7]]
    #expect(expanded.planes == (alphaCount > 0 ? colors + [[255, 4, 8]] : colors))
    #expect(expanded.colorType == (alphaCount > 0 ? .rgba : .rgb))
    #expect(expanded.metadata.map(\.pngChunk?.type) == ["sBIT", "bKGD", "tEXt"])
    #expect(expanded.metadata[0].pngChunk?.payload == (alphaCount > 0 ? [5, 6, 5, 8] : [5, 6, 5]))
    #expect(expanded.metadata[1].pngChunk?.payload == [0, 5, 0, 6, 0, 7])
    try expanded.validate()
  }

  @Test(arguments: [0, 1])
  func indicesBeyondThePaletteAreOpaqueBlack(alphaCount: Int) throws {
    let image = Image(
      width: 4, height: 1, colorType: .palette, depth: 2, planes: [[0, 1, 2, 3]],
      palette: [.init(red: 9, green: 8, blue: 7, alpha: alphaCount > 0 ? 6 : 255)],
      paletteAlphaCount: alphaCount)
    try image.validate()
    let expanded = image.expandedToRGB()
    #expect(expanded.planes.prefix(3) == [[9, 0, 0, 0], [8, 0, 0, 0], [7, 0, 0, 0]])
    if alphaCount > 0 { #expect(expanded.planes[3] == [6, 255, 255, 255]) }
  }

  @Test func leavesOtherImagesUnexpanded() {
    let image = ImageFixtures.image(.init(colorType: .greyAlpha, depth: 16))
    #expect(image.expandedToRGB() == image)
  }
}

extension MetadataItem {
  fileprivate init(_ type: String) {
    self.init(.other(.png, type: type, bytes: []))
  }
}
