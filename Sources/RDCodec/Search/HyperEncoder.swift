internal import DecoderCore

/// The hyperlatents that latents suggest. Not normative.
struct HyperEncoder: Sendable {
  private let input: Convolution
  private let block: Block
  private let down: Convolution
  private let last: Block
  private let output: Convolution

  init(_ weights: Weights) throws(CodecError) {
    let shape = weights.shape
    let (latents, hyperlatents, width) = (shape.latents, shape.hyperlatents, shape.width)
    let expansion = shape.hyperSynthesis.expansion
    input = try weights.convolution("hyper_encoder.in", inputs: latents, outputs: width)
    block = try Block(weights, "hyper_encoder.0", channels: width, expansion: expansion)
    down = try weights.convolution(
      "hyper_encoder.down", inputs: width, outputs: width, rows: 2, columns: 2)
    last = try Block(weights, "hyper_encoder.1", channels: width, expansion: expansion)
    output = try weights.convolution("hyper_encoder.out", inputs: width, outputs: hyperlatents)
  }

  /// The hyperlatents of a tile's latents `y` (1/64 step) before rounding, in 1/1024.
  func callAsFunction(_ y: Tensor) -> Tensor {
    var features = input(LatentEncoder.compand(y), leaky: true)
    features = block(features)
    features = last(down(features, stride: 2, leaky: true))
    return output(features)
  }
}
