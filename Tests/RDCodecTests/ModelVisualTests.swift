import Foundation
import TestSupport
import Testing

@testable import DecoderCore
@testable import RDCodec

/// D of the model for the eye, which way it falls, and the search that follows it.
@Suite struct ModelVisualTests {
  /// A plane of ramps and noise, and a copy with more noise.
  private static func planes(width: Int, height: Int) -> (MetricPlane, MetricPlane) {
    var random = SplitMix64(seed: 11)
    let a = (0..<width * height).map { i in
      Float(40 + i % width * 2 + i / width) + Float.random(in: 0..<20, using: &random)
    }
    let b = a.map { $0 + Float.random(in: -9...9, using: &random) }
    return (
      MetricPlane(width: width, height: height, samples: a),
      MetricPlane(width: width, height: height, samples: b)
    )
  }

  @Test(arguments: [false, true]) func meansAreThoseOfTheMetric(hasLuminance: Bool) {
    let (a, b) = ModelVisualTests.planes(width: 37, height: 23)
    let exact = SSIM.similarity(a, b, peak: 255)
    let slopes = SSIMSlopes(a, b, hasLuminance: hasLuminance)
    #expect(abs(slopes.mean - (hasLuminance ? exact.full : exact.contrastStructure)) < 1e-5)
  }

  @Test(arguments: [false, true]) func slopesAreThoseOfTheMetric(hasLuminance: Bool) {
    let (a, b) = ModelVisualTests.planes(width: 29, height: 17)
    let slopes = SSIMSlopes(a, b, hasLuminance: hasLuminance)
    func sum(_ b: MetricPlane) -> Double {
      let exact = SSIM.similarity(a, b, peak: 255)
      return (hasLuminance ? exact.full : exact.contrastStructure) * slopes.windowCount
    }
    // A corner, an edge, and the middle.
    for place in [0, 14, 8 * 29 + 14, 16 * 29 + 28] {
      var (above, below) = (b, b)
      above.samples[place] += 0.5
      below.samples[place] -= 0.5
      let slope = sum(above) - sum(below)
      #expect(abs(Double(slopes.slopes.samples[place]) - slope) < 0.01 * abs(slope) + 1e-6)
    }
  }

  @Test func curvatureIsWhatSmallDifferencesCost() {
    let (a, _) = ModelVisualTests.planes(width: 41, height: 41)
    let slopes = SSIMSlopes(a, a, hasLuminance: false)
    var b = a
    let place = 20 * 41 + 20
    b.samples[place] += 1
    let cost = (1 - SSIM.similarity(a, b, peak: 255).contrastStructure) * slopes.windowCount
    // Less the square of the means, which hold a twentieth of it.
    let curvature = Double(slopes.curvature.samples[place])
    #expect(cost < curvature && cost > 0.9 * curvature)
  }

  /// x, and x − x̂ in sixteenths as the search has it.
  private static func example(
    width: Int, height: Int
  ) throws -> (input: ModelInput, errors: Tensor, distortion: VisualDistortion, decoded: Image) {
    let image = SyntheticImages.photograph(width: width, height: height)
    let input = ModelInput(image)
    var errors = Tensor(
      height: input.latentHeight * 8, width: input.latentWidth * 8, channels: 3)
    var decoded = image
    var random = SplitMix64(seed: 3)
    for y in 0..<height {
      for x in 0..<width {
        for c in 0..<3 {
          let old = Int(image.planes[c][y * width + x])
          let new = min(max(old + Int.random(in: -12...12, using: &random), 0), 255)
          decoded.planes[c][y * width + x] = UInt16(new)
          errors.values[y * errors.rowStride + 3 * x + c] = Int16(16 * (old - new))
        }
      }
    }
    let decoder = try EncoderModel.embedded.get().decoder
    return (input, errors, VisualDistortion(input, decoder), decoded)
  }

