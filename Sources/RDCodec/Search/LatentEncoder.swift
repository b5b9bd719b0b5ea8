internal import CKernels
internal import DecoderCore

/// The learned analysis: image → latents before quantisation. Not normative.
struct LatentEncoder: Sendable {
  private static let side = 16
  private static let stride = 8
  private static let colors = 3

  /// Its taps are rows of pixels.
  private let analysis: SearchLayer
  /// 2^−fraction bits of the analysis.
  private let unit: Double
  private let input: SearchLayer
  private let bias: Weights.Table
  private let blocks: [SearchBlock]
  private let output: SearchLayer
  /// Latents around a tile that its own are seen with. Each block sees one further; what is more
  /// than two away changes them little.
  private let halo: Int

  init(_ weights: Weights) throws(CodecError) {
    let latents = weights.shape.latents
    halo = min(weights.shape.analysisHalo, 2)
    let (side, colors) = (LatentEncoder.side, LatentEncoder.colors)
    let transform = try weights.convolution(
      "analysis", inputs: colors, outputs: latents, rows: side, columns: side)
    analysis = SearchLayer(rowsOf: transform)
    unit = 1 / Double(1 << transform.shift)
    input = SearchLayer(try weights.convolution("encoder.in", inputs: latents, outputs: latents))
    bias = try weights.table("encoder.bias", rows: QualityPosition.anchorCount, columns: latents)
    blocks = try weights.blocks("encoder", channels: latents, weights.shape.analysis)
      .map { SearchBlock($0, goesBack: false) }
    output = SearchLayer(try weights.convolution("encoder.out", inputs: latents, outputs: latents))
  }

  /// The latents `rows` × `columns` of an image, in 1/64 of their quantisation step.
  func callAsFunction(
    _ image: ModelInput, rows: Range<Int>, columns: Range<Int>, position: QualityPosition,
    gains: Gains
  ) -> Tensor {
    let outerRows = rows.expanded(by: halo, within: 0..<image.latentHeight)
    let outerColumns = columns.expanded(by: halo, within: 0..<image.latentWidth)
    let (height, width, channels) = (outerRows.count, outerColumns.count, analysis.outputs)
    let y = quantisationUnits(of: image, rows: outerRows, columns: outerColumns, gains: gains)
    var features = SearchPlane(height: height, width: width, channels: channels, border: 1)
    let input = input.adding(bias: position.interpolate(bias))
    let companded = SearchPlane(height: 1, width: width, channels: channels)
    let signs = Buffer<UInt16>(zeroed: width * input.signWords)
    for row in 0..<height {
      SearchKernels.best.compand(y.row(row), companded.row(0), width * channels)
      input(
        [companded.inputs(row: 0)], CK_LEAKY, to: features.row(row), signs: signs.base,
        count: width)
    }
    var next = SearchPlane(height: height, width: width, channels: channels, border: 1)
    for block in blocks {
      if Task.isCancelled { break }
      block.forward(features, signs: nil, to: next)
      swap(&features, &next)
    }
    var values: [Int16] = []
    values.reserveCapacity(rows.count * columns.count * channels)
    let first = columns.lowerBound - outerColumns.lowerBound
    for row in rows.shifted(by: -outerRows.lowerBound) {
      output([features.inputs(row: row)], CK_ADDED, to: y.row(row), count: width)
      values += UnsafeBufferPointer(start: y.row(row, first), count: columns.count * channels)
    }
    return Tensor(
      height: rows.count, width: columns.count, channels: channels, values: values)
  }

  private func quantisationUnits(
    of image: ModelInput, rows: Range<Int>, columns: Range<Int>, gains: Gains
  ) -> SearchPlane {
    let factors = gains.reciprocals.map { Float($0 * 64 * unit) }
    let y = SearchPlane(height: rows.count, width: columns.count, channels: analysis.outputs)
    let sums = Buffer<Int32>(zeroed: columns.count * analysis.outputs)
    let (side, stride, colors) = (LatentEncoder.side, LatentEncoder.stride, LatentEncoder.colors)
    // Kernels begin four pixels before their latent's block.
    let margin = (side - stride) / 2
    let seen = columns.lowerBound * stride - margin..<columns.upperBound * stride + margin
    for (row, latent) in rows.enumerated() {
      if Task.isCancelled { break }
      let start = latent * stride - margin
      let pixels = image.pixels(rows: start..<start + side, columns: seen)
      pixels.values.withUnsafeBufferPointer { pixels in
        let inputs = (0..<side).map { line in
          KernelInputs(
            x: pixels.baseAddress! + line * seen.count * colors, step: stride * colors,
            pairs: side * colors / 2)
        }
        analysis(inputs, CK_SUMS, to: sums.base, count: columns.count)
      }
      SearchKernels.best.scale(
        sums.base, factors, y.row(row), analysis.outputs, columns.count)
    }
    return y
  }

  /// sign(v) · log₂(1 + |v|), linear between powers of two; v in 1/64, the result in 1/1024.
  static func compand(_ y: Tensor) -> Tensor {
    var result = y
    result.values.withUnsafeMutableBufferPointer { values in
      SearchKernels.best.compand(y.values, values.baseAddress!, values.count)
    }
    return result
  }
}
