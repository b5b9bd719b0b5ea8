internal import CKernels

/// A convolution in integers: y = saturate((w ∗ x + b) · 2^−shift), rounded.
package struct Convolution: Sendable {
  package let outputs: Int
  package let rows: Int
  package let columns: Int
  package let inputs: Int
  package let shift: Int
  /// What kernels read.
  let packed: PackedLayer

  /// `weights`: outputs × rows × columns × inputs.
  package init(
    outputs: Int, rows: Int, columns: Int, inputs: Int, shift: Int, bias: [Int32],
    weights: [Int16]
  ) {
    precondition(weights.count == outputs * rows * columns * inputs && bias.count == outputs)
    self.outputs = outputs
    self.rows = rows
    self.columns = columns
    self.inputs = inputs
    self.shift = shift
    packed = PackedLayer(
      outputs: outputs, segments: rows, length: columns * inputs, shift: shift, bias: bias,
      weights: weights)
  }

  /// What each output adds to its sum.
  package var bias: [Int32] { (0..<outputs).map { packed.bias[$0] } }

  /// The weight of input `input` of tap (`row`, `column`) in output `output`.
  package func weight(output: Int, row: Int, column: Int, input: Int) -> Int16 {
    let i = column * inputs + input
    let pair = ((output / 16) * rows + row) * (columns * inputs / 2) + i / 2
    return packed.weights[pair * 32 + (output % 16) * 2 + i % 2]
  }

  /// All weights in the order of kernels: blocks of 16 outputs, the last filled with zeros; of each,
  /// pairs of inputs, tap after tap; of each pair, two weights of every output.
  package var packedWeights: [Int16] { Array(packed.allWeights) }

  /// For each input, the sum of its weights' squares.
  package var squaredNorms: [Double] {
    (0..<inputs).map { input in
      var sum = 0.0
      for output in 0..<outputs {
        for row in 0..<rows {
          for column in 0..<columns {
            let value = Double(weight(output: output, row: row, column: column, input: input))
            sum += value * value
          }
        }
      }
      return max(sum / Double(UInt64(1) << UInt64(2 * shift)), 0x1p-8)
    }
  }

  /// Where the positions that are computed lie in one output row.
  package struct Positions {
    package var start = 0
    package var step = 1
    package var count: Int

    package init(
      start: Int = 0, step: Int = 1, count: Int
    ) {
      self.start = start
      self.step = step
      self.count = count
    }
  }

  /// The convolution at every position where the kernel lies inside `x`, `stride` apart.
  package func callAsFunction(_ x: Tensor, stride: Int = 1, leaky: Bool = false) -> Tensor {
    precondition(x.channels == inputs && x.height >= rows && x.width >= columns)
    let (height, width) = ((x.height - rows) / stride + 1, (x.width - columns) / stride + 1)
    let segments = Buffer<UnsafePointer<Int16>?>(zeroed: rows)
    return Tensor(height: height, width: width, channels: outputs) { y in
      x.values.withUnsafeBufferPointer { values in
        for row in 0..<height {
          for r in 0..<rows { segments[r] = values.baseAddress! + (row * stride + r) * x.rowStride }
          packed(
            UnsafePointer(segments.base), step: stride * inputs,
            to: y.baseAddress! + row * width * outputs, yStep: outputs, count: width,
            leaky ? .leaky : [])
        }
      }
    }
  }

  /// The same with zeros around `x`, so that the output has its size (odd kernels, stride 1).
  package func same(_ x: Tensor, leaky: Bool = false) -> Tensor {
    self(x.padded(by: rows / 2), leaky: leaky)
  }

  /// Writes the sums before requantisation for some positions of one output row.
  package func accumulate(_ x: Tensor, row: Int, positions: Positions, into sums: inout [Int32]) {
    let needed = positions.count * packed.paddedOutputs
    if sums.count < needed { sums = [Int32](repeating: 0, count: needed) }
    ModelKernels.best.convolve(
      x.values, offset: row * x.rowStride + positions.start * inputs, rowStride: x.rowStride,
      rows: rows, rowLength: columns * inputs, step: positions.step * inputs,
      weights: packed.weights.base, bias: packed.bias.base, outputs: packed.paddedOutputs,
      sums: &sums, count: positions.count)
    removePadding(&sums, count: positions.count)
  }

  /// Requantises `count` positions of sums to `y` from `offset`.
  package func requantize(
    _ sums: [Int32], count: Int, leaky: Bool, to y: inout [Int16], offset: Int
  ) {
    ModelKernels.best.requantize(
      sums, shift: shift, leaky: leaky, to: &y, offset: offset, count: count * outputs)
  }

  private func removePadding(_ sums: inout [Int32], count: Int) {
    guard packed.paddedOutputs != outputs else { return }
    for p in 1..<max(count, 1) {
      for o in 0..<outputs { sums[p * outputs + o] = sums[p * packed.paddedOutputs + o] }
    }
  }
}