  @Test func distortionIsThatOfTraining() async throws {
    // Sides that stay even: the metric rounds odd ones up, the search down.
    let (width, height) = (192, 176)
    let (_, errors, distortion, decoded) = try ModelVisualTests.example(
      width: width, height: height)
    let image = SyntheticImages.photograph(width: width, height: height)
    let squares = errors.values.reduce(0.0) { $0 + Double($1) * Double($1) } / 256
    let similarity = try #require(MSSSIM.mean(ColorPlanes(image), ColorPlanes(decoded)))
    // The search's weights sum to 1, those of the metric to 1.0001.
    let scaled = pow(similarity, 1 / 1.0001)
    let expected = 0.15 * squares + 3 * 1250 * Double(width * height) * (1 - scaled)
    let local = try await distortion(errors, jobs: 2)
    #expect(abs(local.value / expected - 1) < 1e-4)
    let tile = Tiling(width: width, height: height).tiles[0]
    #expect(local.curvature(tile).allSatisfy { $0 >= 0.15 })
    #expect(local.curvatureBound.values.allSatisfy { $0 >= 0.15 })
  }

  @Test func distortionFallsAlongItsSlopes() async throws {
    let (input, errors, distortion, _) = try ModelVisualTests.example(width: 96, height: 64)
    let before = try await distortion(errors, jobs: 1)
    // One sixteenth of a step wherever the gradient of D is large.
    var moved = errors
    var expected = 0.0
    for y in 0..<input.height {
      for x in 0..<input.width {
        let curvatureBound = Double(before.curvatureBound.values[y / 8 * input.latentWidth + x / 8])
        for c in 0..<3 {
          let i = y * errors.rowStride + 3 * x + c
          let slope = Double(before.errors.values[i]) / 8 * curvatureBound
          let step = slope > 4 ? 1 : slope < -4 ? -1 : 0
          moved.values[i] -= Int16(step)
          // D falls by 2 · slope · step, both in sixteenths.
          expected += 2 * slope * Double(step) / 256
        }
      }
    }
    let after = try await distortion(moved, jobs: 1)
    #expect(abs((before.value - after.value) / expected - 1) < 0.05)
  }

  @Test func tinyImagesHaveSquaredErrorsAlone() async throws {
    let (_, errors, distortion, _) = try ModelVisualTests.example(width: 10, height: 30)
    let local = try await distortion(errors, jobs: 1)
    #expect(local.errors.values == errors.values.map { $0 * 8 })
    #expect(local.curvature(Tiling(width: 10, height: 30).tiles[0]).allSatisfy { $0 == 1 })
    let squares = errors.values.reduce(0.0) { $0 + Double($1) * Double($1) } / 256
    #expect(abs(local.value - squares) < 1e-6 * squares)
  }

  @Test(arguments: [15.0, 40]) func moreEffortLowersTheObjective(quality: Double) async throws {
    let image = SyntheticImages.photograph(width: 96, height: 64)
    let model = try EncoderModel.chosen(.lossy(quality: quality, tuning: .visual))
    let distortion = VisualDistortion(ModelInput(image), model.decoder)
    var costs: [Double] = []
    for effort in [1, 7] {
      var options = EncoderOptions.lossy(quality: quality, tuning: .visual)
      options.effort = effort
      let encoded = try await encode(image, options)
      let decoded = try await decode(encoded.bytes)
      var errors = Tensor(height: 64, width: 96, channels: 3)
      for c in 0..<3 {
        for i in 0..<64 * 96 {
          errors.values[3 * i + c] =
            16 * (Int16(image.planes[c][i]) - Int16(decoded.planes[c][i]))
        }
      }
      let weight = QualityPosition(quality: quality).lambda / 3
      let value = try await distortion(errors, jobs: 1).value
      costs.append(Double(8 * encoded.bytes.count) + weight * value)
    }
    #expect(costs[1] < costs[0])
  }

  @Test(arguments: [2, 6]) func theSearchDoesNotDependOnThreads(effort: Int) async throws {
    let image = SyntheticImages.image(.init(.rgb, 8), width: 800, height: 20)
    var options = EncoderOptions.lossy(quality: 30, tuning: .visual)
    options.effort = effort
    options.verify = false
    let alone = try await encode(image, options)
    options.jobs = 3
    #expect(try await encode(image, options) == alone)
  }
}

extension EncoderOptions {
  fileprivate static func lossy(quality: Double, tuning: Tuning) -> EncoderOptions {
    var options = EncoderOptions.lossy(quality: quality)
    options.tuning = tuning
    return options
  }
}
