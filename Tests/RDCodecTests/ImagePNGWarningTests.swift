import DecoderCore
import RDCodec
import TestSupport
import Testing

/// PNG files of which libpng passes over a part without an error.
@Suite struct ImagePNGWarningTests {
  @Test func aSoundFileHasNoWarnings() throws {
    for kind in ImageFixtures.pngKinds {
      var image = ImageFixtures.image(kind)
      image.metadata = ImageFixtures.metadata(hasPalette: kind.colorType == .palette)
      #expect(try ReadImage(image.pngBytes()).warnings.isEmpty)
    }
  }

  @Test(arguments: [1, 2, 4, 8])
  func indicesBeyondThePaletteAreKept(depth: Int) throws {
    var image = ImageFixtures.image(.init(colorType: .palette, depth: depth))
    image.palette.removeLast(image.palette.count / 2)
    image.paletteAlphaCount = min(image.paletteAlphaCount, image.palette.count)
    image.planes[0][5] = UInt16(image.peak)
    let file = try ReadImage(image.pngBytes())
    let isSame = file.image == image
    #expect(isSame && file.warnings.isEmpty)
  }

  @Test func indicesBeyondThePaletteSurviveTheCodec() async throws {
    var image = ImageFixtures.image(.init(colorType: .palette, depth: 8), width: 40, height: 40)
    image.palette.removeLast(200)
    image.paletteAlphaCount = image.palette.count
    let encoded = try await encode(image, EncoderOptions(effort: 2))
    let isSame = try await decode(encoded.bytes) == image
    #expect(isSame)
    let options = EncoderOptions(mode: .lossy(quality: 80), allowsExact: false)
    let lossy = try await decode(try await encode(image, options).bytes)
    #expect(lossy.colorType == .rgba)
    #expect(lossy.planes[3] == image.expandedToRGB().planes[3])
  }

