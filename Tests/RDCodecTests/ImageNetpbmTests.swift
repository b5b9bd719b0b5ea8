import DecoderCore
import RDCodec
import TestSupport
import Testing

@Suite struct ImageNetpbmTests {
  @Test(arguments: [Image.ColorType.grey, .rgb, .greyAlpha, .rgba], [1, 3, 8, 10, 16])
  func readsBackWhatItWrote(colorType: Image.ColorType, depth: Int) throws {
    var image = ImageFixtures.image(.init(colorType: colorType, depth: depth))
    image.transparentColor = nil
    for format in colorType.channelCount % 2 == 0 ? [ImageFormat.pam] : [.pnm, .pam] {
      let copy = try readImage(try writeImage(image, as: format))
      let isSame = copy == image
      #expect(isSame)
    }
  }

  @Test(arguments: [
    ("P1\n3 2\n101\n0 1 0", [0, 1, 0, 1, 0, 1], 1),
    ("P1 # comment\n# 9\n3 2 1 0 1 0 1 0\n", [0, 1, 0, 1, 0, 1], 1),
    ("P2 3 2 255 1 2 3\n#c\n4 5 255", [1, 2, 3, 4, 5, 255], 8),
    ("P2 3 2 15\n1 2 3\t4 5 15\n", [1, 2, 3, 4, 5, 15], 4),
    ("P4 3 2\n\u{20}\u{40}", [1, 1, 0, 1, 0, 1], 1),
    ("P5 3#c\n2 127\nabcdef", [97, 98, 99, 100, 101, 102], 7),
    ("P5\r\t3 2 0000000000127#c\nabcdef", [97, 98, 99, 100, 101, 102], 7),
    (
      "P7\nWIDTH\t 3 \n\n HEIGHT 2\r\nDEPTH 1\n#c\nMAXVAL 127\nTUPLTYPE  GRAYSCALE \nENDHDR\nabcdef",
      [97, 98, 99, 100, 101, 102], 7
    ),
    ("P5 3 2 65535\naabbccddeef\u{1}", [24929, 25186, 25443, 25700, 25957, 26113], 16),
    (
      "P7\n#c\nWIDTH 3\nHEIGHT 2\nDEPTH 1\nMAXVAL 127\nENDHDR\nabcdef",
      [97, 98, 99, 100, 101, 102], 7
    ),
  ])
  func readsGrey(text: String, samples: [UInt16], depth: Int) throws {
    let image = try readImage(Array(text.utf8))
    #expect(
      image
        == Image(width: 3, height: 2, colorType: .grey, depth: depth, planes: [samples]))
  }

  @Test func readsColor() throws {
    let plain = try readImage(Array("P3 2 1 255 1 2 3 4 5 6".utf8))
    let raw = try readImage(Array("P6 2 1 255\n\u{1}\u{2}\u{3}\u{4}\u{5}\u{6}".utf8))
    #expect(plain.planes == [[1, 4], [2, 5], [3, 6]])
    #expect(raw == plain)
  }

  @Test(arguments: [
    "P5", "P5 3", "P5 3 2 255", "P5 3 2 255\nabcde", "P5 0 2 255\n", "P5 3 2 0\nabcdef",
    "P5 3 2 65536\nabcdef", "P5 3 2 101\nabcdef", "P5 -3 2 255\n", "P5 3 2 -5\nabcdef", "P5 3 2\n",
    "P5 3x 2 255\nabcdef",
    "P5 3 2 63\nabcdef", "P5 99999999999999999999 2 255\n", "P5 999999 999999 255\n",
    "P1 3 2 1 0 2 1 0 1", "P1 3 2 1 0 1", "P2 3 2 15 1 2 3 4 5 16", "P2 3 2 15 1 2 3 4 5",
    "P2 3 2 15 1 2 3 4 5 x", "P2 3 2 12 1 2 3 4 5 13", "P5 3 2 255#c", "P5 3 2 999999999 abcdef",
    "P5 1 1 255\naP5 1 1 255\na", "P7\nWIDTH 3\n", "P7\nENDHDR\n",
    "P7\nWIDTH 1\nHEIGHT 1\nDEPTH 2\nMAXVAL 255\nTUPLTYPE RGB\nENDHDR\nabc",
    "P7\nWIDTH 1\nHEIGHT x\nDEPTH 1\nMAXVAL 255\nENDHDR\na",
    "P7\nWIDTH 1\nHEIGHT 1\nDEPTH 5\nMAXVAL 255\nENDHDR\nabcde",
    "P7\nWIDTH 1\nHEIGHT 1\nDEPTH 4\nMAXVAL 255\nTUPLTYPE CMYK\nENDHDR\nabcd",
    "P7\nWIDTH 1\nHEIGHT 1\nDEPTH 1\nMAXVAL 0\nENDHDR\na",
    "P7\nWIDTH 1\nHEIGHT 1\nDEPTH 1\nMAXVAL 65536\nENDHDR\naa",
    "P7\nWIDTH 1\nHEIGHT 1\nDEPTH 1\nENDHDR\naa",
    "P7\nWIDTH 1 2\nHEIGHT 1\nDEPTH 1\nMAXVAL 255\nENDHDR\naa",
  ])
  func refusesInvalidFiles(text: String) {
    #expect(throws: CodecError.self) { try readImage(Array(text.utf8)) }
  }

  @Test func whatFollowsTheImageIsNamed() throws {
    let file = try ReadImage(Array("P5 # by hand\n1 1 255\naxyz".utf8))
    #expect(
      file.warnings == ["its comments are left out", "3 bytes after the image are left out"])
    #expect(try ReadImage(Array("P2 1 1 9 # nine\n9\n\n".utf8)).warnings.count == 1)
    #expect(try ReadImage(Array("P5 1 1 255\na\n".utf8)).warnings.isEmpty)
  }

  @Test func damagedFilesNeverTrap() throws {
    var random = SplitMix64(seed: 7)
    let image = ImageFixtures.image(.init(colorType: .rgba, depth: 16), width: 3, height: 2)
    let valid = [
      try writeImage(image, as: .pam), Array("P1 3 2 101010".utf8),
      Array("P3 2 1 255 1 2 3 4 5 6".utf8),
    ]
    let limits = DecoderLimits(dimension: 4096, pixelCount: 1 << 20, metadataByteCount: 0)
    for bytes in valid {
      for count in bytes.indices {
        #expect(throws: CodecError.self) { try readImage(Array(bytes.prefix(count))) }
      }
      for _ in 0..<300 {
        var damaged = bytes
        damaged[Int.random(in: 0..<bytes.count, using: &random)] =
          .random(in: 0...255, using: &random)
        if let copy = try? readImage(damaged, limits: limits) {
          #expect(throws: Never.self) { try copy.validate() }
        }
      }
    }
  }

  @Test(arguments: [("png", ImageFormat.png), ("PPM", .ppm), ("pgm", .pgm), ("pam", .pam)])
  func knowsExtensions(name: String, format: ImageFormat) {
    #expect(ImageFormat(fileExtension: name) == format)
  }

  @Test func knowsNoOtherExtension() {
    #expect(ImageFormat(fileExtension: "jpg") == nil)
  }
}
