import DecoderCore
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
      MetadataItem(png: $0, [1, 2, 3], .beforeImageData)
    }
    image.metadata = chunks
    let copy = try Image(png: try image.pngBytes())
    #expect(copy.metadata.map(\.pngChunk?.type) == ["prVt", "eXIf"])
    #expect(
      try ReadImage(image.pngBytes()).warnings == [
        "its animation is left out, and the still picture kept",
        "left out, as unknown chunks not safe to copy: prVT",
      ])
  }

  @Test func everyChunkCountsAgainstTheLimit() throws {
    var image = ImageFixtures.image(.init(colorType: .rgb, depth: 8))
    image.metadata = (0..<20).map { _ in
      MetadataItem(png: "teSt", [], .beforeImageData)
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
      MetadataItem(png: "tEXt", Array("a\0b".utf8), .beforeImageData)
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
}