  /// How tRNS is spoilt: its payload's length, and where it goes.
  @Test(
    arguments: [Image.ColorType.grey, .rgb, .palette], ["too long", "after IDAT", "before PLTE"])
  func transparencyThatLibpngDropsIsNamed(colorType: Image.ColorType, fault: String) throws {
    var image = ImageFixtures.image(.init(colorType: colorType, depth: 8))
    let transparency = try #require(PNGParts(try image.pngBytes()).first("tRNS"))
    image.transparentColor = nil
    image.paletteAlphaCount = 0
    image.palette = image.palette.map { .init(red: $0.red, green: $0.green, blue: $0.blue) }
    if colorType == .rgb {
      image.metadata = [MetadataItem(png: "PLTE", [1, 2, 3], .beforePalette)]
    }
    var parts = PNGParts(try image.pngBytes())
    switch fault {
    case "too long":
      parts.insert("tRNS", transparency + [UInt8](repeating: 0, count: 256), before: "IDAT")
    case "after IDAT": parts.insert("tRNS", transparency, before: "IEND")
    default:
      guard colorType != .grey else { return }
      parts.insert("tRNS", transparency, before: "PLTE")
    }
    let file = try ReadImage(parts.bytes)
    let isSame = file.image == image
    #expect(isSame)
    #expect(
      file.warnings == [
        "its invalid transparency (tRNS) is left out: viewers show it opaque, too"
      ])
  }

  @Test func transparencyBesideAlphaOrTwiceIsNamed() throws {
    let image = ImageFixtures.image(.init(colorType: .greyAlpha, depth: 8))
    var parts = PNGParts(try image.pngBytes())
    parts.insert("tRNS", [0, 1], before: "IDAT")
    #expect(
      try ReadImage(parts.bytes).warnings == ["its tRNS chunk is left out, as there is alpha"])
    let grey = ImageFixtures.image(.init(colorType: .grey, depth: 8))
    parts = PNGParts(try grey.pngBytes())
    parts.insert("tRNS", [0, 255], before: "IDAT")
    let file = try ReadImage(parts.bytes)
    #expect(file.image == grey)
    #expect(file.warnings == ["all but the first of its 2 tRNS chunks are left out"])
  }

  @Test func palettesWithoutAPlaceAreNamed() throws {
    let grey = ImageFixtures.image(.init(colorType: .grey, depth: 8))
    var parts = PNGParts(try grey.pngBytes())
    parts.insert("PLTE", [1, 2, 3], before: "tRNS")
    let line = "its palette is left out, as it has no place here"
    #expect(try ReadImage(parts.bytes).warnings == [line])
    let rgb = ImageFixtures.image(.init(colorType: .rgb, depth: 8))
    for (bytes, next) in [([UInt8](repeating: 1, count: 5), "tRNS"), ([1, 2, 3], "IEND")] {
      parts = PNGParts(try rgb.pngBytes())
      parts.insert("PLTE", bytes, before: next)
      let file = try ReadImage(parts.bytes)
      #expect(file.image == rgb && file.warnings == [line])
    }
  }

  @Test func colorsThatNoIndexReachesAreNamed() throws {
    let image = ImageFixtures.image(.init(colorType: .palette, depth: 1))
    var parts = PNGParts(try image.pngBytes())
    let colors = try #require(parts.first("PLTE"))
    parts.replace("PLTE", by: colors + [1, 2, 3, 4, 5, 6])
    let file = try ReadImage(parts.bytes)
    let isSame = file.image == image
    #expect(isSame && file.warnings == ["2 colours that no index reaches are left out"])
  }

  @Test func animationsAreNamed() throws {
    var parts = PNGParts(try ImageFixtures.image(.init(colorType: .grey, depth: 8)).pngBytes())
    parts.insert("acTL", [0, 0, 0, 12, 0, 0, 0, 0], before: "IDAT")
    parts.insert("fcTL", [UInt8](repeating: 0, count: 26), before: "IDAT")
    parts.insert("fdAT", [1, 2, 3, 4], before: "IEND")
    #expect(
      try ReadImage(parts.bytes).warnings == [
        "its animation of 12 frames is left out, and the still picture kept"
      ])
  }

  @Test func damagedMetadataIsNamed() throws {
    var image = ImageFixtures.image(.init(colorType: .grey, depth: 8))
    image.metadata = [
      MetadataItem(png: "iCCP", [1, 2, 3], .beforeImageData),
      MetadataItem(png: "iDOT", [1, 2, 3], .beforeImageData),
    ]
    var bytes = try image.pngBytes()
    let index = try #require(bytes.indices.first { bytes[$0...].starts(with: "iCCP".utf8) })
    bytes[index + 4] ^= 1
    #expect(
      try ReadImage(bytes).warnings == [
        "left out, as their checksums are wrong: colour profile (iCCP)"
      ])
  }

  @Test func whatIsWrongWithImageDataIsNamed() throws {
    let image = ImageFixtures.image(.init(colorType: .grey, depth: 8))
    let sound = PNGParts(try image.pngBytes())
    let data = try #require(sound.first("IDAT"))
    var rows: [UInt8] = []
    for y in 0..<image.height {
      rows += [0] + image.planes[0][y * image.width..<(y + 1) * image.width].map { UInt8($0) }
    }
    // Bytes after the stream of zlib, and a row too many in it.
    for payload in [data + [1, 2, 3], Zlib.deflate(rows + Array(0..<14))] {
      var parts = sound
      parts.replace("IDAT", by: payload)
      let file = try ReadImage(parts.bytes)
      #expect(file.image == image && file.warnings.count == 1)
      #expect(file.warnings[0].hasPrefix("its image data is not as it should be (IDAT: "))
    }
    let file = try ReadImage(sound.bytes + [1, 2, 3])
    #expect(file.image == image && file.warnings == ["3 bytes after its end are left out"])
  }
}

/// The chunks of a PNG, to be changed.
private struct PNGParts {
  private var chunks: [(type: String, payload: [UInt8])] = []

  init(_ png: [UInt8]) {
    var start = 8
    while start < png.count {
      let count = png[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
      let type = String(decoding: png[start + 4..<start + 8], as: UTF8.self)
      chunks.append((type, Array(png[start + 8..<start + 8 + count])))
      start += 12 + count
    }
  }

  func first(_ type: String) -> [UInt8]? { chunks.first { $0.type == type }?.payload }

  mutating func insert(_ type: String, _ payload: [UInt8], before next: String) {
    let index = chunks.firstIndex { $0.type == next } ?? chunks.count
    chunks.insert((type, payload), at: index)
  }

  mutating func replace(_ type: String, by payload: [UInt8]) {
    for index in chunks.indices where chunks[index].type == type { chunks[index].payload = payload }
  }

  var bytes: [UInt8] {
    chunks.reduce(into: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) { bytes, chunk in
      let body = Array(chunk.type.utf8) + chunk.payload
      let checksum = Checksum.crc32(body, in: 0..<body.count)
      bytes += Self.bigEndian(UInt32(chunk.payload.count)) + body + Self.bigEndian(checksum)
    }
  }

  private static func bigEndian(_ value: UInt32) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }
}
