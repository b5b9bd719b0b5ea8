import Synchronization
import TestSupport
import Testing

@testable import DecoderCore
@testable import RDCodec

/// What comes back of an image that was encoded.
@Suite struct CodecRoundTripTests {
  /// Effort 1: what the effort changes is tested with the residual coder.
  private static func options(_ mode: EncoderOptions.Mode) -> EncoderOptions {
    var options = EncoderOptions(mode: mode, effort: 1, verify: false, allowsExact: false)
    options.keepsPreview = true
    return options
  }

  @Test(arguments: SyntheticImages.kinds, [[1, 1], [13, 7], [17, 16]])
  func losslessKeepsEverything(kind: SyntheticImages.Kind, size: [Int]) async throws {
    let image = SyntheticImages.image(
      kind, width: size[0], height: size[1], hasMetadata: true)
    let file = try await encode(image, Self.options(.lossless(preview: nil)))
    let decoded = try await decode(file.bytes)
    #expect(decoded == image)
  }

  @Test(
    arguments: [
      [1, 40], [40, 1], [2, 2], [15, 15], [16, 16], [17, 17], [31, 33], [48, 47], [31, 17],
    ])
  func losslessKeepsEverySize(size: [Int]) async throws {
    let image = SyntheticImages.image(.init(.rgb, 8), width: size[0], height: size[1])
    let file = try await encode(image, Self.options(.lossless(preview: 30)))
    let decoded = try await decode(file.bytes)
    #expect(decoded == image)
  }

  @Test(arguments: [[800, 20], [20, 800]])
  func losslessKeepsAnImageOfSeveralTiles(size: [Int]) async throws {
    let image = SyntheticImages.image(.init(.rgba, 8), width: size[0], height: size[1])
    for (preview, tileCounts) in [(nil, [1, 1, 2]), (50.0, [1, 2, 2])] {
      let file = try await encode(image, Self.options(.lossless(preview: preview)))
      let decoded = try await decode(file.bytes)
      #expect(decoded == image)
      #expect(try inspect(file.bytes).streams.map(\.tileCount) == tileCounts)
    }
  }

  @Test(arguments: [8, 16], [1.0, 100])
  func noiseOfExtremeValuesIsKept(depth: Int, quality: Double) async throws {
    var random = SplitMix64(seed: 31)
    let planes = (0..<3).map { _ in
      (0..<600).map { _ in Bool.random(using: &random) ? 0 : UInt16(1 << depth - 1) }
    }
    let image = Image(width: 30, height: 20, colorType: .rgb, depth: depth, planes: planes)
    let file = try await encode(image, Self.options(.lossless(preview: quality)))
    let decoded = try await decode(file.bytes)
    #expect(decoded == image)
    let lossy = try await encode(image, Self.options(.lossy(quality: quality)))
    let approximation = try await decode(lossy.bytes)
    #expect(throws: Never.self) { try approximation.validate() }
  }

  @Test(arguments: [1, 5, 9])
  func everyEffortIsExactAndVerified(effort: Int) async throws {
    let image = SyntheticImages.image(.init(.rgb, 8), width: 23, height: 19)
    let file = try await encode(image, EncoderOptions(effort: effort))
    let decoded = try await decode(file.bytes)
    #expect(decoded == image)
  }

