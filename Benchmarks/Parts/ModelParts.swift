import CKernels

/// A convolution of the learned model, over positions of one row.
private struct Layer {
  var name: String
  var outputs: Int
  /// Rows and columns.
  var side: Int
  var inputs: Int
  /// Between positions: 2 for one half of a checkerboard.
  var step = 1
}

/// The kinds of convolution that the shipped model has; outputs rounded up to 16.
private let layers = [
  Layer(name: "96 to 192", outputs: 192, side: 1, inputs: 96),
  Layer(name: "192 to 96", outputs: 96, side: 1, inputs: 192),
  Layer(name: "96 to 384", outputs: 384, side: 1, inputs: 96),
  Layer(name: "3x3, 48 to 96", outputs: 96, side: 3, inputs: 48),
  Layer(name: "3x3, 80 to 96", outputs: 96, side: 3, inputs: 80),
  Layer(name: "5x5, 24 to 96, every other", outputs: 96, side: 5, inputs: 24, step: 2),
  Layer(name: "2x2, 192 to 192", outputs: 192, side: 2, inputs: 192),
  Layer(name: "16 to 32", outputs: 32, side: 1, inputs: 16),
  Layer(name: "32 to 16", outputs: 16, side: 1, inputs: 32),
]

private let positions = 96
private let valueCount = 1 << 14

/// Kernels of the learned model, per value that they give.
func modelParts() -> [Part] {
  forEachTable(ck_model_kernels_for) { isa, kernels in
    layers.map { convolution($0, isa, kernels) } + [
      depthwise(96, isa, kernels), depthwise(32, isa, kernels),
      requantization(isa, kernels), addition(isa, kernels),
    ]
  }
}

private func convolution(_ layer: Layer, _ isa: ck_isa, _ kernels: ck_model_kernels) -> Part {
  var noise = Noise(state: 4)
  let rowLength = layer.side * layer.inputs
  let stride = (positions * layer.step + layer.side) * layer.inputs
  let x: [Int16] = noise.integers(layer.side * stride, in: -999...999)
  let weights: [Int16] = noise.integers(layer.outputs * layer.side * rowLength, in: -99...99)
  let bias: [Int32] = noise.integers(layer.outputs, in: -999...999)
  var sums = [Int32](repeating: 0, count: positions * layer.outputs)
  return Part(
    name: "convolve \(layer.name)", isa: isa, sampleCount: sums.count,
    multiplyAdds: .int16(sums.count * layer.side * rowLength)
  ) {
    kernels.convolve(
      x, stride, layer.side, rowLength, layer.step * layer.inputs, weights, bias, &sums,
      layer.outputs, positions)
  }
}

private func depthwise(_ channels: Int, _ isa: ck_isa, _ kernels: ck_model_kernels) -> Part {
  var noise = Noise(state: 5)
  let stride = (positions + 2) * channels
  let x: [Int16] = noise.integers(3 * stride, in: -999...999)
  let weights: [Int16] = noise.integers(9 * channels, in: -99...99)
  let bias: [Int32] = noise.integers(channels, in: -999...999)
  var sums = [Int32](repeating: 0, count: positions * channels)
  return Part(
    name: "depthwise 3x3, \(channels)", isa: isa, sampleCount: sums.count,
    multiplyAdds: .int16(9 * sums.count)
  ) {
    kernels.depthwise3(x, stride, weights, bias, &sums, channels, positions)
  }
}

private func requantization(_ isa: ck_isa, _ kernels: ck_model_kernels) -> Part {
  var noise = Noise(state: 6)
  let sums: [Int32] = noise.integers(valueCount, in: -9_999_999...9_999_999)
  var y = [Int16](repeating: 0, count: valueCount)
  return Part(name: "requantize", isa: isa, sampleCount: valueCount) {
    kernels.requantize(sums, 12, 1, &y, valueCount)
  }
}

private func addition(_ isa: ck_isa, _ kernels: ck_model_kernels) -> Part {
  var noise = Noise(state: 7)
  let x: [Int16] = noise.integers(valueCount, in: -9...9)
  var y = [Int16](repeating: 0, count: valueCount)
  return Part(name: "add", isa: isa, sampleCount: valueCount) { kernels.add(&y, x, valueCount) }
}
