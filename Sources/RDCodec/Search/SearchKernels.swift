internal import CKernels
internal import DecoderCore

typealias KernelInputs = ck_inputs
typealias KernelActivation = ck_activation
typealias SearchKernels = ck_search_kernels

extension ck_search_kernels {
  /// The fastest ones of this machine, or those that `RDCODEC_ISA` names.
  static let best = ck_search_kernels_for(ck_isa_current())!.pointee
}

/// A convolution forwards or backwards over any runs of inputs, as ``ck_search_kernels`` wants it.
struct SearchLayer: Sendable {
  /// A multiple of 8.
  let outputs: Int
  let shift: Int
  /// Of all taps together.
  let inputs: Int
  private let weights: [Int16]
  private var bias: [Int32]

  /// `taps`: how many inputs each one has, in the order of the runs; `weight` gives that of an
  /// output, a tap and one of its inputs.
  init(
    outputs: Int, taps: [Int], shift: Int, bias: [Int32],
    weight: (_ output: Int, _ tap: Int, _ input: Int) -> Int16
  ) {
    precondition(outputs.isMultiple(of: 8) && (1...30).contains(shift))
    self.outputs = outputs
    self.shift = shift
    inputs = taps.reduce(0, +)
    let blocks = (outputs + 15) / 16
    var packed = [Int16](repeating: 0, count: blocks * 16 * inputs)
    for output in 0..<outputs {
      var start = output / 16 * 16 * inputs
      for (tap, count) in taps.enumerated() {
        for input in 0..<count {
          packed[start + input / 2 * 32 + output % 16 * 2 + input % 2] = weight(output, tap, input)
        }
        start += 16 * count
      }
    }
    weights = packed
    self.bias = Array(bias.prefix(outputs)) + Array(repeating: 0, count: 16 * blocks - outputs)
  }

  /// A layer of the model with all its taps: each run is a row of them.
  init(rowsOf layer: Convolution) {
    precondition(layer.outputs.isMultiple(of: 8) && (1...30).contains(layer.shift))
    outputs = layer.outputs
    shift = layer.shift
    inputs = layer.rows * layer.columns * layer.inputs
    weights = layer.packedWeights
    bias = layer.bias + Array(repeating: 0, count: weights.count / inputs - outputs)
  }

  /// The same with more bias, in units of its results.
  func adding(bias more: [Int32]) -> SearchLayer {
    var layer = self
    for (output, value) in more.enumerated() { layer.bias[output] &+= value &<< Int32(shift) }
    return layer
  }

  /// The words of signs that a position has.
  var signWords: Int { (outputs + 15) / 16 }

  /// Writes `count` positions to `y`, Int16 or for CK_SUMS Int32; only CK_LEAKY and CK_MASKED touch `signs`.
  func callAsFunction(
    _ runs: [KernelInputs], _ activation: KernelActivation, to y: UnsafeMutableRawPointer,
    signs: UnsafeMutablePointer<UInt16>? = nil, count: Int
  ) {
    assert(runs.reduce(0) { $0 + 2 * $1.pairs } == inputs)
    weights.withUnsafeBufferPointer { weights in
      bias.withUnsafeBufferPointer { bias in
        var layer = ck_search_layer(
          weights: weights.baseAddress!, bias: bias.baseAddress!, outputs: outputs,
          shift: Int32(shift), activation: activation)
        runs.withUnsafeBufferPointer { runs in
          SearchKernels.best.layer(&layer, runs.baseAddress!, runs.count, y, signs, count)
        }
      }
    }
  }
}

/// A place that a convolution looks at.
struct Tap: Sendable, Equatable {
  var row: Int
  var column: Int
}

extension SearchLayer {
  /// A layer of the model as it is, at some of its taps; `inputs`: parts of its
  /// inputs, each of which has runs of its own, one part after the other.
  init(_ layer: Convolution, _ taps: [Tap], inputs: [Range<Int>]? = nil) {
    let parts = inputs ?? [0..<layer.inputs]
    let runs = parts.flatMap { part in taps.map { ($0, part) } }
    let (row, column) = (layer.rows / 2, layer.columns / 2)
    self.init(
      outputs: layer.outputs, taps: runs.map(\.1.count), shift: layer.shift, bias: layer.bias
    ) { output, index, input in
      let (tap, part) = runs[index]
      return layer.weight(
        output: output, row: row + tap.row, column: column + tap.column,
        input: part.lowerBound + input)
    }
  }

  /// A layer of the model at the tap in its middle.
  init(_ layer: Convolution) {
    if layer.rows == 1 && layer.columns == 1 {
      self.init(rowsOf: layer)
    } else {
      self.init(layer, [Tap(row: 0, column: 0)])
    }
  }

  /// Gradients of a layer's results → gradients of some of its `inputs`, which lie at the `taps`
  /// from the results. Integers get 2^`finer` times finer on the way.
  init(back layer: Convolution, _ taps: [Tap], inputs: Range<Int>? = nil, finer: Int = 0) {
    let inputs = inputs ?? 0..<layer.inputs
    let (row, column) = (layer.rows / 2, layer.columns / 2)
    self.init(
      outputs: inputs.count, taps: taps.map { _ in layer.outputs },
      shift: min(max(layer.shift - finer, 1), 27),
      bias: [Int32](repeating: 0, count: inputs.count)
    ) { output, tap, input in
      layer.weight(
        output: input, row: row - taps[tap].row, column: column - taps[tap].column,
        input: inputs.lowerBound + output)
    }
  }

  /// The same at the only tap.
  init(back layer: Convolution, finer: Int = 0) {
    self.init(back: layer, [Tap(row: 0, column: 0)], finer: finer)
  }
}

extension Convolution {
  /// log₂ of how much larger gradients get on their way back, if they are like noise; rounded.
  var gradientGrowth: Int {
    let mean = squaredNorms.reduce(0, +) / Double(inputs)
    // Of a power: its exponent and whether the rest is above √2.
    let half = mean.squareRoot()
    return Int(half.exponent) + (half.significand > 1.414 ? 1 : 0)
  }
}
