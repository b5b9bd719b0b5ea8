/// The learned synthesis: quantised latents → x̂ and the residual's scale, in integers.
package struct LatentDecoder: Sendable {
  /// Fraction bits of what is added to the latents, which have 6: at low rates steps are large.
  package static let correctionFractionBits = 9

  package let input: Convolution
  private let bias: Weights.Table
  package let blocks: [Block]
  package let output: Convolution
  package let side: Convolution
  /// The transposed 16×16 transform as a 2×2 convolution to 8×8 pixels, moved by half a block.
  package let synthesis: Convolution
  package let postInput: Convolution
  package let postBlocks: [Block]
  package let postOutput: Convolution
  let scaleOutput: Convolution
  /// The synthesis with outputs in the order of 2×2 pixels: row and column of those, then row,
  /// column and colour inside.
  let pixelBlocks: PackedLayer

  /// Latents around a tile that reach its pixels.
  package let halo: Int
  /// Of the synthesis, for the post-filter, besides the twelve of 2×2 pixels.
  package let sideChannels: Int

  /// What the latents say about some pixels.
  package struct Output: Sendable {
    /// x̂ − 128 in sixteenths of an 8-bit step, three channels.
    package var mean: Tensor
    /// ⌊4 log₂(16 σ)⌋ of the residual, for 2×2 pixels each, three channels; 0 ... 63. Nil where
    /// only pixels were asked for.
    package var scale: Tensor?

    package init(
      mean: Tensor, scale: Tensor? = nil
    ) {
      self.mean = mean
      self.scale = scale
    }
  }

  package init(_ weights: Weights) throws(CodecError) {
    let shape = weights.shape
    let (latents, width, post) = (shape.latents, shape.width, shape.postWidth)
    halo = shape.halo
    sideChannels = shape.sideChannels
    input = try weights.convolution("decoder.in", inputs: latents, outputs: width)
    bias = try weights.table("decoder.bias", rows: QualityPosition.anchorCount, columns: width)
    blocks = try weights.blocks("decoder", channels: width, shape.synthesis)
    output = try weights.convolution("decoder.out", inputs: width, outputs: latents)
    side = try weights.convolution(
      "decoder.side", inputs: width, outputs: 16 * shape.sideChannels)
    synthesis = try weights.convolution(
      "synthesis", inputs: latents, outputs: 192, rows: 2, columns: 2)
    pixelBlocks = synthesis.packed.reordered(LatentDecoder.pixelOrder)
    postInput = try weights.convolution(
      "post.in", inputs: 12 + shape.sideChannels, outputs: post, rows: 3, columns: 3)
    postBlocks = try weights.blocks("post", channels: post, shape.post)
    postOutput = try weights.convolution(
      "post.out", inputs: post, outputs: 12, rows: 3, columns: 3)
    scaleOutput = try weights.convolution(
      "post.scale", inputs: post, outputs: 3, rows: 3, columns: 3)
  }

  /// Where the outputs of 2×2 pixels stand in a block of 8×8, which is row, column, colour.
  private static let pixelOrder: [Int] = {
    var order: [Int] = []
    for y in stride(from: 0, to: 8, by: 2) {
      for x in stride(from: 0, to: 8, by: 2) {
        for dy in 0...1 { for i in 0..<6 { order.append(((y + dy) * 8 + x) * 3 + i) } }
      }
    }
    return order
  }()

  /// The features' bias at a position of the range of rates.
  func bias(at position: QualityPosition) -> [Int16] {
    position.interpolate(bias).map { Int16(clamping: $0) }
  }

  /// Pixels of the latents `rows` × `columns`, given the latents around them; with the residual's
  /// scale if `hasScale`.
  package func callAsFunction(
    _ latents: LatentMap, rows: Range<Int>, columns: Range<Int>, position: QualityPosition,
    gains: Gains, hasScale: Bool
  ) -> Output {
    let run = SynthesisRun(
      self, latents, rows: rows.scaled(by: 8), columns: columns.scaled(by: 8), position: position,
      gains: gains, hasScale: hasScale)
    var scale =
      hasScale
      ? Tensor(height: run.rows.count, width: run.columns.count, channels: 3) : nil
    let mean = run.mean(rows: rows.scaled(by: 8), columns: columns.scaled(by: 8)) { y in
      guard hasScale else { return }
      let count = 3 * run.columns.count
      scale!.values.withUnsafeMutableBufferPointer {
        ($0.baseAddress! + (y - run.rows.lowerBound) * count).update(
          from: run.scaleRow(y), count: count)
      }
    }
    return Output(mean: mean, scale: scale)
  }

  /// x̂ of some pixels and of those near them.
  package struct Surrounded: Sendable {
    package var mean: Tensor
    /// The pixels that were asked for, in `mean`.
    package var rows: Range<Int>
    package var columns: Range<Int>

    package init(
      mean: Tensor, rows: Range<Int>, columns: Range<Int>
    ) {
      self.mean = mean
      self.rows = rows
      self.columns = columns
    }
  }

  /// Pixels of the latents `rows` × `columns`, and as many around them as a ``WienerFilter`` looks
  /// at and the image has.
  package func surrounded(
    _ latents: LatentMap, rows: Range<Int>, columns: Range<Int>, position: QualityPosition,
    gains: Gains
  ) -> Surrounded {
    let (rows, columns) = (rows.scaled(by: 8), columns.scaled(by: 8))
    let kept = WienerFilter.area(
      rows: rows, columns: columns, height: 8 * latents.height, width: 8 * latents.tensor.width)
    let run = SynthesisRun(
      self, latents, rows: kept.rows, columns: kept.columns, position: position, gains: gains,
      hasScale: false)
    return Surrounded(
      mean: run.mean(rows: kept.rows, columns: kept.columns) { _ in },
      rows: rows.shifted(by: -kept.rows.lowerBound),
      columns: columns.shifted(by: -kept.columns.lowerBound))
  }

  /// The activations up to the last layers.
  package struct Trace: Sendable {
    /// The input of every block, then the features.
    package var features: [Tensor]
    /// The pixels before the post-filter.
    package var linear: Tensor
    /// The input of every block of the post-filter, then that of its last layers before they are
    /// leaky.
    package var post: [Tensor]
    /// The input of its last layers.
    package var hidden: Tensor
  }

  /// The squared norm of every channel's synthesis kernel; near 1.
  package var norms: [Double] { synthesis.squaredNorms }

  /// The same for an image whose decoder shows the mean of the three channels.
  package var greyNorms: [Double] { synthesis.greyNorms }

  package func trace(_ q: Tensor, position: QualityPosition, gains: Gains) -> Trace {
    var features = input(q)
    features.add(bias(at: position), leaky: true)
    let inputs = blocks.inputs(features)
    features = inputs[blocks.count]
    let linear = transform(coefficients(q, correction: output(features), gains: gains))
    let post = postBlocks.inputs(
      postInput.same(postFeatures(linear, side: side(features).depthToSpace(4)), leaky: true))
    return Trace(
      features: inputs, linear: linear, post: post, hidden: post[postBlocks.count].leaky())
  }

  /// (q + correction) · step: transform coefficients in sixteenths of an 8-bit step.
  private func coefficients(_ q: Tensor, correction: Tensor, gains: Gains) -> Tensor {
    let shift = Int64(Gains.stepFractionBits + LatentDecoder.correctionFractionBits - 4)
    var result = q
    let channels = q.channels
    result.values.withUnsafeMutableBufferPointer { values in
      for p in 0..<q.height * q.width {
        for c in 0..<channels {
          let i = p &* channels &+ c
          let latent = Int64(values[i]) << (LatentDecoder.correctionFractionBits - 6)
          let sum = latent &+ Int64(correction.values[i])
          values[i] = Int16(clamping: (sum &* gains.steps[c] &+ 1 << (shift - 1)) >> shift)
        }
      }
    }
    return result
  }

  /// The inverse transform; 8×8 pixels per latent, three channels.
  private func transform(_ coefficients: Tensor) -> Tensor {
    // Block (i, j) of the convolution covers the pixels from 8 i − 4 and 8 j − 4.
    let shifted = synthesis(coefficients.padded(by: 1)).depthToSpace(8)
    return shifted.cropped(
      rows: 4..<4 + coefficients.height * 8, columns: 4..<4 + coefficients.width * 8)
  }

  /// 2×2 pixels (row, column, channel) and the side channels, at half resolution.
  private func postFeatures(_ linear: Tensor, side: Tensor) -> Tensor {
    let sideCount = sideChannels
    let channels = 12 + sideCount
    var result = Tensor(height: linear.height / 2, width: linear.width / 2, channels: channels)
    for y in 0..<result.height {
      for x in 0..<result.width {
        let target = (y * result.width + x) * channels
        for dy in 0...1 {
          let source = ((2 * y + dy) * linear.width + 2 * x) * 3
          for i in 0..<6 { result.values[target + dy * 6 + i] = linear.values[source + i] }
        }
        let source = (y * result.width + x) * sideCount
        for i in 0..<sideCount { result.values[target + 12 + i] = side.values[source + i] }
      }
    }
    return result
  }
}
