import StartStateTraining
import TestSupport
import Testing

@testable import DecoderCore
@testable import RDCodec

/// Files without latents, and files of a model from outside.
@Suite struct CodecModelTests {
  /// A preview that nobody asked for stays where it takes little.
  @Test func previewsPayOrGo() async throws {
    let photograph = SyntheticImages.photograph(width: 300, height: 200)
    let kept = try await encode(photograph).bytes
    let bare = try await encode(photograph, EncoderOptions(hasPreview: false)).bytes
    #expect(try inspect(kept).latentReduction > 0)
    #expect(Double(kept.count) < 1.005 * Double(bare.count) + 100)
    var ramp = photograph
    ramp.planes = (1...3).map { step in (0..<60_000).map { UInt16($0 % 300 * step / 4) } }
    let page = SyntheticImages.image(.init(.palette, 4), width: 300, height: 200)
    for image in [ramp, page] {
      for effort in [1, 5] {
        let bytes = try await encode(image, EncoderOptions(effort: effort)).bytes
        #expect(try inspect(bytes).latentReduction == 0)
        var asked = EncoderOptions(mode: .lossless(preview: 30), effort: effort)
        asked.hasPreview = true
        #expect(try await inspect(encode(image, asked).bytes).latentReduction > 0)
      }
    }
    // What is so large that it may be coded by rows keeps it, but for drawings.
    let plan = try EncodingPlan(.lossless)
    var large = photograph
    (large.width, large.height) = (1 << 13, 1 << 12)
    #expect(!plan.mayOmitPreview(of: large, isDrawing: false))
    #expect(plan.mayOmitPreview(of: large, isDrawing: true))
    #expect(plan.mayOmitPreview(of: photograph, isDrawing: false))
    var keeping = EncoderOptions.lossless
    keeping.keepsPreview = true
    #expect(!(try EncodingPlan(keeping).mayOmitPreview(of: photograph, isDrawing: true)))
  }

  @Test(arguments: SyntheticImages.kinds)
  func aFileWithoutPreviewIsExact(kind: SyntheticImages.Kind) async throws {
    let image = SyntheticImages.image(kind, width: 21, height: 18)
    let encoded = try await encode(image, EncoderOptions(hasPreview: false))
    #expect(encoded.rate.writtenBits == 0)
    #expect(try await decode(encoded.bytes) == image)
    await #expect(throws: CodecError.noPreview) {
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

  @Test func aFileNamesTheModelThatItNeeds() async throws {
    let model = try LearnedModel(OtherModel.weights)
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

  @Test func aFileTunedForTheEyeNeedsNoOption() async throws {
    let image = SyntheticImages.image(.init(.rgb, 8), width: 40, height: 33)
    var options = EncoderOptions.lossy(quality: 40)
    let usual = try await encode(image, options)
    options.tuning = .visual
    let visual = try await encode(image, options)
    let identifiers = try [usual, visual].map { try inspect($0.bytes).modelIdentifier }
    #expect(identifiers[0] != identifiers[1])
    #expect(try await decode(visual.bytes) != decode(usual.bytes))
    options.mode = .lossless(preview: nil)
    #expect(try await decode(encode(image, options).bytes) == image)
  }

  @Test func aLearnedStartIsPartOfTheModel() async throws {
    let image = SyntheticImages.image(.init(.rgb, 8), width: 48, height: 32)
    let trainer = try LatentStartTrainer(weights: BuiltIn.weights(.psnr))
    let untrained = try LearnedModel(trainer.weights())
    let bits = trainer.learn(from: image, quality: 50, step: 1)
    let weights = trainer.weights()
    #expect(weights.count == BuiltIn.weights(.psnr).count)
    let trained = try LearnedModel(weights)
    var sizes: [Double] = []
    for model in [untrained, trained] {
      var options = EncoderOptions.lossy(quality: 50)
      options.effort = 3
      options.verify = false
      options.model = model
      let encoded = try await encode(image, options)
      let decoded = try await decode(encoded.bytes, DecoderOptions(model: model))
      #expect(decoded.width == image.width)
      sizes.append(encoded.rate.objectiveBits)
    }
    #expect(sizes[1] < sizes[0] && bits > 0)
    #expect(throws: CodecError.self) { try LearnedModel(weights.dropLast(2)) }
  }

  @Test func aModelFileMustBeWhole() throws {
    #expect(throws: CodecError.self) { try LearnedModel([]) }
    #expect(throws: CodecError.self) { try LearnedModel(OtherModel.weights.dropLast()) }
    #expect(throws: CodecError.self) { try LearnedModel(OtherModel.weights + [0]) }
    var damaged = OtherModel.weights
    damaged[4] = 9
    #expect(throws: CodecError.self) { try LearnedModel(damaged) }
  }
}
