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

  @Test(arguments: [Header.Content.lossless, .lattice, .steps])
  func anotherImageFails(content: Header.Content) async throws {
    let kind = SyntheticImages.Kind(.rgba, 8)
    let options = EncoderOptions(effort: 1, verify: false)
    var image = SyntheticImages.image(kind, width: 40, height: 33)
    let exact = try EncodingPlan(options)
    let plan =
      switch content {
      case .lattice: exact.bounded(NearLossless(maximumError: 2, form: .lattice))
      case .steps: exact.bounded(NearLossless(maximumError: 5, form: .steps(quality: 80)))
      default: exact
      }
    let encoded = try await encode(image, plan, progress: nil)
    let prepared = image.prepared(plan.preparation)
    try await verify(encoded.bytes, of: prepared, plan, progress: nil)
    var (header, end) = try ContainerFiles.header(of: encoded.bytes)
    header.contents.latents[0] ^= 1
    let changed = header.bytes() + encoded.bytes[end...]
    await #expect(throws: CodecError.verificationFailed) {
      try await verify(changed, of: prepared, plan, progress: nil)
    }
    image.planes[3][70] ^= 1
    let other = image.prepared(plan.preparation)
    await #expect(throws: CodecError.verificationFailed) {
      try await verify(encoded.bytes, of: other, plan, progress: nil)
    }
  }

  @Test func latentsThatDoNotComeBackFail() async throws {
    let options = EncoderOptions(mode: .lossy(quality: 40), effort: 1, allowsExact: false)
    let plan = try EncodingPlan(options)
    let image = SyntheticImages.image(.init(.rgb, 8), width: 40, height: 33)
    let encoded = try await encode(image, options)
    var (header, end) = try ContainerFiles.header(of: encoded.bytes)
    header.contents.latents[0] ^= 1
    let changed = header.bytes() + encoded.bytes[end...]
    await #expect(throws: CodecError.verificationFailed) {
      try await sealed(changed, plan, progress: nil)
    }
  }
}
