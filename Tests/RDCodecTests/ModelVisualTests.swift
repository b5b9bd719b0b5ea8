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

  /// The sum over windows of 1 − (1 − (difference of means)²) · (contrast and structure), or of its fourth power.
  private static func dissimilarity(
    _ a: MetricPlane, _ b: MetricPlane, isFourthPower: Bool
  ) -> Double {
    let (size, c2) = (SSIM.windowSize, (0.03 * 255) * (0.03 * 255))
    var total = 0.0
    for y in 0...a.height - size {
      for x in 0...a.width - size {
        var sums = SIMD4<Double>.zero
        var product = 0.0
        for (i, down) in SSIM.window.enumerated() {
          for (j, across) in SSIM.window.enumerated() {
            let place = (y + i) * a.width + x + j
            let (u, v) = (Double(a.samples[place]), Double(b.samples[place]))
            sums += down * across * SIMD4(u, v, u * u, v * v)
            product += down * across * u * v
          }
        }
        let spread = sums[2] + sums[3] - sums[0] * sums[0] - sums[1] * sums[1] + c2
        let structure = (2 * (product - sums[0] * sums[1]) + c2) / spread
        let means = (sums[0] - sums[1]) / 255
        let distance = max(1 - (1 - means * means) * structure, 0)
        total += isFourthPower ? distance * distance * distance * distance : distance
      }
    }
    return total
  }

  @Test(arguments: [false, true]) func meansAreThoseOfTheMetric(isFourthPower: Bool) {
    let (a, b) = ModelVisualTests.planes(width: 37, height: 23)
    let exact = ModelVisualTests.dissimilarity(a, b, isFourthPower: isFourthPower)
    let slopes = SSIMSlopes(a, b, isFourthPower: isFourthPower)
    #expect(abs(slopes.mean * slopes.windowCount / exact - 1) < 1e-4)
  }

  @Test(arguments: [false, true]) func slopesAreThoseOfTheMetric(isFourthPower: Bool) {
    let (a, b) = ModelVisualTests.planes(width: 29, height: 17)
    let slopes = SSIMSlopes(a, b, isFourthPower: isFourthPower)
    // A corner, an edge, and the middle.
    for place in [0, 14, 8 * 29 + 14, 16 * 29 + 28] {
      var (above, below) = (b, b)
      above.samples[place] += 0.5
      below.samples[place] -= 0.5
      let rise =
        ModelVisualTests.dissimilarity(a, above, isFourthPower: isFourthPower)
        - ModelVisualTests.dissimilarity(a, below, isFourthPower: isFourthPower)
      let fall = -rise / (isFourthPower ? 4 : 1)
      #expect(abs(Double(slopes.slopes.samples[place]) - fall) < 0.01 * abs(fall) + 1e-6)
    }
  }

  @Test func curvatureIsWhatSmallDifferencesCost() {
    let (a, _) = ModelVisualTests.planes(width: 41, height: 41)
    let slopes = SSIMSlopes(a, a, isFourthPower: false)
    var b = a
    let place = 20 * 41 + 20
    b.samples[place] += 1
    let cost = ModelVisualTests.dissimilarity(a, b, isFourthPower: false)
    // Less the square of the means, which hold a twentieth of it.
    let curvature = Double(slopes.curvature.samples[place])
    #expect(cost < curvature && cost > 0.9 * curvature)
  }

  @Test func lostAndAddedDetailHaveTheirSlopes() {
    let (a, b) = ModelVisualTests.planes(width: 29, height: 17)
    func value(_ b: MetricPlane) -> Double {
      let edges = EdgeSlopes(a, b)
      return 3 * edges.ringing.fourthRoot + 2 * edges.blur.fourthRoot
    }
    var slopes = MetricPlane(width: 29, height: 17, samples: [Float](repeating: 0, count: 29 * 17))
    var curvature = slopes
    let sum = EdgeSlopes(a, b).add(
      ringing: 3, blur: 2, total: 1000, slopes: &slopes, curvature: &curvature)
    #expect(abs(sum - value(b)) < 1e-9)
    // The middle: near the ends the window's own slopes are not followed exactly.
    for place in [8 * 29 + 14, 7 * 29 + 11, 9 * 29 + 17] {
      var (above, below) = (b, b)
      above.samples[place] += 0.25
      below.samples[place] -= 0.25
      let fall = 1000 * (value(below) - value(above)) / 0.5
      #expect(abs(2 * Double(slopes.samples[place]) - fall) < 0.03 * abs(fall) + 1e-3)
    }
    #expect(curvature.samples.allSatisfy { $0 >= 0 })
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

  @Test func exactImagesHaveNoDistortion() async throws {
    let (input, errors, distortion, _) = try ModelVisualTests.example(width: 192, height: 176)
    let none = Tensor(height: errors.height, width: errors.width, channels: 3)
    let exact = try await distortion(none, jobs: 2)
    let local = try await distortion(errors, jobs: 2)
    // The roots of fourth powers have a floor.
    #expect(exact.value < 0.1 * local.value)
    #expect(exact.errors.values.allSatisfy { $0 == 0 })
    let tile = Tiling(width: input.width, height: input.height).tiles[0]
    #expect(local.curvature(tile).allSatisfy { $0 >= 0.45 })
    #expect(local.curvatureBound.values.allSatisfy { $0 >= 0.45 })
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
