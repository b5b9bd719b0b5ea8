internal import DecoderCore

/// The learned analysis: image → latents before quantisation. Not normative.
struct LatentEncoder: Sendable {
  private let analysis: Convolution
  private let input: Convolution
  private let bias: Weights.Table
  private let blocks: [Block]
  private let output: Convolution

  /// Latents around a tile that reach its latents: each block sees one further.
  private let halo: Int

  init(_ weights: Weights) throws(CodecError) {
    let latents = weights.shape.latents
    halo = weights.shape.analysisHalo
    analysis = try weights.convolution(
      "analysis", inputs: 3, outputs: latents, rows: 16, columns: 16)
    input = try weights.convolution("encoder.in", inputs: latents, outputs: latents)
    bias = try weights.table("encoder.bias", rows: QualityPosition.anchorCount, columns: latents)
    blocks = try weights.blocks("encoder", channels: latents, weights.shape.analysis)
    output = try weights.convolution("encoder.out", inputs: latents, outputs: latents)
  }

  /// The latents `rows` × `columns` of an image, in 1/64 of their quantisation step.
  func callAsFunction(
    _ image: ModelInput, rows: Range<Int>, columns: Range<Int>, position: QualityPosition,
    gains: Gains
  ) -> Tensor {
    let outerRows = rows.expanded(by: halo, within: 0..<image.latentHeight)
    let outerColumns = columns.expanded(by: halo, within: 0..<image.latentWidth)
    let pixels = image.pixels(
      rows: outerRows.lowerBound * 8 - 4..<outerRows.upperBound * 8 + 4,
      columns: outerColumns.lowerBound * 8 - 4..<outerColumns.upperBound * 8 + 4)
    var y = quantisationUnits(
      of: pixels, height: outerRows.count, width: outerColumns.count, gains: gains)
    var features = input(LatentEncoder.compand(y))
    features.add(position.interpolate(bias).map { Int16(clamping: $0) }, leaky: true)
    for block in blocks { features = block(features) }
    y.add(output(features))
    return y.cropped(
      rows: rows.shifted(by: -outerRows.lowerBound),
      columns: columns.shifted(by: -outerColumns.lowerBound))
  }

  private func quantisationUnits(
    of pixels: Tensor, height: Int, width: Int, gains: Gains
  ) -> Tensor {
    let factors = gains.reciprocals.map { $0 * 64 / Double(1 << analysis.shift) }
    let channels = analysis.outputs
    var y = Tensor(height: height, width: width, channels: channels)
    var sums: [Int32] = []
    for row in 0..<height {
      analysis.accumulate(
        pixels, row: row * 8, positions: .init(step: 8, count: width), into: &sums)
      let start = row * y.rowStride
      let channels = factors.count
      y.values.withUnsafeMutableBufferPointer { values in
        for column in 0..<width {
          for c in 0..<channels {
            let i = column * channels + c
            let value = (Double(sums[i]) * factors[c]).rounded()
            values[start + i] = Int16(min(max(value, -32768), 32767))
          }
        }
      }
    }
    return y
  }

  /// sign(v) · log₂(1 + |v|), linear between powers of two; v in 1/64, the result in 1/1024.
  static func compand(_ y: Tensor) -> Tensor {
    var result = y
    result.values.withUnsafeMutableBufferPointer { values in
      for place in values.indices {
        let value = values[place]
        let magnitude = 64 &+ UInt32(value.magnitude)
        let exponent = 31 &- magnitude.leadingZeroBitCount
        let mantissa = Int(magnitude &<< 10) &>> exponent  // 1024 ..< 2048
        let size = (exponent &- 6) &<< 10 &+ mantissa &- 1024
        values[place] = Int16(truncatingIfNeeded: value < 0 ? -size : size)
      }
    }
    return result
  }
}
