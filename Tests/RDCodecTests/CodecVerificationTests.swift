import TestSupport
import Testing

@testable import DecoderCore
@testable import RDCodec

/// The check after encoding, by which an encoder finds faults of its own.
@Suite struct CodecVerificationTests {
  private static let modes: [EncoderOptions.Mode] = [
    .lossless(preview: nil), .lossy(quality: 40), .nearLossless(maximumError: 2),
  ]

  @Test(arguments: modes)
  func whatWasEncodedPasses(mode: EncoderOptions.Mode) async throws {
    let image = SyntheticImages.image(.init(.rgba, 8), width: 40, height: 33)
    let options = EncoderOptions(mode: mode, effort: 1)
    await #expect(throws: Never.self) { try await encode(image, options) }
  }

  @Test(arguments: [Header.Content.lossless, .latentsOnly, .latentsAndAlpha])
  func anotherImageFails(content: Header.Content) async throws {
    let kind = SyntheticImages.Kind(content == .latentsOnly ? .rgb : .rgba, 8)
    let options = EncoderOptions(
      mode: content == .lossless ? .lossless(preview: nil) : .lossy(quality: 40), effort: 1,
      verify: false)
    var image = SyntheticImages.image(kind, width: 40, height: 33)
    let encoded = try await encode(image, options)
    let prepared = image.prepared(for: options)
    let exact = try EncodingPlan(options)
    let plan =
      content == .lossless ? exact : exact.approximate(QualityPosition(quality: 40))
    try await verify(encoded, of: prepared, plan, progress: nil)
    var damaged = encoded
    damaged.latentChecksums[0] ^= 1
    let changed = damaged
    await #expect(throws: CodecError.verificationFailed) {
      try await verify(changed, of: prepared, plan, progress: nil)
    }
    guard content != .latentsOnly else { return }
    image.planes[3][70] ^= 1
    let other = image.prepared(for: options)
    await #expect(throws: CodecError.verificationFailed) {
      try await verify(encoded, of: other, plan, progress: nil)
    }
  }
}
