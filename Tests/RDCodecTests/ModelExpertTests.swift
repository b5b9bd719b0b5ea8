import TestSupport
import Testing

@testable import RDCodec

/// The experts that look at symbols next to the one to be coded.
struct ModelExpertTests {
  static let latentCount =
    2
    * [(24, 0), (56, 24), (112, 80)].map { count, first in
      2 * count * (1 + LatentKernels.neighbours + first + count)
    }.reduce(0, +)
  static let hyperlatentCount = 6 * 48 * 2 * 64 + 4 * 64 + 64 * 96 + 4 * 96 + 48 * 4 * 48

  static func values(_ count: Int, below limit: Int16, seed: UInt64) -> [Int16] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { _ in Int16.random(in: -limit...limit, using: &random) }
  }

  @Test func sizesAreChecked() throws {
    let values = Self.values(Self.latentCount, below: 10, seed: 1)
    _ = try LatentExpert(latents: values)
    for wrong in [values.dropLast(), values + [0], []] {
      #expect(throws: CodecError.corrupt(field: "model expert", at: 0)) {
        try LatentExpert(latents: Array(wrong))
      }
      #expect(throws: CodecError.corrupt(field: "model expert", at: 0)) {
        try LatentExpert(hyperlatents: Array(wrong))
      }
    }
    _ = try LatentExpert(hyperlatents: Self.values(Self.hyperlatentCount, below: 10, seed: 2))
  }

  @Test func biasesAreAPolynomialOfThePosition() throws {
    var values = [Int16](repeating: 0, count: Self.hyperlatentCount)
    let start = 6 * 48 * 2 * 64
    for (power, value) in [4096, 8192, -4096, 2048].enumerated() {
      values[start + power * 64] = Int16(value)
    }
    let expert = try LatentExpert(hyperlatents: values)
    for (position, expected) in [(0, 1.0), (1024, 1 + 1 - 0.25 + 0.0625), (2048, 2.5)] {
      let bias = expert.bias(at: QualityPosition(rawValue: position)!)
      #expect(bias[0] == Float(expected) && bias[1] == 0)
    }
  }

  @Test func shippedModelHasExpertsAndOneWithoutStillWorks() async throws {
    let shipped = try Weights(ModelKernels.embeddedWeights(.psnr)).experts()
    #expect(shipped.latents != nil && shipped.hyperlatents != nil)
    let image = SyntheticImages.image(.init(.rgb, 8), width: 48, height: 32)
    // The weights file of version 3: no vectors at all.
    var plain = try Weights.withoutVectors(
      ModelKernels.embeddedWeights(.psnr), where: { _ in true })
    plain[4] = 3
    let model = try LearnedModel(plain)
    var options = EncoderOptions.lossy(quality: 60)
    options.model = model
    let bytes = try await encode(image, options).bytes
    #expect(try await decode(bytes, DecoderOptions(model: model)).width == 48)
  }

  /// Whatever the weights, a decoder reads what an encoder wrote.
  @Test(arguments: [300, 4000, 32767] as [Int16])
  func anyWeightsRoundTrip(limit: Int16) async throws {
    let bytes = Weights.adding(
      [
        ("expert.latents", Self.values(Self.latentCount, below: limit, seed: 5)),
        ("expert.hyperlatents", Self.values(Self.hyperlatentCount, below: limit, seed: 6)),
      ],
      to: try Weights.withoutVectors(ModelKernels.embeddedWeights(.psnr), where: { _ in true }))
    let model = try LearnedModel(bytes)
    let image = SyntheticImages.image(.init(.rgb, 8), width: 80, height: 48)
    for quality in [5.0, 50, 95] {
      // Verification compares the latents.
      var options = EncoderOptions.lossy(quality: quality)
      options.model = model
      let encoded = try await encode(image, options)
      let (written, objective) = (Double(encoded.rate.writtenBits), encoded.rate.objectiveBits)
      #expect(written <= 1.001 * objective + 512)
      // Where nearly certain bits are wrong all the time, the coder's rounding favours what happens.
      if limit < 32767 { #expect(written >= 0.999 * objective - 512) }
    }
  }

  @Test func recordedSymbolsAreThoseOfTheFile() async throws {
    let image = SyntheticImages.image(.init(.rgb, 8), width: 40, height: 32)
    let trainer = try LatentStartTrainer(weights: ModelKernels.embeddedWeights(.psnr))
    let record = trainer.symbols(of: image, quality: 50)
    var reader = ByteReader(record)
    let (height, width) = (Int(try reader.uint32()), Int(try reader.uint32()))
    #expect(height == 4 && width == 6)
    #expect(Int(try reader.uint32()) == QualityPosition(quality: 50).rawValue)
    // Hyperlatents, then a scale and a symbol of every latent.
    #expect(reader.remaining == height * width * (2 * 48 / 4 + 3 * 192))
  }
}
