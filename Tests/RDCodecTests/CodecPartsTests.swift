import TestSupport
import Testing

@testable import DecoderCore
@testable import RDCodec

/// Parts of a file: regions of the image, and the file without its residual.
@Suite struct CodecPartsTests {
  private func crop(_ image: Image, _ region: ImageRegion) -> [[UInt16]] {
    image.planes.map { plane in
      region.rows.flatMap { y in
        plane[y * image.width + region.x..<y * image.width + region.x + region.width]
      }
    }
  }

  @Test(arguments: [
    EncoderOptions.Mode.lossless(preview: nil), .lossless(preview: 40), .lossy(quality: 60),
    .nearLossless(maximumError: 8),
  ])
  func aRegionIsThatOfTheWholeImage(mode: EncoderOptions.Mode) async throws {
    // Two by one tiles, and one by two.
    for (width, height) in [(800, 40), (40, 800)] {
      let image = SyntheticImages.image(.init(.rgba, 8), width: width, height: height)
      var bytes = try await encode(image, EncoderOptions(mode: mode, effort: 1, verify: false))
        .bytes
      var (header, end) = try ContainerFiles.header(of: bytes)
      if !header.content.hasSamples {
        header.filter = WienerFilter(fineness: 9, levels: (0..<48).map { $0 % 7 - 3 })
        bytes = try await ContainerFiles.sealing(header, bytes[end...])
      }
      for layer in DecoderOptions.Layer.allCases {
        let whole = try await decode(bytes, DecoderOptions(layer: layer))
        for region in [
          ImageRegion(x: 0, y: 0, width: width, height: height),
          ImageRegion(x: width - 1, y: height - 1, width: 1, height: 1),
          ImageRegion(x: 3, y: 5, width: 30, height: 20),
          ImageRegion(x: width / 2 - 7, y: height / 2 - 9, width: 15, height: 18),
        ] {
          let part = try await decode(bytes, DecoderOptions(layer: layer, region: region))
          #expect(part.width == region.width && part.height == region.height)
          #expect(part.colorType == whole.colorType)
          #expect(part.planes == crop(whole, region))
        }
      }
    }
  }

  @Test func aRegionNeedsNoTileThatItDoesNotMeet() async throws {
    let image = SyntheticImages.image(.init(.rgb, 8), width: 800, height: 40)
    var bytes = try await encode(image, EncoderOptions(effort: 1, verify: false)).bytes
    bytes[bytes.count - 9] ^= 1
    let left = ImageRegion(x: 0, y: 0, width: 100, height: 40)
    let part = try await decode(bytes, DecoderOptions(region: left))
    #expect(part.planes == crop(image, left))
    let right = ImageRegion(x: 700, y: 0, width: 100, height: 40)
    await #expect(throws: CodecError.self) {
      try await decode(bytes, DecoderOptions(region: right))
    }
  }

  @Test(arguments: [
    [0, 0, 0, 1], [0, 0, 1, 0], [-1, 0, 2, 2], [0, 0, 31, 1], [0, 0, 1, 21], [30, 0, 1, 1],
    [1, 1, Int.max, Int.max], [Int.max, 0, 1, 1], [0, Int.min, 1, 1],
  ])
  func regionsOutsideAreRefused(numbers: [Int]) async throws {
    let image = SyntheticImages.image(.init(.grey, 8), width: 30, height: 20)
    let file = try await encode(image, EncoderOptions(effort: 1, verify: false))
    let region = ImageRegion(x: numbers[0], y: numbers[1], width: numbers[2], height: numbers[3])
    let error = await #expect(throws: CodecError.self) {
      try await decode(file.bytes, DecoderOptions(region: region))
    }
    guard case .invalidRegion = error else {
      Issue.record("threw \(String(describing: error))")
      return
    }
  }

  @Test(
    arguments: SyntheticImages.kinds,
    [
      EncoderOptions.Mode.lossless(preview: nil), .lossless(preview: 50),
      .nearLossless(maximumError: 4),
    ])
  func aStrippedFileIsItsPreview(
    kind: SyntheticImages.Kind, mode: EncoderOptions.Mode
  ) async throws {
    let image = SyntheticImages.image(kind, width: 33, height: 20, hasMetadata: true)
    var options = EncoderOptions(mode: mode, effort: 1, verify: false)
    options.keepsPreview = true
    let file = try await encode(image, options)
    let stripped = try await strip(file.bytes)
    #expect(stripped.count < file.bytes.count)
    let preview = try await decode(file.bytes, DecoderOptions(layer: .preview))
    let decoded = try await decode(stripped)
    #expect(decoded == preview)
    #expect(try inspect(stripped).isLossless == false)
    let again = try await strip(stripped)
    #expect(again == stripped)
  }

  /// Images of whose files the residual is that of a source.
  private static let sources: [Image] = [
    CoefficientImages.image(
      .init(name: "", sampling: CoefficientImages.Kind.half), width: 75, height: 60),
    CoefficientImages.image(.init(name: "", isGrey: true), width: 75, height: 60),
    SourceImages.jpegLike(.bilinear, width: 95, height: 71),
  ]

  @Test(arguments: 0..<3)
  func aStrippedFileHasNoSource(index: Int) async throws {
    var options = EncoderOptions(effort: 1, verify: false)
    options.keepsPreview = true
    let file = try await encode(Self.sources[index], options)
    #expect(try inspect(file.bytes).source != "none")
    let stripped = try await strip(file.bytes)
    #expect(try inspect(stripped).source == "none")
    let preview = try await decode(file.bytes, DecoderOptions(layer: .preview))
    let decoded = try await decode(stripped)
    #expect(decoded == preview)
  }

  @Test func aLossyFileStaysAsItIs() async throws {
    let image = SyntheticImages.image(.init(.rgba, 8), width: 33, height: 20)
    let file = try await encode(image, EncoderOptions(mode: .lossy(quality: 40), effort: 1))
    let stripped = try await strip(file.bytes)
    #expect(stripped == file.bytes)
    await #expect(throws: CodecError.self) { try await strip(Array(file.bytes.dropLast())) }
  }

  @Test func strippingNeedsTheLatentsOnly() async throws {
    let bytes = try await ContainerFiles.small(mode: .lossless(preview: 40))
    let (header, start) = try ContainerFiles.header(of: bytes)
    let end = start + header.latents.reduce(0) { $0 + $1.byteCount }
    let (cut, whole) = (try await strip(Array(bytes.prefix(end))), try await strip(bytes))
    #expect(cut == whole)
    for count in 0..<end {
      await #expect(throws: CodecError.self) { try await strip(Array(bytes.prefix(count))) }
    }
    var damaged = bytes
    damaged[start] ^= 1
    let changed = damaged
    await #expect(throws: CodecError.self) { try await strip(changed) }
  }
}
