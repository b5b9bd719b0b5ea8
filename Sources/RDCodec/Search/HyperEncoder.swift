internal import CKernels
internal import DecoderCore

/// The hyperlatents that latents suggest. Not normative.
struct HyperEncoder: Sendable {
  private let input: SearchLayer
  private let block: SearchBlock
  /// Its taps are rows of two positions.
  private let down: SearchLayer
  private let last: SearchBlock
  private let output: SearchLayer

  init(_ weights: Weights) throws(CodecError) {
    let shape = weights.shape
    let (latents, hyperlatents, width) = (shape.latents, shape.hyperlatents, shape.width)
    let expansion = shape.hyperSynthesis.expansion
    input = SearchLayer(
      try weights.convolution("hyper_encoder.in", inputs: latents, outputs: width))
    block = SearchBlock(
      try Block(weights, "hyper_encoder.0", channels: width, expansion: expansion), goesBack: false)
    let halving = try weights.convolution(
      "hyper_encoder.down", inputs: width, outputs: width, rows: 2, columns: 2)
    down = SearchLayer(rowsOf: halving)
    last = SearchBlock(
      try Block(weights, "hyper_encoder.1", channels: width, expansion: expansion), goesBack: false)
    output = SearchLayer(
      try weights.convolution("hyper_encoder.out", inputs: width, outputs: hyperlatents))
  }

  /// The hyperlatents of a tile's latents `y` (1/64 step) before rounding, in 1/1024.
  func callAsFunction(_ y: Tensor) -> Tensor {
    let width = input.outputs
    let features = SearchPlane(height: y.height, width: y.width, channels: width, border: 1)
    let companded = LatentEncoder.compand(y)
    let signs = Buffer<UInt16>(zeroed: y.width * input.signWords)
    companded.values.withUnsafeBufferPointer { values in
      for row in 0..<y.height {
        let inputs = KernelInputs(
          x: values.baseAddress! + row * y.rowStride, step: y.channels, pairs: y.channels / 2)
        input(
          [inputs], CK_LEAKY, to: features.row(row), signs: signs.base, count: y.width)
      }
    }
    let seen = SearchPlane(height: y.height, width: y.width, channels: width)
    block.forward(features, signs: nil, to: seen)
    let (rows, columns) = (y.height / 2, y.width / 2)
    let halved = SearchPlane(height: rows, width: columns, channels: width, border: 1)
    for row in 0..<rows {
      let inputs = [2 * row, 2 * row + 1].map { (row: Int) -> KernelInputs in
        KernelInputs(x: UnsafePointer(seen.row(row)), step: 2 * width, pairs: width)
      }
      down(inputs, CK_LEAKY, to: halved.row(row), signs: signs.base, count: columns)
    }
    let described = SearchPlane(height: rows, width: columns, channels: width)
    last.forward(halved, signs: nil, to: described)
    var result = Tensor(height: rows, width: columns, channels: output.outputs)
    let rowStride = result.rowStride
    result.values.withUnsafeMutableBufferPointer { values in
      for row in 0..<rows {
        output(
          [described.inputs(row: row)], CK_LINEAR, to: values.baseAddress! + row * rowStride,
          count: columns)
      }
    }
    return result
  }
}
