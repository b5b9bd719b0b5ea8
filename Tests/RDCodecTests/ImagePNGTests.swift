import RDCodec
import TestSupport
import Testing

@Suite struct ImagePNGTests {
  @Test(arguments: ImageFixtures.pngKinds, [(1, 1), (13, 7), (8, 1), (1, 9), (64, 33)])
  func readsBackWhatItWrote(kind: ImageFixtures.Kind, size: (Int, Int)) throws {
    var image = ImageFixtures.image(kind, width: size.0, height: size.1)
    image.metadata = ImageFixtures.metadata(hasPalette: kind.colorType == .palette)
    let copy = try Image(png: try image.pngBytes())
    let isSame = copy == image
    #expect(isSame)
  }

  @Test func refusesDepthsThatPNGLacks() throws {
    let image = Image(width: 1, height: 1, colorType: .grey, depth: 10, planes: [[1023]])
    #expect(throws: CodecError.unsupported("10-bit grey samples in PNG; PNM and PAM can hold them"))
    {
      try image.pngBytes()
    }
  }

  @Test func ignoresBytesAfterTheEnd() throws {
    let image = ImageFixtures.image(.init(colorType: .rgb, depth: 8))
    let copy = try Image(png: try image.pngBytes() + Array("trailing".utf8))
    let isSame = copy == image
    #expect(isSame)
  }

  @Test func keepsSafeChunksAndDropsOthers() throws {
    var image = ImageFixtures.image(.init(colorType: .rgb, depth: 8))
    // The fourth letter says whether an unknown chunk may be copied; the third is reserved.
    let chunks = ["acTL", "prVt", "prVT", "eXIf"].map {
      MetadataChunk(type: $0, bytes: [1, 2, 3], position: .beforeImageData)
    }
    image.metadata = chunks
    let copy = try Image(png: try image.pngBytes())
    #expect(copy.metadata.map(\.type) == ["prVt", "eXIf"])
    #expect(try chunksLeftOut(of: image.pngBytes()) == ["acTL", "prVT"])
    #expect(chunksLeftOut(of: Array("P5 1 1 255 ".utf8)).isEmpty)
  }

  @Test func everyChunkCountsAgainstTheLimit() throws {
    var image = ImageFixtures.image(.init(colorType: .rgb, depth: 8))
    image.metadata = (0..<20).map { _ in
      MetadataChunk(type: "teSt", bytes: [], position: .beforeImageData)
    }
    let bytes = try image.pngBytes()
    var limits = DecoderLimits.default
    limits.metadataByteCount = 20 * 64
    #expect(try Image(png: bytes, limits: limits).metadata.count == 20)
    limits.metadataByteCount -= 1
    #expect(throws: CodecError.self) { try Image(png: bytes, limits: limits) }
  }

  @Test func leavesOutMetadataWithAWrongChecksum() throws {
    var image = ImageFixtures.image(.init(colorType: .grey, depth: 8))
    image.metadata = [
      MetadataChunk(type: "tEXt", bytes: Array("a\0b".utf8), position: .beforeImageData)
    ]
    var bytes = try image.pngBytes()
    let index = try #require(bytes.indices.first { bytes[$0...].starts(with: "tEXt".utf8) })
    bytes[index + 4] ^= 1
    let copy = try Image(png: bytes)
    #expect(copy.metadata.isEmpty)
    #expect(copy.planes == image.planes)
  }

  @Test func refusesTransparencyWithAWrongChecksum() throws {
    let image = ImageFixtures.image(.init(colorType: .grey, depth: 8))
    var bytes = try image.pngBytes()
    let index = try #require(bytes.indices.first { bytes[$0...].starts(with: "tRNS".utf8) })
    bytes[index + 5] ^= 1
    #expect(throws: CodecError.checksumMismatch(stream: "tRNS")) { try Image(png: bytes) }
  }

  @Test func refusesIndicesOutsideThePalette() throws {
    var image = ImageFixtures.image(.init(colorType: .palette, depth: 4))
    image.palette.append(Image.PaletteEntry(red: 1, green: 2, blue: 3))
    image.planes[0][5] = 15
    var bytes = try image.pngBytes()
    // Shortens PLTE from 16 entries to 15.
    let plte = try #require(bytes.indices.first { bytes[$0...].starts(with: "PLTE".utf8) })
    bytes[plte - 1] = 45
    bytes.removeSubrange(plte + 4 + 45..<plte + 4 + 48)
    let crc = Zlib.crc32(bytes, in: plte..<plte + 4 + 45)
    for (place, shift) in [24, 16, 8, 0].enumerated() {
      bytes[plte + 4 + 45 + place] = UInt8(truncatingIfNeeded: crc >> shift)
    }
    #expect(throws: CodecError.invalidImage("it holds the sample 15, and 14 is the largest")) {
      try Image(png: bytes)
    }
  }

  /// Two rows of tiles, and a region that begins and ends inside of them.
  @Test(
    arguments: [1, 3], [nil, ImageRegion(x: 5, y: 300, width: 20, height: 700)])
  func rowsAreWrittenWhileTilesDecode(jobs: Int, region: ImageRegion?) async throws {
    let image = SyntheticImages.photograph(width: 40, height: 1100)
    let file = try await encode(image, EncoderOptions(effort: 1, verify: false))
    let stream = PNGStream()
    let decoded = try await decode(
      file.bytes, DecoderOptions(region: region, jobs: jobs), rows: stream)
    let bytes = try stream.finish()
    #expect(bytes == (try decoded.pngBytes()))
    #expect(try Image(png: bytes) == decoded)
  }

  @Test func aStreamWithoutRowsThrows() {
    #expect(throws: CodecError.self) { try PNGStream().finish() }
    let deep = Image(width: 1, height: 1, colorType: .rgb, depth: 10, planes: [[0], [0], [0]])
    #expect(throws: CodecError.self) { try PNGStream().receive(0..<1, of: deep) }
  }
}
