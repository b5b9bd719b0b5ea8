import CKernels
import TestSupport
import Testing

@testable import DecoderCore
@testable import RDCodec

/// The search's kernels, and its layers over the checkerboard's halves.
@Suite struct ModelSearchKernelsTests {
  private static let tables = [CK_ISA_PORTABLE, CK_ISA_AVX2, CK_ISA_AVX512].compactMap {
    ck_search_kernels_for($0)?.pointee
  }

  private static func noise(_ count: Int, seed: UInt64, shift: Int16 = 0) -> [Int16] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { _ in Int16(truncatingIfNeeded: random.next()) >> shift }
  }

  /// What all tables make of the same input.
  private static func results<Value: Equatable>(_ body: (ck_search_kernels) -> Value) -> [Value] {
    tables.map(body)
  }

  @Test(
    arguments: [CK_LINEAR, CK_LEAKY, CK_MASKED, CK_ADDED, CK_SUMS].map(\.rawValue),
    [8, 16, 24, 96, 200])
  func layersAreTheSameOnAllInstructionSets(activation: UInt32, outputs: Int) {
    let x = Self.noise(4000, seed: 1)
    let blocks = (outputs + 15) / 16
    for count in [0, 1, 2, 5, 6, 7, 13, 31] {
      let weights = Self.noise(blocks * 32 * 21, seed: UInt64(count), shift: 3)
      let bias = (0..<16 * blocks).map { Int32($0 * 1001 - 5000) }
      let results = Self.results { kernels -> [Int16] in
        // As large as sums; the last values tell whether too much is written.
        var y = Self.noise(2 * outputs * count + 32, seed: 5)
        var signs = Self.noise(blocks * count + 4, seed: 6).map { UInt16(bitPattern: $0) }
        x.withUnsafeBufferPointer { x in
          let inputs = [
            ck_inputs(x: x.baseAddress!, step: 10, pairs: 7),
            ck_inputs(x: x.baseAddress! + 501, step: 33, pairs: 14),
          ]
          var layer = ck_search_layer(
            weights: weights.withUnsafeBufferPointer { $0.baseAddress! },
            bias: bias.withUnsafeBufferPointer { $0.baseAddress! }, outputs: outputs, shift: 9,
            activation: ck_activation(rawValue: activation))
          withExtendedLifetime((weights, bias)) {
            kernels.layer(&layer, inputs, 2, &y, &signs, count)
          }
        }
        return y + signs.map { Int16(bitPattern: $0) }
      }
      #expect(results.allSatisfy { $0 == results[0] })
    }
  }

  @Test(arguments: [8, 24, 96]) func rowsAreTheSameOnAllInstructionSets(channels: Int) {
    for count in [0, 1, 3, 8, 19] {
      let size = channels * count
      let x = Self.noise(size + 1, seed: 2)
      let z = Self.noise(size + 1, seed: 3)
      let factors = (0..<channels).map { Float($0) * 0.037 - 0.4 }
      let sums = x.map { Int32($0) * 321 }
      let floats = x.map { Float($0) * 0.731 }
      let words = count * ((channels + 15) / 16) + 1
      let results = Self.results { kernels -> [Double] in
        var y = z
        var all: [Double] = []
        var signs = [UInt16](repeating: 0, count: words)
        func note() { all += y.map(Double.init) + signs.map(Double.init) }
        kernels.leaky(x, &y, &signs, channels, count)
        note()
        kernels.masked(&y, signs, channels, count)
        note()
        kernels.add(&y, x, size)
        note()
        kernels.errors(x, z, 2000, &y, size)
        note()
        kernels.scale(sums, factors, &y, channels, count)
        note()
        kernels.move(&y, x, factors, channels, count)
        note()
        kernels.pull(&y, z, channels, x, factors, 0.55, 48, channels, count)
        note()
        kernels.compand(x, &y, size)
        note()
        kernels.quantise(floats, 0.3, 30000, &y, size)
        note()
        var (squares, peak): (Float, Float) = (0, 0)
        kernels.measure(floats, size, &squares, &peak)
        var restored = floats
        kernels.restore(sums, 0.01, &restored, size)
        all += [Double(squares), Double(peak), Double(kernels.dot(sums, sums, size))]
        return all + restored.map(Double.init)
      }
      #expect(results.allSatisfy { $0 == results[0] })
    }
  }

  @Test(arguments: [1, 3, 5]) func halvesSeeWhatAConvolutionSees(size: Int) {
    let (height, width, channels, outputs) = (6, 8, 4, 8)
    let layer = Convolution(
      outputs: outputs, rows: size, columns: size, inputs: channels, shift: 8,
      bias: (0..<outputs).map { Int32($0 * 100) },
      weights: Self.noise(outputs * size * size * channels, seed: 4, shift: 4))
    let x = Tensor.noise(height: height, width: width, channels: channels)
    let expected = layer.same(x)
    let reach = size / 2
    let halves = HalfPlanes(height: height, width: width, channels: channels, reach: reach)
    x.values.withUnsafeBufferPointer { x in
      for row in 0..<height {
        halves.split(x.baseAddress! + row * width * channels, row: row)
      }
    }
    let search = SearchLayer(layer, HalfPlanes.taps(reach: reach, .both))
    let results = HalfPlanes(height: height, width: width, channels: outputs, reach: 0)
    for half in 0...1 {
      for row in 0..<height {
        search(
          halves.inputs(half, row: row, reach: reach, .both), CK_LINEAR,
          to: results.row(half, row), count: width / 2)
      }
    }
    var joined = Tensor(height: height, width: width, channels: outputs)
    joined.values.withUnsafeMutableBufferPointer { values in
      for row in 0..<height {
        results.join(row: row, to: values.baseAddress! + row * width * outputs)
      }
    }
    #expect(joined == expected)
  }

  @Test func errorsGoBackThroughTheSynthesis() throws {
    let model = try EncoderModel.embedded.get()
    let image = SyntheticImages.image(.init(.rgb, 8), width: 61, height: 45)
    let input = ModelInput(image)
    let (height, width) = (input.latentHeight, input.latentWidth)
    let channels = model.shape.latents
    let pixels = input.pixels(rows: 0..<height * 8, columns: 0..<width * 8)
    // Close to the image: what is far away is cut.
    var mean = Tensor.noise(height: height * 8, width: width * 8, channels: 3, limit: 400)
    for i in mean.values.indices { mean.values[i] += pixels.values[i] >> 3 }
    var y = Tensor(height: height, width: width, channels: channels)
    SynthesisGradient(model.decoder.synthesis).move(
      &y, from: 0, errorsOf: mean, in: input, rows: 0..<height, columns: 0..<width,
      meanOrigin: (0, 0), factors: [Float](repeating: 1, count: channels))
    let errors = Tensor.of(height: height * 8, width: width * 8, channels: 3) { row, column, c in
      guard row < input.height, column < input.width else { return 0 }
      let place = (row * width * 8 + column) * 3 + c
      return Int(LatentSearch.error(pixels.values[place], mean.values[place]))
    }
    let expected = AdjointSynthesis(of: model.decoder.synthesis)(Gradient(errors))
    let largest = zip(y.values, expected.values).map { abs(Float($0) - $1) }.max() ?? 0
    let peak = expected.values.map { abs($0) }.max() ?? 0
    #expect(peak > 100)
    #expect(largest < 1 + 0.001 * peak)
  }
}
