internal import CKernels
internal import DecoderCore

/// Derivatives of a cost by the values of a ``Tensor``; the encoder's alone.
struct Gradient: Sendable {
  let height: Int
  let width: Int
  let channels: Int
  /// As those of a tensor.
  var values: [Float]

  init(height: Int, width: Int, channels: Int) {
    self.height = height
    self.width = width
    self.channels = channels
    values = [Float](repeating: 0, count: height * width * channels)
  }

  init(height: Int, width: Int, channels: Int, values: [Float]) {
    precondition(values.count == height * width * channels)
    self.height = height
    self.width = width
    self.channels = channels
    self.values = values
  }

  mutating func add(_ other: Gradient) {
    precondition(values.count == other.values.count)
    values.withUnsafeMutableBufferPointer { values in
      other.values.withUnsafeBufferPointer { other in
        for i in 0..<values.count { values[i] += other[i] }
      }
    }
  }

  /// Back through a leaky ReLU, given its input or its output: both have the same sign.
  mutating func passLeaky(_ activation: Tensor) {
    precondition(values.count == activation.values.count)
    values.withUnsafeMutableBufferPointer { values in
      activation.values.withUnsafeBufferPointer { activation in
        for i in 0..<values.count { values[i] *= activation[i] < 0 ? 0.125 : 1 }
      }
    }
  }

  /// The values as integers of up to `limit`; `factor` is what they were multiplied by.
  func quantised(limit: Float) -> (tensor: Tensor, factor: Float) {
    var (squares, peak): (Float, Float) = (0, 0)
    SearchKernels.best.measure(values, values.count, &squares, &peak)
    // Single large values are cut, so that the others keep their precision.
    let deviation = (squares / Float(max(values.count, 1))).squareRoot()
    let top = min(peak, 64 * deviation)
    let factor = top > 0 ? limit / top : 1
    let integers = [Int16](unsafeUninitializedCapacity: values.count) { target, initialized in
      guard let base = target.baseAddress else { return }
      SearchKernels.best.quantise(values, factor, limit, base, values.count)
      initialized = values.count
    }
    return (Tensor(height: height, width: width, channels: channels, values: integers), factor)
  }

  /// Values that were integers, times `unit`.
  init(height: Int, width: Int, channels: Int, sums: [Int32], unit: Float) {
    let count = height * width * channels
    precondition(sums.count >= count)
    let values = [Float](unsafeUninitializedCapacity: count) { target, initialized in
      guard let base = target.baseAddress else { return }
      SearchKernels.best.restore(sums, unit, base, count)
      initialized = count
    }
    self.init(height: height, width: width, channels: channels, values: values)
  }
}

/// Takes a gradient back through a convolution of odd size, stride 1 and zeros around.
struct ConvolutionGradient: Sendable {
  private let transposed: Convolution
  private let scale: Float
  /// The largest gradient that cannot overflow a sum.
  private let limit: Float

  /// `fractionBits`: how many more the layer's result has than the gradients that come from it.
  init(of layer: Convolution, fractionBits: Int = 0) {
    var weights: [Int16] = []
    weights.reserveCapacity(layer.outputs * layer.rows * layer.columns * layer.inputs)
    var largest = 1
    for input in 0..<layer.inputs {
      var sum = 0
      for row in (0..<layer.rows).reversed() {
        for column in (0..<layer.columns).reversed() {
          for output in 0..<layer.outputs {
            let weight = layer.weight(output: output, row: row, column: column, input: input)
            weights.append(weight)
            sum += abs(Int(weight))
          }
        }
      }
      largest = max(largest, sum)
    }
    transposed = Convolution(
      outputs: layer.inputs, rows: layer.rows, columns: layer.columns, inputs: layer.outputs,
      shift: 1, bias: [Int32](repeating: 0, count: layer.inputs), weights: weights)
    scale = 1 / Float(1 << (layer.shift + fractionBits))
    limit = min(32000, Float(Int32.max / 2) / Float(largest))
  }

  func callAsFunction(_ gradient: Gradient) -> Gradient {
    let (integers, factor) = gradient.quantised(limit: limit)
    let padded = integers.padded(by: transposed.rows / 2)
    var result = Gradient(
      height: gradient.height, width: gradient.width, channels: transposed.outputs)
    let unit = scale / factor
    let rowLength = gradient.width * transposed.outputs
    var sums: [Int32] = []
    for row in 0..<gradient.height {
      // Nobody takes the gradient then.
      if Task.isCancelled { break }
      transposed.accumulate(padded, row: row, positions: .init(count: gradient.width), into: &sums)
      let start = row * rowLength
      result.values.withUnsafeMutableBufferPointer { values in
        SearchKernels.best.restore(sums, unit, values.baseAddress! + start, rowLength)
      }
    }
    return result
  }
}

/// Takes a gradient back through a ``Depthwise`` convolution.
struct DepthwiseGradient: Sendable {
  private let transposed: Depthwise
  private let limit: Float
  private let scale: Float

  init(of layer: Depthwise) {
    transposed = layer.transposed
    limit = min(32000, Float(Int32.max / 2) / Float(layer.largestSum))
    scale = 1 / Float(1 << layer.shift)
  }

  func callAsFunction(_ gradient: Gradient) -> Gradient {
    let (integers, factor) = gradient.quantised(limit: limit)
    let unit = scale / factor
    return Gradient(
      height: gradient.height, width: gradient.width, channels: gradient.channels,
      sums: transposed.sums(integers), unit: unit)
  }
}

/// Takes a gradient back through a ``Block``.
struct BlockGradient: Sendable {
  private let block: Block
  private let depthwise: DepthwiseGradient
  private let expand: ConvolutionGradient
  private let project: ConvolutionGradient

  init(of block: Block) {
    self.block = block
    depthwise = DepthwiseGradient(of: block.depthwise)
    expand = ConvolutionGradient(of: block.expand)
    project = ConvolutionGradient(of: block.project)
  }

  /// `x`: the block's input.
  func callAsFunction(_ gradient: Gradient, at x: Tensor) -> Gradient {
    var inner = project(gradient)
    inner.passLeaky(block.expand(block.depthwise(x), leaky: true))
    var result = depthwise(expand(inner))
    result.add(gradient)
    return result
  }
}

extension [BlockGradient] {
  /// Back through blocks that follow each other; `inputs` begins with the input of each.
  func callAsFunction(_ gradient: Gradient, at inputs: [Tensor]) -> Gradient {
    var gradient = gradient
    for index in indices.reversed() { gradient = self[index](gradient, at: inputs[index]) }
    return gradient
  }
}
