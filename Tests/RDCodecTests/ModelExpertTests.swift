import CKernels
import Foundation
import StartStateTraining
import TestSupport
import Testing

@testable import DecoderCore
@testable import RDCodec

/// The experts that look at symbols next to the one to be coded.
struct ModelExpertTests {
  static let latentCount =
    2
    * [(24, 0), (56, 24), (112, 80)].map { count, first in
      2 * count * (1 + 4 + first + count)
    }.reduce(0, +)
  static let hyperlatentCount = 6 * 48 * 2 * 64 + 4 * 64 + 64 * 96 + 4 * 96 + 48 * 4 * 48

  static func values(_ count: Int, below limit: Int16, seed: UInt64) -> [Int16] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { _ in Int16.random(in: -limit...limit, using: &random) }
  }

  @Test func sizesAreChecked() throws {
    let shape = try EncoderModel.embedded.get().shape
    let values = Self.values(Self.latentCount, below: 10, seed: 1)
    _ = try LatentExpert(latents: values, shape)
    for wrong in [values.dropLast(), values + [0], []] {
      #expect(throws: CodecError.corrupt(field: "model expert", at: 0)) {
        try LatentExpert(latents: Array(wrong), shape)
      }
      #expect(throws: CodecError.corrupt(field: "model expert", at: 0)) {
        try LatentExpert(hyperlatents: Array(wrong), shape)
      }
    }
    let more = Self.values(Self.hyperlatentCount + 1, below: 10, seed: 2)
    _ = try LatentExpert(hyperlatents: Array(more.dropLast()), shape)
    for wrong in [more, more.dropLast(2)] {
      #expect(throws: CodecError.corrupt(field: "model expert", at: 0)) {
        try LatentExpert(hyperlatents: wrong, shape)
      }
    }
  }

  @Test func biasesAreAPolynomialOfThePosition() throws {
    let shape = try EncoderModel.embedded.get().shape
    var values = [Int16](repeating: 0, count: Self.hyperlatentCount)
    let start = 6 * 48 * 2 * 64
    for (power, value) in [4096, 8192, -4096, 2048].enumerated() {
      values[start + power * 64] = Int16(value)
    }
    let expert = try LatentExpert(hyperlatents: values, shape)
    for (position, expected) in [(0, 1.0), (1024, 1 + 1 - 0.25 + 0.0625), (2048, 2.5)] {
      let bias = expert.bias(at: QualityPosition(rawValue: position)!)
      #expect(bias[0] == Float(expected) && bias[1] == 0)
    }
  }

  /// A model's mixing that adds the expert's odds and nothing else, and hardly learns.
  private static func expertAlone(_ layout: LatentLayout) -> LatentStart {
    let start = LatentStart(layout)
    for index in 0..<layout.setCount {
      let isOfChannel = index >= layout.setCount - layout.channelSets
      start.sets[index] = KernelLatentSet()
      start.sets[index].weights.1 = isOfChannel ? 0 : 0.5
    }
    return start
  }

  /// What a kernel codes.
  static func listed(_ room: Int, _ kernel: (UnsafeMutablePointer<ck_port>) -> Void) -> [ck_symbol]
  {
    let symbols = Buffer<ck_symbol>(zeroed: room)
    var port = ck_port(in: nil, out: symbols.base)
    kernel(&port)
    return Array(UnsafeBufferPointer(start: symbols.base, count: port.out! - symbols.base))
  }

  private static func odds(_ decision: ck_symbol) -> Double {
    let probability = Double(decision.start == 0 ? decision.size : decision.start) * 0x1p-24
    return log(probability / (1 - probability))
  }

  /// The odds of a latent are those of a plain sum over `expert.latents` as docs/FORMAT.md lays it
  /// out.
  @Test(arguments: [(0, 17), (1, 3), (2, 55), (3, 8), (4, 111), (5, 0)])
  func oddsOfLatentsAreASum(step: Int, channel: Int) throws {
    let values = Self.values(Self.latentCount, below: 1200, seed: 7)
    let shape = try EncoderModel.embedded.get().shape
    let models = { (expert: LatentExpert) in
      LatentModels(
        Self.expertAlone(.latents(shape, hasExpert: true)), expert, height: 4, width: 6,
        position: .lowest, kernels: KernelISA.portable.latentKernels)
    }
    var model = models(try LatentExpert(latents: values, shape))
    let groups = shape.groups.map { $0.channels }
    let count = groups[step / 2]
    let first = groups[..<(step / 2)].reduce(0, +)
    model.start(step: step, first: first, count: count)
    let (state, place) = model.place(row: 1, column: 2)
    let row = 6 + 2 * 2
    let places =
      step % 2 == 0
      ? [place - row - 1, place - row + 1, place - 2, place - 2 * row]
      : [place - 1, place + 1, place - row, place + row]
    // The neighbours' features, then those of channels before: all known to the kernel as 1/32.
    var random = SplitMix64(seed: UInt64(step))
    let features = state.pointee.features!
    var sums = [0.0, 0.0]
    let base = (0..<step).reduce(0) { sum, step in
      let before = groups[..<(step / 2)].reduce(0, +)
      return sum + 2 * groups[step / 2] * (5 + before + groups[step / 2])
    }
    let weight = { (row: Int, head: Int) in
      Double(values[base + (2 * row + head) * count + channel]) / 4096
    }
    for head in 0..<2 { sums[head] = weight(0, head) }
    for k in 0..<4 {
      let feature = Int8.random(in: -96...96, using: &random)
      features[places[k] * 192 + first + channel] = feature
      sums[0] += weight(1 + k, 0) * abs(Double(feature)) / 32
      sums[1] += weight(1 + k, 1) * Double(feature) / 32
    }
    for other in 0..<first where other % 5 == 0 {
      let feature = Int8.random(in: -96...96, using: &random)
      features[place * 192 + other] = feature
      sums[0] += weight(5 + other, 0) * abs(Double(feature)) / 32
      sums[1] += weight(5 + other, 1) * Double(feature) / 32
    }
    // Table 26 has σ = 1: one channel before holds 2, a feature of 64; ours holds −1.
    var scales = [UInt8](repeating: 0, count: count)
    var symbols = [Int16](repeating: 0, count: count)
    if channel > 0 {
      (scales[channel - 1], symbols[channel - 1]) = (26, 2)
      sums[0] += weight(5 + first + channel - 1, 0) * 2
      sums[1] += weight(5 + first + channel - 1, 1) * 2
    }
    (scales[channel], symbols[channel]) = (26, -1)
    let decisions = Self.listed(count * LatentKernels.decisions) {
      model.kernels.call.code_latents(state, place, scales, &symbols, $0)
    }
    let written = decisions.count
    // "Not zero", "more than one", the sign.
    #expect(abs(Self.odds(decisions[written - 3]) - min(max(sums[0], -13), 13)) < 0.02)
    #expect(abs(Self.odds(decisions[written - 1]) - min(max(sums[1], -13), 13)) < 0.02)
  }

  /// The same for hyperlatents: the second channel, after a first one that is 3.
  @Test func oddsOfHyperlatentsAreThoseOfANetwork() throws {
    let values = Self.values(Self.hyperlatentCount, below: 600, seed: 8)
    let position = QualityPosition(quality: 70)
    let shape = try EncoderModel.embedded.get().shape
    let model = LatentModels(
      Self.expertAlone(.hyperlatents(shape)), try LatentExpert(hyperlatents: values, shape),
      height: 3, width: 4,
      position: position, kernels: KernelISA.portable.latentKernels)
    let (state, place) = model.place(row: 1, column: 1)
    let row = 4 + 2 * 2
    let places = [
      place - 1, place - row, place - row + 1, place - row - 1, place - 2, place - 2 * row,
    ]
    var near: [(index: Int, value: Double)] = []
    for (k, place) in places.enumerated() {
      for (channel, symbol) in [(3, Int8(-1)), (40, 2), (7 * k, 9)] {
        state.pointee.symbols[place * 48 + channel] = symbol
        // The clamped value, and its size; 7 k may meet one of the others, which it replaces.
        near.removeAll { $0.index / 2 == k * 48 + channel }
        let value = Double(min(max(symbol, -4), 4))
        near += [((k * 48 + channel) * 2, value), ((k * 48 + channel) * 2 + 1, abs(value))]
      }
    }
    let fraction = Double(position.rawValue) / 2048
    let weight = { (index: Int) in Double(values[index]) / 4096 }
    let polynomial = { (start: Int, stride: Int) in
      (0..<4).reduce(0.0) { $0 + weight(start + $1 * stride) * pow(fraction, Double($1)) }
    }
    let (hiddenBias, out) = (6 * 48 * 2 * 64, 6 * 48 * 2 * 64 + 256)
    let (bias, same) = (out + 64 * 96, out + 64 * 96 + 4 * 96)
    let channel = 1
    let sums = (0..<2).map { head -> Double in
      var sum = polynomial(bias + head * 48 + channel, 96)
      for i in 0..<64 {
        let hidden = near.reduce(polynomial(hiddenBias + i, 64)) {
          $0 + weight($1.index * 64 + i) * $1.value
        }
        sum += (hidden < 0 ? hidden / 8 : hidden) * weight(out + (i * 2 + head) * 48 + channel)
      }
      // Channel 0: its value and its size, both 3.
      for input in 0..<2 { sum += 3 * weight(same + (input * 2 + head) * 48 + channel) }
      return sum
    }
    var symbols = [Int16](repeating: 0, count: 48)
    (symbols[0], symbols[1]) = (3, 1)
    let scales = [UInt8](repeating: 26, count: 48)
    let decisions = Self.listed(48 * LatentKernels.decisions) {
      model.kernels.call.code_hyperlatents(state, place, scales, &symbols, $0)
    }
    // Channel 0: four buckets and a sign; channel 1: two and a sign; the others one each.
    #expect(decisions.count == 5 + 3 + 46)
    #expect(abs(Self.odds(decisions[5]) - min(max(sums[0], -13), 13)) < 0.02)
    #expect(abs(Self.odds(decisions[7]) - min(max(sums[1], -13), 13)) < 0.02)
  }

  @Test func modelsWithoutExpertsAreRead() async throws {
    let shipped = try Weights(BuiltIn.weights(.psnr)).experts()
    #expect(shipped.latents != nil && shipped.hyperlatents != nil)
    let image = SyntheticImages.image(.init(.rgb, 8), width: 48, height: 32)
    var images: [Image] = []
    for drop in ["expert.latents", "expert.hyperlatents", "expert.", ""] {
      let weights = try Weights.withoutVectors(BuiltIn.weights(.psnr)) {
        $0.hasPrefix(drop) || $0.hasPrefix("start.")
      }
      let model = try LearnedModel(weights)
      var options = EncoderOptions.lossy(quality: 60)
      options.effort = 2
      options.model = model
      let bytes = try await encode(image, options).bytes
      images.append(try await decode(bytes, DecoderOptions(model: model)))
    }
    // They differ in how latents are coded, not in the latents.
    #expect(images.allSatisfy { $0 == images[0] })
  }

  @Test func expertsNeedTheirStart() throws {
    let without = try Weights.withoutVectors(BuiltIn.weights(.psnr)) {
      $0 == "expert.latents"
    }
    #expect(throws: CodecError.corrupt(field: "model start", at: 0)) { try LearnedModel(without) }
  }

  /// Whatever the weights, a decoder reads what an encoder wrote.
  @Test(arguments: [300, 4000, 32767] as [Int16])
  func anyWeightsRoundTrip(limit: Int16) async throws {
    let bytes = Weights.adding(
      [
        ("expert.latents", Self.values(Self.latentCount, below: limit, seed: 5)),
        ("expert.hyperlatents", Self.values(Self.hyperlatentCount, below: limit, seed: 6)),
      ],
      to: try Weights.withoutVectors(BuiltIn.weights(.psnr)) { _ in true })
    let model = try LearnedModel(bytes)
    let image = SyntheticImages.image(.init(.rgb, 8), width: 80, height: 48)
    for quality in [5.0, 50, 95] {
      // Verification compares the latents.
      var options = EncoderOptions.lossy(quality: quality)
      options.model = model
      let encoded = try await encode(image, options)
      let (written, objective) = (Double(encoded.rate.writtenBits), encoded.rate.objectiveBits)
      #expect(written <= 1.001 * objective + 512)
      // Where nearly certain bits are wrong all the time, the coder's rounding favours what
      // happens.
      if limit < 32767 { #expect(written >= 0.999 * objective - 512) }
    }
  }

  @Test func recordedSymbolsAreThoseOfTheFile() async throws {
    let image = SyntheticImages.image(.init(.rgb, 8), width: 40, height: 32)
    let trainer = try LatentStartTrainer(weights: BuiltIn.weights(.psnr))
    let record = trainer.symbols(of: image, quality: 50)
    var reader = ByteReader(record)
    let (height, width) = (Int(try reader.uint32()), Int(try reader.uint32()))
    #expect(height == 4 && width == 6)
    #expect(Int(try reader.uint32()) == QualityPosition(quality: 50).rawValue)
    // Hyperlatents, then scales and symbols of every step and position.
    #expect(reader.remaining == height * width * (2 * 48 / 4 + 3 * 192))
    _ = try reader.bytes(height * width * 2 * 48 / 4)
    var symbols: [Int16] = []
    for channels in [24, 56, 112] {
      for _ in 0..<height * width {
        #expect(try reader.bytes(channels).allSatisfy { $0 < LatentKernels.scales })
        symbols += try reader.int16s(channels)
      }
    }
    let isPlausible = symbols.contains { $0 != 0 } && symbols.allSatisfy { abs(Int($0)) < 1000 }
    #expect(isPlausible)
  }
}
