import TestSupport
import Testing

@testable import DecoderCore
@testable import RDCodec

/// The encoder's search for latents, its gradients, and the choice of previews.
@Suite struct ModelSearchTests {
  @Test(arguments: [[1, 1], [3, 3], [5, 5]])
  func gradientsAreTheTransposeOfConvolutions(kernel: [Int]) {
    var random = SplitMix64(seed: 5)
    let weights = (0..<6 * kernel[0] * kernel[1] * 4).map { _ in
      Int16(truncatingIfNeeded: random.next()) >> 4
    }
    let layer = Convolution(
      outputs: 6, rows: kernel[0], columns: kernel[1], inputs: 4, shift: 10,
      bias: [Int32](repeating: 0, count: 6), weights: weights)
    let x = Tensor.noise(height: 5, width: 7, channels: 4, limit: 2000)
    let g = Tensor.noise(height: 5, width: 7, channels: 6, limit: 2000, seed: 9)
    // ⟨g, W x⟩ = ⟨Wᵀ g, x⟩, up to the rounding of gradients.
    let forward = zip(layer.same(x).values, g.values).reduce(0.0) {
      $0 + Double($1.0) * Double($1.1)
    }
    let back = ConvolutionGradient(of: layer)(Gradient(g))
    let backward = zip(back.values, x.values).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
    let size = zip(back.values, x.values).reduce(0.0) { $0 + abs(Double($1.0) * Double($1.1)) }
    #expect(abs(forward - backward) < 0.01 * size)
  }

  @Test func rearrangementsUndoEachOther() {
    let x = Tensor.noise(height: 8, width: 12, channels: 3)
    #expect(x.spaceToDepth(4).depthToSpace(4) == x)
    let g = Gradient(x)
    #expect(g.spaceToDepth(2).depthToSpace(2).values == g.values)
    #expect(g.spaceToDepth(2).values == x.spaceToDepth(2).values.map(Float.init))
  }

  @Test func lambdasAndPositionsBelongTogether() {
    for raw in stride(from: 0, through: QualityPosition.maximum, by: 128) {
      let position = QualityPosition(rawValue: raw)!
      #expect(QualityPosition(lambda: position.lambda) == position)
    }
    #expect(QualityPosition(lambda: 1e-9).rawValue == 0)
    #expect(QualityPosition(lambda: 10).rawValue == QualityPosition.maximum)
  }

  @Test func onlyLatentsAtTheEdgesReachBeyondTheImage() throws {
    let model = try EncoderModel.embedded.get()
    let image = SyntheticImages.image(.init(.rgb, 8), width: 64, height: 37)
    let fractions = EdgeFractions(ModelInput(image), model.decoder.synthesis)
    let tile = Tiling(width: 64, height: 37).tiles[0]
    let factors = fractions(tile, times: [])
    let channels = model.shape.latents
    #expect(factors.count == 8 * 6 * channels)
    #expect(factors.allSatisfy { (0...1.0001).contains($0) })
    let mean = { (row: Int, column: Int) in
      let start = (row * 8 + column) * channels
      return factors[start..<start + channels].reduce(0, +) / Float(channels)
    }
    #expect(mean(2, 3) == 1)
    // Five of its eight rows of pixels are the image's, then none.
    #expect(mean(4, 3) > 0.4 && mean(4, 3) < 0.9)
    #expect(mean(5, 3) < 0.2)
    #expect(fractions(tile, times: factors.map { _ in 2 }) == factors.map { 2 * $0 })
  }

  @Test(arguments: [false, true]) func moreEffortLowersTheObjective(isGrey: Bool) async throws {
    var image = SyntheticImages.photograph(width: 64, height: 48)
    if isGrey {
      image.colorType = .grey
      image.planes = [image.planes[1]]
    }
    var costs: [Double] = []
    let position = QualityPosition(quality: 50)
    for effort in [1, 7] {
      var options = EncoderOptions.lossy(quality: 50)
      options.effort = effort
      let encoded = try await encode(image, options)
      let decoded = try await decode(encoded.bytes)
      var squares = 0.0
      for (a, b) in zip(image.planes, decoded.planes) {
        for (v, w) in zip(a, b) { squares += (Double(v) - Double(w)) * (Double(v) - Double(w)) }
      }
      let error = squares / Double(image.planes.count)
      costs.append(Double(8 * encoded.bytes.count) + position.lambda * error)
    }
    #expect(costs[1] < costs[0])
  }