/// A 3×3 convolution of every channel by itself, with zeros around the input.
package struct Depthwise: Sendable {
  package let channels: Int
  package let shift: Int
  package let bias: [Int32]
  package let weights: [Int16]

  /// `weights`: 9 × channels, tap by tap.
  package init(channels: Int, shift: Int, bias: [Int32], weights: [Int16]) {
    precondition(bias.count == channels && weights.count == 9 * channels)
    self.channels = channels
    self.shift = shift
    self.bias = bias
    self.weights = weights
  }

  /// The same with taps mirrored and without bias: takes gradients back.
  package var transposed: Depthwise {
    Depthwise(
      channels: channels, shift: shift, bias: [Int32](repeating: 0, count: channels),
      weights: (0..<9).flatMap { weights[(8 - $0) * channels..<(9 - $0) * channels] })
  }

  /// The largest sum of a channel's |weights|.
  package var largestSum: Int {
    (0..<channels).map { c in
      (0..<9).reduce(1) { $0 + abs(Int(weights[$1 * channels + c])) }
    }.max() ?? 1
  }

  /// The sums before requantisation.
  package func sums(_ x: Tensor) -> [Int32] {
    let padded = x.padded(by: 1)
    var result: [Int32] = []
    result.reserveCapacity(x.values.count)
    var sums = [Int32](repeating: 0, count: x.rowStride)
    for row in 0..<x.height {
      ModelKernels.best.depthwise(
        padded.values, offset: row * padded.rowStride, rowStride: padded.rowStride,
        weights: weights, bias: bias, sums: &sums, count: x.width)
      result += sums
    }
    return result
  }

  package func callAsFunction(_ x: Tensor) -> Tensor {
    precondition(x.channels == channels)
    let padded = x.padded(by: 1)
    return Tensor(height: x.height, width: x.width, channels: channels) { y in
      padded.values.withUnsafeBufferPointer { values in
        for row in 0..<x.height {
          let above = values.baseAddress! + row * padded.rowStride
          self(
            (above, above + padded.rowStride, above + 2 * padded.rowStride),
            to: y.baseAddress! + row * x.rowStride, count: x.width)
        }
      }
    }
  }

  /// One row of `count` positions from three, which begin one position before.
  func callAsFunction(
    _ x: (UnsafePointer<Int16>, UnsafePointer<Int16>, UnsafePointer<Int16>),
    to y: UnsafeMutablePointer<Int16>, count: Int
  ) {
    withRows(x) {
      ModelKernels.best.call.depthwise_row($0, weights, bias, Int32(shift), y, channels, count)
    }
  }
}

/// Three rows as kernels take them.
@inline(__always)
func withRows<Value, Result>(
  _ x: (UnsafePointer<Value>, UnsafePointer<Value>, UnsafePointer<Value>),
  _ body: (UnsafePointer<UnsafePointer<Value>?>) -> Result
) -> Result {
  var rows: (UnsafePointer<Value>?, UnsafePointer<Value>?, UnsafePointer<Value>?) = x
  return withUnsafeBytes(of: &rows) {
    body($0.baseAddress!.assumingMemoryBound(to: UnsafePointer<Value>?.self))
  }
}

/// Depthwise 3×3, then two pointwise layers, added to the input.
package struct Block: Sendable {
  package let depthwise: Depthwise
  package let expand: Convolution
  package let project: Convolution

  package init(_ weights: Weights, _ name: String, channels: Int, expansion: Int) throws(CodecError)
  {
    depthwise = try weights.depthwise(name + ".depthwise", channels: channels)
    expand = try weights.convolution(
      name + ".expand", inputs: channels, outputs: channels * expansion)
    project = try weights.convolution(
      name + ".project", inputs: channels * expansion, outputs: channels)
  }

  package func callAsFunction(_ x: Tensor) -> Tensor {
    var y = x
    y.add(project(expand(depthwise(x), leaky: true)))
    return y
  }
}

extension [Block] {
  /// What the blocks one after the other make of `x`.
  package func callAsFunction(_ x: Tensor) -> Tensor {
    var y = x
    for block in self { y = block(y) }
    return y
  }

  /// The input of every block, then what the last one makes of it.
  package func inputs(_ x: Tensor) -> [Tensor] {
    var inputs = [x]
    for block in self { inputs.append(block(inputs[inputs.count - 1])) }
    return inputs
  }
}
