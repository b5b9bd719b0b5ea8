import DecoderCore
import RDCodec
import TestSupport
import Testing

/// Files are what their names say, or are refused with a name that would do.
@Suite struct ImageFormatTests {
  private static let entries = [
    Image.PaletteEntry(red: 0, green: 0, blue: 0),
    Image.PaletteEntry(red: 255, green: 255, blue: 255),
  ]

  /// Grey of two bits unless told otherwise.
  private static func image(
    _ colorType: Image.ColorType = .grey, depth: Int = 2, _ planes: [[UInt16]] = [[0, 1, 3]]
  ) -> Image {
    Image(width: 3, height: 1, colorType: colorType, depth: depth, planes: planes)
  }

  /// What every format begins with, given an image; nil where the picture does not fit.
  private static let kinds: [(name: String, image: Image, start: [ImageFormat: String])] = [
    (
      "bits", image(depth: 1, [[0, 1, 0]]),
      [.pbm: "P4", .pgm: "P5", .ppm: "P6", .pnm: "P4", .pam: "P7"]
    ),
    ("grey", image(), [.pgm: "P5", .ppm: "P6", .pnm: "P5", .pam: "P7"]),
    (
      "black and white", image(.grey, [[0, 3, 3]]),
      [.pbm: "P4", .pgm: "P5", .ppm: "P6", .pnm: "P5", .pam: "P7"]
    ),
    (
      "colours", image(.rgb, [[0, 1, 2], [1, 1, 1], [3, 3, 3]]),
      [.ppm: "P6", .pnm: "P6", .pam: "P7"]
    ),
    (
      "grey in colour", image(.rgb, [[0, 1, 2], [0, 1, 2], [0, 1, 2]]),
      [.pgm: "P5", .ppm: "P6", .pnm: "P6", .pam: "P7"]
    ),
    ("alpha", image(.greyAlpha, [[0, 1, 2], [0, 1, 3]]), [.pam: "P7"]),
    (
      "opaque alpha", image(.greyAlpha, [[0, 1, 2], [3, 3, 3]]),
      [.pgm: "P5", .ppm: "P6", .pnm: "P5", .pam: "P7"]
    ),
  ]

  @Test(arguments: kinds.indices, ImageFormat.written.filter { $0 != .png })
  func namesAreKept(kind: Int, format: ImageFormat) throws {
    let (name, image, starts) = Self.kinds[kind]
    guard let start = starts[format] else {
      let misfit = try #require(format.misfit(of: image), "\(name)")
      #expect(misfit.problem.hasPrefix("\(format.name) cannot hold "))
      #expect(throws: CodecError.self) { try writeImage(image, as: format) }
      for alternative in misfit.alternatives { #expect(alternative.misfit(of: image) == nil) }
      return
    }
    #expect(format.misfit(of: image) == nil, "\(name)")
    let bytes = try writeImage(image, as: format)
    #expect(bytes.starts(with: start.utf8))
    let copy = try readImage(bytes)
    // In bits, of which black and white are left.
    let peaks = (image.peak, copy.peak)
    #expect(copy.planes[0].map { Int($0) * peaks.0 } == image.planes[0].map { Int($0) * peaks.1 })
  }

  @Test func bitmapsComeBackByteForByte() throws {
    let bytes = Array("P4\n13 3\n".utf8) + [0xA5, 0x58, 0, 0xF8, 0xFF, 0]
    #expect(try writeImage(try readImage(bytes), as: .pbm) == bytes)
  }

  @Test func palettesAreApplied() throws {
    var image = Image(
      width: 3, height: 1, colorType: .palette, depth: 1, planes: [[1, 0, 1]],
      palette: Self.entries)
    #expect(try writeImage(image, as: .pbm) == Array("P4\n3 1\n".utf8) + [0x40])
    #expect(
      ImageFormat.pbm.losses(of: image) == [
        "left out, as PBM cannot hold it: the palette (its colours are kept); .png keeps it"
      ])
    image.palette[0].alpha = 7
    image.paletteAlphaCount = 1
    #expect(ImageFormat.ppm.misfit(of: image)?.problem == "PPM cannot hold transparent pixels")
    #expect(try readImage(try writeImage(image, as: .pam)).colorType == .rgba)
  }

  @Test func aTransparentColorBecomesAlphaOrIsRefused() throws {
    var image = Self.image()
    image.transparentColor = [1]
    #expect(ImageFormat.pgm.misfit(of: image)?.alternatives == [.png, .pam])
    let copy = try readImage(try writeImage(image, as: .pam))
    #expect(copy.planes == [[0, 1, 3], [3, 0, 3]])
    image.transparentColor = [2]
    #expect(try writeImage(image, as: .pgm) == Array("P5\n3 1\n3\n".utf8) + [0, 1, 3])
    #expect(
      ImageFormat.pgm.losses(of: image) == [
        "left out, as PGM cannot hold it: the transparent colour (no pixel has it); .png keeps it"
      ])
  }

  @Test func metadataThatNetpbmCannotHoldIsNamed() {
    var image = Self.image(.greyAlpha, [[0, 1, 2], [3, 3, 3]])
    let text = MetadataItem(.text(.init(keyword: [65], text: [66])))
    image.metadata = [
      MetadataItem(.iccProfile(name: [65], profile: [1])), text, text,
      MetadataItem(png: "prVt", [], .beforeImageData),
    ]
    #expect(
      ImageFormat.pgm.losses(of: image) == [
        "left out, as PGM cannot hold it: ICC profile, text, other: PNG prVt, "
          + "alpha (opaque everywhere); .png keeps it"
      ])
    #expect(ImageFormat.png.losses(of: image).isEmpty)
  }
}