  @Test(arguments: SyntheticImages.kinds)
  func lossyKeepsSizeTypeDepthAlphaAndMetadata(kind: SyntheticImages.Kind) async throws {
    let image = SyntheticImages.image(kind, width: 21, height: 18, hasMetadata: true)
    let file = try await encode(image, Self.options(.lossy(quality: 70)))
    let decoded = try await decode(file.bytes)
    #expect(decoded.width == image.width && decoded.height == image.height)
    #expect(decoded.metadata == image.metadata)
    #expect(decoded.palette.isEmpty && decoded.transparentColor == nil)
    let expected = image.expandedToRGB()
    #expect(decoded.depth == expected.depth)
    guard let key = image.transparentColor else {
      #expect(decoded.colorType == expected.colorType)
      if expected.colorType.hasAlpha { #expect(decoded.planes.last == expected.planes.last) }
      return
    }
    #expect(decoded.colorType == (image.colorType == .grey ? .greyAlpha : .rgba))
    let alpha = (0..<image.pixelCount).map { i in
      zip(image.planes, key).allSatisfy { $0[i] == $1 } ? 0 : UInt16(1 << image.depth - 1)
    }
    #expect(decoded.planes.last == alpha)
  }

  /// A photograph in grey, stored as RGB.
  private static func greyInRGB(metadata: [MetadataItem] = []) -> Image {
    var image = SyntheticImages.photograph(width: 40, height: 24)
    image.planes = [image.planes[1], image.planes[1], image.planes[1]]
    image.metadata = metadata
    return image
  }

  private static func chunk(_ type: String, _ bytes: [UInt8]) -> MetadataItem {
    MetadataItem(png: type, bytes, .beforeImageData)
  }

  @Test func lossyCodesEqualColorsAsGrey() async throws {
    let image = Self.greyInRGB(metadata: [
      Self.chunk("bKGD", [0, 7, 0, 7, 0, 7]), Self.chunk("sBIT", [8, 7, 8]),
      Self.chunk("gAMA", [0, 0, 177, 143]),
    ])
    let file = try await encode(image, Self.options(.lossy(quality: 50)))
    let decoded = try await decode(file.bytes)
    #expect(decoded.colorType == .grey)
    #expect(decoded.metadata.map(\.pngChunk?.payload) == [[0, 7], [8], [0, 0, 177, 143]])
    #expect(try #require(PSNR.pooled(ColorPlanes(image), ColorPlanes(decoded))) > 25)
    let exact = try await encode(image, Self.options(.lossless(preview: nil)))
    let restored = try await decode(exact.bytes)
    #expect(restored == image)
  }

  @Test func lossyKeepsAlphaOfEqualColors() async throws {
    var image = Self.greyInRGB(metadata: [
      Self.chunk("bKGD", [0, 7, 0, 7, 0, 8]), Self.chunk("sBIT", [8, 8, 8, 4]),
    ])
    image.colorType = .rgba
    image.planes.append((0..<image.pixelCount).map { UInt16($0 % 256) })
    let file = try await encode(image, Self.options(.lossy(quality: 50)))
    let decoded = try await decode(file.bytes)
    #expect(decoded.colorType == .greyAlpha && decoded.planes.last == image.planes.last)
    #expect(decoded.metadata.map(\.pngChunk?.payload) == [[8, 4]])
  }

  @Test(arguments: ["iCCP", "PLTE"])
  func lossyKeepsEqualColorsThatMetadataWantsInRGB(type: String) async throws {
    let image = Self.greyInRGB(metadata: [Self.chunk(type, [1, 2, 3])])
    let file = try await encode(image, Self.options(.lossy(quality: 50)))
    let decoded = try await decode(file.bytes)
    #expect(decoded.colorType == .rgb && decoded.metadata == image.metadata)
  }

  @Test(arguments: SyntheticImages.kinds)
  func aLosslessFileHasAPreview(kind: SyntheticImages.Kind) async throws {
    let image = SyntheticImages.image(kind, width: 33, height: 20)
    let file = try await encode(image, Self.options(.lossless(preview: 60)))
    let preview = try await decode(file.bytes, DecoderOptions(layer: .preview))
    let isGrey = image.colorType == .grey || image.colorType == .greyAlpha
    #expect(preview.width == 33 && preview.height == 20)
    #expect(preview.colorType == (isGrey ? .grey : .rgb))
    #expect(preview.depth == (kind.colorType == .palette ? 8 : kind.depth))
    #expect(throws: Never.self) { try preview.validate() }
  }

  @Test func thePreviewIsTheLossyImageOfTheSameQuality() async throws {
    let image = SyntheticImages.photograph(width: 40, height: 24)
    let lossless = try await encode(image, Self.options(.lossless(preview: 45)))
    let lossy = try await encode(image, Self.options(.lossy(quality: 45)))
    let preview = try await decode(lossless.bytes, DecoderOptions(layer: .preview))
    let decoded = try await decode(lossy.bytes)
    #expect(preview == decoded)
  }

  @Test func thePreviewOfAPaletteHasNoMetadataOfThePalette() async throws {
    var image = SyntheticImages.image(.init(.palette, 4), width: 9, height: 9)
    image.metadata = [
      MetadataItem(png: "bKGD", [3], .beforeImageData),
      MetadataItem(png: "hIST", [UInt8](repeating: 0, count: 32), .beforeImageData),
    ]
    let file = try await encode(image, Self.options(.lossless(preview: nil)))
    let preview = try await decode(file.bytes, DecoderOptions(layer: .preview))
    let entry = image.palette[3]
    #expect(preview.metadata.map(\.pngChunk?.type) == ["bKGD"])
    #expect(
      preview.metadata.first?.pngChunk?.payload
        == [0, entry.red, 0, entry.green, 0, entry.blue])
  }