  @Test(arguments: [5, 7]) func theSearchDoesNotDependOnThreads(effort: Int) async throws {
    let image = SyntheticImages.image(.init(.rgb, 8), width: 800, height: 20)
    var options = EncoderOptions.lossy(quality: 30)
    options.effort = effort
    options.verify = false
    let alone = try await encode(image, options)
    options.jobs = 3
    #expect(try await encode(image, options) == alone)
  }

  @Test func previewsOfFlatImagesAreTiny() async throws {
    var image = SyntheticImages.image(.init(.rgb, 8), width: 64, height: 64)
    image.planes = image.planes.map { $0.map { _ in 77 } }
    let encoded = try await encode(image, .lossless)
    #expect(encoded.rate.writtenBits < 8 * 40)
  }

  @Test(arguments: KernelISA.all.filter { $0 != .portable && $0.isAvailable })
  func latentKernelsReturnTheSameDecisions(isa: KernelISA) throws {
    var random = SplitMix64(seed: 3)
    let portable = KernelISA.portable.latentKernels
    let shape = try EncoderModel.embedded.get().shape
    let start = LatentStart(.latents(shape, hasExpert: true))
    let position = QualityPosition(quality: 40)
    let expert = try LatentExpert(
      latents: ModelExpertTests.values(ModelExpertTests.latentCount, below: 300, seed: 4), shape)
    var first = LatentModels(
      start, expert, height: 4, width: 6, position: position,
      kernels: portable)
    var second = LatentModels(
      start, expert, height: 4, width: 6, position: position,
      kernels: isa.latentKernels)
    let size = shape.latents * LatentKernels.decisions
    for step in 0..<6 {
      let group = shape.channels(ofGroup: step / 2)
      let count = group.count
      first.start(step: step, first: group.lowerBound, count: count)
      second.start(step: step, first: group.lowerBound, count: count)
      for row in 0..<4 {
        for column in stride(from: (row + step) % 2, to: 6, by: 2) {
          let scales = (0..<count).map { _ in UInt8(random.next() % 104) }
          var symbols = scales.map { scale -> Int16 in
            let spread = Int64(1) << Int64(scale / 8)
            return Int16(Int64(bitPattern: random.next() >> 1) % (2 * spread) - spread)
          }
          let (stateA, place) = first.place(row: row, column: column)
          let (stateB, _) = second.place(row: row, column: column)
          let a = ModelExpertTests.listed(size) {
            portable.call.code_latents(stateA, place, scales, &symbols, $0)
          }
          let b = ModelExpertTests.listed(size) {
            isa.latentKernels.call.code_latents(stateB, place, scales, &symbols, $0)
          }
          #expect(a.map(\.start) == b.map(\.start) && a.map(\.size) == b.map(\.size))
        }
      }
    }
  }

  @Test(arguments: KernelISA.all.filter { $0 != .portable && $0.isAvailable })
  func hyperlatentKernelsReturnTheSameDecisions(isa: KernelISA) throws {
    var random = SplitMix64(seed: 4)
    let kernels = [KernelISA.portable.latentKernels, isa.latentKernels]
    let shape = try EncoderModel.embedded.get().shape
    let channels = shape.hyperlatents
    let expert = try LatentExpert(
      hyperlatents: ModelExpertTests.values(
        ModelExpertTests.hyperlatentCount, below: 300, seed: 5), shape)
    let start = LatentStart(.hyperlatents(shape))
    let position = QualityPosition(quality: 40)
    let first = LatentModels(
      start, expert, height: 3, width: 5, position: position,
      kernels: kernels[0])
    let second = LatentModels(
      start, expert, height: 3, width: 5, position: position,
      kernels: kernels[1])
    let size = channels * LatentKernels.decisions
    for place in 0..<15 {
      let scales = (0..<channels).map { _ in UInt8(random.next() % 104) }
      var symbols = scales.map { _ in Int16.random(in: -7...7, using: &random) }
      let (stateA, index) = first.place(row: place / 5, column: place % 5)
      let (stateB, _) = second.place(row: place / 5, column: place % 5)
      let a = ModelExpertTests.listed(size) {
        kernels[0].call.code_hyperlatents(stateA, index, scales, &symbols, $0)
      }
      let b = ModelExpertTests.listed(size) {
        kernels[1].call.code_hyperlatents(stateB, index, scales, &symbols, $0)
      }
      #expect(a.map(\.start) == b.map(\.start) && a.map(\.size) == b.map(\.size))
    }
  }
}
