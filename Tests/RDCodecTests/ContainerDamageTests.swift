import TestSupport
import Testing

@testable import DecoderCore
@testable import RDCodec

/// Damaged files: they throw, or decode to the image that was encoded.
@Suite struct ContainerDamageTests {
  private static let kinds: [SyntheticImages.Kind] = [
    .init(.rgb, 8), .init(.palette, 4, isTransparent: true), .init(.greyAlpha, 16),
  ]

  private func decodeSmall(
    _ bytes: [UInt8], _ layer: DecoderOptions.Layer = .full
  ) async throws(CodecError) -> Image {
    try await decode(bytes, DecoderOptions(layer: layer, limits: ContainerFiles.limits))
  }

  @Test(arguments: kinds)
  func everyTruncationThrows(kind: SyntheticImages.Kind) async throws {
    let bytes = try await ContainerFiles.small(kind)
    for count in bytes.indices {
      await #expect(throws: CodecError.self) { try await decodeSmall(Array(bytes.prefix(count))) }
    }
  }

  @Test(arguments: kinds)
  func thePreviewNeedsNothingAfterTheLatents(kind: SyntheticImages.Kind) async throws {
    let bytes = try await ContainerFiles.small(kind, mode: .lossless(preview: 40))
    let (header, start) = try ContainerFiles.header(of: bytes)
    let end = start + header.latents.reduce(0) { $0 + $1.byteCount }
    let preview = try await decodeSmall(bytes, .preview)
    for count in 0..<end {
      await #expect(throws: CodecError.self) {
        try await decodeSmall(Array(bytes.prefix(count)), .preview)
      }
    }
    for count in stride(from: end, to: bytes.count, by: 40) {
      let decoded = try await decodeSmall(Array(bytes.prefix(count)), .preview)
      #expect(decoded == preview)
    }
  }

  @Test(arguments: [EncoderOptions.Mode.lossless(preview: nil), .lossy(quality: 30)])
  func everyChangedByteThrows(mode: EncoderOptions.Mode) async throws {
    let bytes = try await ContainerFiles.small(.init(.rgba, 8), mode: mode)
    for index in bytes.indices {
      var damaged = bytes
      damaged[index] ^= 1 << UInt8(index % 8)
      await #expect(throws: CodecError.self) { try await decodeSmall(damaged) }
    }
  }

  @Test(arguments: kinds)
  func changedStreamsWithFittingChecksumsNeverTrap(kind: SyntheticImages.Kind) async throws {
    let bytes = try await ContainerFiles.small(kind, mode: .lossless(preview: 40))
    var images: [Image] = []
    for layer in DecoderOptions.Layer.allCases {
      images.append(try await decodeSmall(bytes, layer))
    }
    let start = try ContainerFiles.header(of: bytes).end
    var random = SplitMix64(seed: 11)
    for _ in 0..<120 {
      let offset = Int.random(in: start..<bytes.count, using: &random)
      let mask = UInt8.random(in: 1...255, using: &random)
      let damaged = try ContainerFiles.flipping(offset, by: mask, in: bytes)
      for (layer, whole) in zip(DecoderOptions.Layer.allCases, images) {
        await ContainerFiles.decodeHostile(damaged, layer)
        if let image = try? await decodeSmall(damaged, layer) { #expect(image == whole) }
      }
    }
  }

  @Test(arguments: kinds)
  func changedHeadersWithFittingChecksumsNeverTrap(kind: SyntheticImages.Kind) async throws {
    try await changeHeader(of: try await ContainerFiles.small(kind))
  }

  @Test func changedHeadersOfLossyFilesNeverTrap() async throws {
    let bytes = try await ContainerFiles.small(mode: .lossy(quality: 50))
    var (header, end) = try ContainerFiles.header(of: bytes)
    header.filter = WienerFilter(fineness: 11, levels: (0..<48).map { $0 % 7 - 3 })
    try await changeHeader(of: header.bytes() + bytes[end...])
  }

  private func changeHeader(of bytes: [UInt8]) async throws {
    let end = try ContainerFiles.header(of: bytes).end
    var random = SplitMix64(seed: 12)
    for offset in 4..<end - 4 {
      let value = UInt8.random(in: 0...255, using: &random)
      let damaged = try ContainerFiles.setting(offset, to: value, in: bytes)
      for layer in DecoderOptions.Layer.allCases {
        await ContainerFiles.decodeHostile(damaged, layer)
      }
    }
  }

  /// First bytes that name a residual method and a profile, and some that do not.
  private static let firstBytes: [UInt8] =
    ResidualMethod.allCases.flatMap { method in
      ResidualProfile.all.map { UInt8(method.rawValue << 4 | $0.id) }
    } + [0x06, 0x50, 0xFF]

  @Test(arguments: kinds, firstBytes)
  func streamsOfNoiseNeverTrap(kind: SyntheticImages.Kind, method: UInt8) async throws {
    let bytes = try await ContainerFiles.small(kind, mode: .lossless(preview: 90))
    var random = SplitMix64(seed: 13)
    let (original, _) = try ContainerFiles.header(of: bytes)
    for length in [0, 1, 5, 6, 7, 100, 3000] {
      var header = original
      let latents = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
      let residual = [method] + latents.reversed()
      header.latents = [CodedStream(bytes: latents, bits: 0).entry]
      header.residuals = [CodedStream(bytes: residual, bits: 0).entry]
      let file = header.bytes() + latents + residual
      await ContainerFiles.decodeHostile(file)
    }
  }

  @Test func anUnknownModelIsNamed() async throws {
    let bytes = try await ContainerFiles.small()
    var (header, end) = try ContainerFiles.header(of: bytes)
    header.modelName ^= 0xFF
    let other = header.bytes() + bytes[end...]
    let name = LatentModel.identifier(header.modelName)
    await #expect(throws: CodecError.unknownModel(name)) { try await decodeSmall(other) }
    #expect(try inspect(other).modelIdentifier == name)
  }

  @Test func anExactPaletteImageNeedsNoModel() async throws {
    let bytes = try await ContainerFiles.small(.init(.palette, 8))
    var (header, end) = try ContainerFiles.header(of: bytes)
    header.modelName ^= 0xFF
    let other = header.bytes() + bytes[end...]
    let image = try await decodeSmall(bytes)
    let decoded = try await decodeSmall(other)
    #expect(decoded == image)
    await #expect(throws: CodecError.self) { try await decodeSmall(other, .preview) }
  }

  @Test func limitsHoldBeforeAnythingIsDecoded() async throws {
    let bytes = try await ContainerFiles.small()
    for limits in [
      DecoderLimits(dimension: 12, pixelCount: 1000, metadataByteCount: 1000),
      DecoderLimits(dimension: 100, pixelCount: 90, metadataByteCount: 1000),
    ] {
      let error = await #expect(throws: CodecError.self) {
        try await decode(bytes, DecoderOptions(limits: limits))
      }
      guard case .limitExceeded = error else {
        Issue.record("threw \(String(describing: error))")
        continue
      }
    }
  }
}
