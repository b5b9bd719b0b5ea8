import TestSupport
import Testing

@testable import DecoderCore
@testable import RDCodec

/// Layers against plain loops over their definition.
@Suite struct ModelConvolutionTests {
  struct Shape: Sendable, CustomTestStringConvertible {
    var outputs: Int
    var rows: Int
    var columns: Int
    var inputs: Int
    var testDescription: String { "\(outputs) × \(rows) × \(columns) × \(inputs)" }
  }

  private struct Layer {
    let shape: Shape
    let shift = 9
    let bias: [Int32]
    let weights: [Int16]

    init(_ shape: Shape, seed: UInt64) {
      var random = SplitMix64(seed: seed)
      self.shape = shape
      bias = (0..<shape.outputs).map { _ in .random(in: -100_000...100_000, using: &random) }
      weights = (0..<shape.outputs * shape.rows * shape.columns * shape.inputs).map { _ in
        .random(in: -3000...3000, using: &random)
      }
    }

    var convolution: Convolution {
      Convolution(
        outputs: shape.outputs, rows: shape.rows, columns: shape.columns, inputs: shape.inputs,
        shift: shift, bias: bias, weights: weights)
    }

    /// The sum for output `o` with the kernel's corner at (y, x), before requantisation.
    func sum(_ input: Tensor, _ y: Int, _ x: Int, _ o: Int) -> Int {
      var sum = Int(bias[o])
      for r in 0..<shape.rows {
        for c in 0..<shape.columns {
          for i in 0..<shape.inputs {
            let place = ((o * shape.rows + r) * shape.columns + c) * shape.inputs + i
            sum += Int(weights[place]) * input.value(y + r, x + c, i)
          }
        }
      }
      return sum
    }

    func value(_ input: Tensor, _ y: Int, _ x: Int, _ o: Int, leaky: Bool) -> Int {
      let value = (sum(input, y, x, o) + 1 << (shift - 1)) >> shift
      return leaky && value < 0 ? value >> 3 : value
    }
  }

  static let shapes = [
    Shape(outputs: 1, rows: 1, columns: 1, inputs: 2),
    Shape(outputs: 16, rows: 3, columns: 3, inputs: 4),
    Shape(outputs: 20, rows: 2, columns: 2, inputs: 3),
    Shape(outputs: 33, rows: 1, columns: 1, inputs: 96),
    Shape(outputs: 3, rows: 5, columns: 5, inputs: 6),
  ]

  @Test(arguments: shapes, [1, 2])
  func everyPositionInsideIsASum(shape: Shape, stride: Int) {
    let layer = Layer(shape, seed: 3)
    let input = Tensor.noise(height: 8, width: 11, channels: shape.inputs)
    for leaky in [false, true] {
      let expected = Tensor.of(
        height: (8 - shape.rows) / stride + 1, width: (11 - shape.columns) / stride + 1,
        channels: shape.outputs
      ) { layer.value(input, $0 * stride, $1 * stride, $2, leaky: leaky) }
      #expect(layer.convolution(input, stride: stride, leaky: leaky) == expected)
    }
  }

  @Test(arguments: shapes.filter { $0.rows % 2 == 1 })
  func paddingKeepsTheSize(shape: Shape) {
    let layer = Layer(shape, seed: 4)
    let input = Tensor.noise(height: 4, width: 5, channels: shape.inputs)
    let margin = shape.rows / 2
    let expected = Tensor.of(height: 4, width: 5, channels: shape.outputs) {
      layer.value(input, $0 - margin, $1 - margin, $2, leaky: false)
    }
    #expect(layer.convolution.same(input) == expected)
  }

  @Test(arguments: shapes, [0, 1])
  func sumsOfEverySecondPosition(shape: Shape, start: Int) {
    let layer = Layer(shape, seed: 5)
    let input = Tensor.noise(height: 6, width: 13, channels: shape.inputs)
    let count = (13 - shape.columns - start) / 2 + 1
    // Larger than needed, and filled: what is left of another layer's sums must not matter.
    var sums = [Int32](repeating: -1, count: 5000)
    layer.convolution.accumulate(
      input, row: 1, positions: .init(start: start, step: 2, count: count), into: &sums)
    let expected = (0..<count * shape.outputs).map { place in
      Int32(layer.sum(input, 1, start + place / shape.outputs * 2, place % shape.outputs))
    }
    #expect(Array(sums.prefix(expected.count)) == expected)
  }

  @Test(arguments: [1, 8, 33])
  func depthwiseSeesOneChannel(channels: Int) {
    var random = SplitMix64(seed: 6)
    let bias = (0..<channels).map { _ in Int32.random(in: -9999...9999, using: &random) }
    let weights = (0..<9 * channels).map { _ in Int16.random(in: -900...900, using: &random) }
    let input = Tensor.noise(height: 5, width: 4, channels: channels)
    let expected = Tensor.of(height: 5, width: 4, channels: channels) { y, x, c in
      let sum = (0..<9).reduce(Int(bias[c])) { sum, tap in
        sum + Int(weights[tap * channels + c]) * input.value(y + tap / 3 - 1, x + tap % 3 - 1, c)
      }
      return (sum + 1 << 6) >> 7
    }
    let layer = Depthwise(channels: channels, shift: 7, bias: bias, weights: weights)
    #expect(layer(input) == expected)
  }
}
