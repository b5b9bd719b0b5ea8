internal import CKernels

/// A convolution's constants in the order in which kernels read them.
package final class PackedLayer: @unchecked Sendable {
  /// What becomes of a layer's values.
  package struct Finish: OptionSet, Sendable {
    package let rawValue: Int32
    package init(rawValue: Int32) { self.rawValue = rawValue }

    /// max(v, v / 8).
    package static let leaky = Finish(rawValue: Int32(CK_LAYER_LEAKY))
    /// They are added to what is there, saturating.
    package static let adds = Finish(rawValue: Int32(CK_LAYER_ADDS))
  }

  // All are written once, in initialisers.
  let weights: Buffer<Int16>
  let bias: Buffer<Int32>
  private let kernel: Buffer<KernelLayer>
  private let kernels = ModelKernels.best

  /// Outputs rounded up to the kernels' blocks of 16; the extra ones are zero.
  let paddedOutputs: Int

  /// `weights`: `outputs` × `segments` × `length`.
  init(
    outputs: Int, segments: Int, length: Int, shift: Int, bias: [Int32], weights: [Int16]
  ) {
    paddedOutputs = (outputs + 15) / 16 * 16
    self.weights = Buffer(zeroed: paddedOutputs * segments * length)
    self.bias = Buffer(zeroed: paddedOutputs)
    kernel = Buffer(zeroed: 1)
    for o in 0..<outputs { self.bias[o] = bias[o] }
    let packed = self.weights.base
    weights.withUnsafeBufferPointer { weights in
      for o in 0..<outputs {
        for s in 0..<segments {
          let source = (o &* segments &+ s) &* length
          let target = (o / 16 &* segments &+ s) &* (length / 2) &* 32 &+ o % 16 &* 2
          for i in 0..<length {
            packed[target &+ (i &>> 1) &* 32 &+ (i & 1)] = weights[source &+ i]
          }
        }
      }
    }
    setKernel(outputs: outputs, segments: segments, length: length, shift: shift)
  }

  /// Parts of `layer`: its outputs `order`, and of their inputs the runs of `length` at `runs`.
  private init(
    _ layer: PackedLayer, outputs order: [Int], runs: [(segment: Int, start: Int)], length: Int
  ) {
    let old = layer.kernel[0]
    paddedOutputs = (order.count + 15) / 16 * 16
    weights = Buffer(zeroed: paddedOutputs * runs.count * length)
    bias = Buffer(zeroed: paddedOutputs)
    kernel = Buffer(zeroed: 1)
    for (place, output) in order.enumerated() {
      bias[place] = layer.bias[output]
      for (index, run) in runs.enumerated() {
        for i in 0..<length / 2 {
          let source =
            ((output / 16 * old.segments + run.segment) * (old.length / 2) + run.start / 2 + i) * 32
            + output % 16 * 2
          let target = ((place / 16 * runs.count + index) * (length / 2) + i) * 32 + place % 16 * 2
          weights[target] = layer.weights[source]
          weights[target + 1] = layer.weights[source + 1]
        }
      }
    }
    setKernel(
      outputs: order.count, segments: runs.count, length: length, shift: Int(old.shift))
  }

  private func setKernel(outputs: Int, segments: Int, length: Int, shift: Int) {
    kernel[0] = KernelLayer(
      weights: UnsafePointer(weights.base), bias: UnsafePointer(bias.base), segments: segments,
      length: length, outputs: paddedOutputs, kept: outputs, shift: Int32(shift))
  }

  var allWeights: UnsafeBufferPointer<Int16> {
    UnsafeBufferPointer(start: weights.base, count: weights.count)
  }

  /// The same with outputs in another order.
  func reordered(_ order: [Int]) -> PackedLayer {
    let old = kernel[0]
    return PackedLayer(
      self, outputs: order, runs: (0..<old.segments).map { ($0, 0) }, length: old.length)
  }

  /// The same with a segment for each of some taps of a row and a column, `inputs` each.
  func taps(_ taps: [(row: Int, column: Int)], inputs: Int) -> PackedLayer {
    PackedLayer(
      self, outputs: Array(0..<kernel[0].kept),
      runs: taps.map { (segment: $0.row, start: $0.column * inputs) }, length: inputs)
  }

  /// See `layer` in ck_model.h. All memory that it says is there.
  @inline(__always)
  package func callAsFunction(
    _ x: KernelRows, step: Int, to y: UnsafeMutablePointer<Int16>, yStep: Int, count: Int,
    _ finish: Finish = []
  ) {
    kernels.call.layer(kernel.base, x, step, y, yStep, count, finish.rawValue)
  }

  /// The same for a layer of one segment.
  @inline(__always)
  package func callAsFunction(
    _ x: UnsafePointer<Int16>, step: Int, to y: UnsafeMutablePointer<Int16>, yStep: Int,
    count: Int, _ finish: Finish = []
  ) {
    var segment: UnsafePointer<Int16>? = x
    withUnsafePointer(to: &segment) {
      kernels.call.layer(kernel.base, $0, step, y, yStep, count, finish.rawValue)
    }
  }
}
