import TestSupport
import Testing

@testable import RDCodec

/// Files without latents, and files of a model from outside.
@Suite struct CodecModelTests {
  @Test(arguments: SyntheticImages.kinds)
  func aFileWithoutPreviewIsExact(kind: SyntheticImages.Kind) async throws {
    let image = SyntheticImages.image(kind, width: 21, height: 18)
    let encoded = try await encode(image, EncoderOptions(hasPreview: false))
    #expect(encoded.rate.writtenBits == 0)
    #expect(try await decode(encoded.bytes) == image)
    await #expect(throws: CodecError.unsupported("this file has no preview")) {
      try await decode(encoded.bytes, DecoderOptions(layer: .preview))
    }
    let info = try inspect(encoded.bytes)
    #expect(info.quality == 0 && info.latentReduction == 0 && info.modelIdentifier.isEmpty)
    #expect(info.byteCount == encoded.bytes.count)
    for count in encoded.bytes.indices {
      await #expect(throws: CodecError.self) {
        try await decode(Array(encoded.bytes.prefix(count)))
      }
    }
  }

  /// The embedded model under another name: one more entry, which decoders pass over.
  private static let other: [UInt8] = {
    var bytes = ModelKernels.embeddedWeights
    let count = Int(bytes[6]) + Int(bytes[7]) << 8 + 1
    bytes[6] = UInt8(count & 255)
    bytes[7] = UInt8(count >> 8)
    return bytes + [5] + Array("other".utf8) + [2, 1, 0, 1, 0, 7, 0, 0, 0]
  }()

  @Test func aFileNamesTheModelThatItNeeds() async throws {
    let model = try LearnedModel(Self.other)
    let image = SyntheticImages.image(.init(.rgb, 8), width: 24, height: 17)
    var options = EncoderOptions.lossy(quality: 40)
    options.model = model
    let bytes = try await encode(image, options).bytes
    #expect(try inspect(bytes).modelIdentifier == model.identifier)
    await #expect(throws: CodecError.unknownModel(model.identifier)) { try await decode(bytes) }
    let decoded = try await decode(bytes, DecoderOptions(model: model))
    options.model = nil
    let embedded = try await decode(encode(image, options).bytes)
    #expect(decoded == embedded)
  }

  @Test func aModelFileMustBeWhole() throws {
    #expect(throws: CodecError.self) { try LearnedModel([]) }
    #expect(throws: CodecError.self) { try LearnedModel(Self.other.dropLast()) }
    #expect(throws: CodecError.self) { try LearnedModel(Self.other + [0]) }
    var damaged = Self.other
    damaged[4] = 9
    #expect(throws: CodecError.self) { try LearnedModel(damaged) }
  }
}