  @Test func significantBitsAreThoseOfTheChannels() async throws {
    var image = SyntheticImages.image(.init(.rgba, 8), width: 9, height: 9)
    image.metadata = [
      MetadataItem(png: "sBIT", [5, 6, 5, 8], .beforeImageData)
    ]
    let lossless = try await encode(image, Self.options(.lossless(preview: nil)))
    let preview = try await decode(lossless.bytes, DecoderOptions(layer: .preview))
    #expect(preview.metadata.map(\.pngChunk?.payload) == [[5, 6, 5]])

    image = SyntheticImages.image(.init(.grey, 8, isTransparent: true), width: 9, height: 9)
    image.metadata = [MetadataItem(png: "sBIT", [7], .beforeImageData)]
    let lossy = try await encode(image, Self.options(.lossy(quality: 50)))
    let decoded = try await decode(lossy.bytes)
    #expect(decoded.metadata.map(\.pngChunk?.payload) == [[7, 8]])
  }

  @Test func metadataCanBeLeftOut() async throws {
    let image = SyntheticImages.image(.init(.grey, 8), width: 9, height: 9, hasMetadata: true)
    let file = try await encode(image, EncoderOptions(effort: 1, stripMetadata: true))
    let decoded = try await decode(file.bytes)
    #expect(decoded.metadata.isEmpty && decoded.planes == image.planes)
  }

  @Test func aHigherQualityTakesMoreBytesForABetterImage() async throws {
    let image = SyntheticImages.photograph(width: 192, height: 128)
    let original = ColorPlanes(image)
    var last = (byteCount: 0, psnr: 0.0)
    for quality in [20.0, 40, 60, 80, 95] {
      let file = try await encode(image, Self.options(.lossy(quality: quality)))
      let decoded = try await decode(file.bytes)
      let psnr = try #require(PSNR.pooled(original, ColorPlanes(decoded)))
      #expect(file.bytes.count > last.byteCount, "quality \(quality)")
      #expect(psnr > last.psnr, "quality \(quality)")
      last = (file.bytes.count, psnr)
    }
  }

  @Test func inspectTellsWhatTheFileHolds() async throws {
    let image = SyntheticImages.image(.init(.rgb, 16), width: 50, height: 30, hasMetadata: true)
    let file = try await encode(image, Self.options(.lossless(preview: 100)))
    let info = try inspect(file.bytes)
    #expect(info.width == 50 && info.height == 30)
    #expect(info.colorType == "rgb" && info.depth == 16)
    #expect(info.isLossless && info.quality == 100)
    #expect(info.tileWidth == 64 && info.tileHeight == 32)
    #expect(info.metadataTypes == ["gamma", "resolution", "text", "Exif"])
    #expect(info.byteCount == file.bytes.count)
    #expect(info.streams.map(\.byteCount).reduce(0, +) == file.bytes.count)
    #expect(8 * info.streams[1].byteCount == file.rate.writtenBits)
    #expect(8 * info.streams[2].byteCount == file.residual.writtenBits)
  }

  @Test func progressRisesToTheEnd() async throws {
    let image = SyntheticImages.image(.init(.grey, 8), width: 20, height: 20)
    let reports = Mutex<[Double]>([])
    _ = try await encode(image, EncoderOptions(effort: 1)) { fraction in
      reports.withLock { $0.append(fraction) }
    }
    let fractions = reports.withLock { $0 }
    #expect(fractions == fractions.sorted())
    #expect(abs((fractions.last ?? 0) - 1) < 1e-9)
  }

  @Test func anImageThatDoesNotFitTogetherIsRefused() async throws {
    var image = SyntheticImages.image(.init(.rgb, 8), width: 4, height: 4)
    image.planes[1][3] = 256
    await #expect(throws: CodecError.self) { try await encode(image) }
  }

  @Test func hiddenColorMayChangeOnRequest() async throws {
    let image = SyntheticImages.image(.init(.rgba, 8), width: 40, height: 30)
    var options = EncoderOptions()
    options.keepsHiddenColor = false
    let decoded = try await decode(try await encode(image, options).bytes)
    let alpha = image.planes[3]
    #expect(decoded.planes[3] == alpha)
    for index in 0..<3 {
      let isKept = alpha.indices.allSatisfy {
        alpha[$0] == 0 || decoded.planes[index][$0] == image.planes[index][$0]
      }
      #expect(isKept)
    }
  }
}
