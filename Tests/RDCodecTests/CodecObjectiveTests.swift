import TestSupport
import Testing

@testable import DecoderCore
@testable import RDCodec

/// The objective, −log₂ p of every symbol, against the bits that are written.
@Suite struct CodecObjectiveTests {
  private static let kinds: [SyntheticImages.Kind] = [
    .init(.grey, 8), .init(.grey, 16), .init(.rgb, 8), .init(.rgba, 8), .init(.palette, 8),
  ]
  private static let modes: [EncoderOptions.Mode] = [
    .lossless(preview: nil), .lossless(preview: 80), .lossy(quality: 50),
  ]

  @Test(arguments: kinds, modes)
  func writtenBitsAreTheObjective(
    kind: SyntheticImages.Kind, mode: EncoderOptions.Mode
  ) async throws {
    let image = SyntheticImages.image(kind, width: 64, height: 50)
    let file = try await encode(image, EncoderOptions(mode: mode, effort: 1, verify: false))
    for layer in [file.rate, file.residual] {
      let difference = abs(Double(layer.writtenBits) - layer.objectiveBits)
      #expect(difference <= 0.001 * layer.objectiveBits + 64 * 8)
    }
    let hasResidual = file.residual.writtenBits > 0
    #expect(hasResidual == (mode != .lossy(quality: 50) || kind.colorType.hasAlpha))
  }
}
