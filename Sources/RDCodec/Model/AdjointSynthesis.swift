/// The transpose of the linear synthesis: errors of pixels → the gradient for coefficients.
struct AdjointSynthesis: Sendable {
  /// From blocks of 8×8 pixels, moved by half a block, to the coefficients that reach them.
  private let convolution: Convolution
  /// The squared norm of every channel's kernel; near 1.
  let norms: [Double]

  /// `synthesis`: 2×2 taps from coefficients to blocks of 8×8 pixels.
  init(of synthesis: Convolution) {
    let (outputs, inputs) = (synthesis.outputs, synthesis.inputs)
    var weights: [Int16] = []
    var norms: [Double] = []
    weights.reserveCapacity(4 * outputs * inputs)
    for c in 0..<inputs {
      var sum = 0.0
      for row in 0...1 {
        for column in 0...1 {
          for p in 0..<outputs {
            let weight = synthesis.weight(output: p, row: 1 - row, column: 1 - column, input: c)
            weights.append(weight)
            sum += Double(weight) * Double(weight)
          }
        }
      }
      norms.append(max(sum / Double(1 << (2 * synthesis.shift)), 0x1p-8))
    }
    self.norms = norms
    convolution = Convolution(
      outputs: inputs, rows: 2, columns: 2, inputs: outputs, shift: synthesis.shift,
      bias: [Int32](repeating: 0, count: inputs), weights: weights)
  }

  /// The gradient for the coefficients of height × width positions, in the unit of `errors`:
  /// three channels of 8 · (height + 1) × 8 · (width + 1) pixels, from four above and left of them.
  func callAsFunction(_ errors: Tensor) -> Tensor {
    convolution(errors.spaceToDepth(8))
  }
}

extension Tensor {
  /// Undoes `depthToSpace`.
  func spaceToDepth(_ factor: Int) -> Tensor {
    var result = Tensor(
      height: height / factor, width: width / factor, channels: channels * factor * factor)
    let run = factor * channels
    for y in 0..<result.height {
      for x in 0..<result.width {
        for dy in 0..<factor {
          let target = (y * result.width + x) * result.channels + dy * run
          let source = (y * factor + dy) * rowStride + x * run
          for i in 0..<run { result.values[target + i] = values[source + i] }
        }
      }
    }
    return result
  }
}
