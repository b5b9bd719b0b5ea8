internal import CKernels
internal import DecoderCore

/// Takes errors of pixels back through the synthesis, its corrections and the post-filter.
struct DecoderGradient: Sendable {
  private let decoder: LatentDecoder
  private let synthesis: AdjointSynthesis
  private let input: ConvolutionGradient
  private let blocks: [BlockGradient]
  private let output: ConvolutionGradient
  private let side: ConvolutionGradient
  private let postInput: ConvolutionGradient
  private let postBlocks: [BlockGradient]
  private let postOutput: ConvolutionGradient

  init(_ decoder: LatentDecoder) {
    self.decoder = decoder
    synthesis = AdjointSynthesis(of: decoder.synthesis)
    input = ConvolutionGradient(of: decoder.input)
    blocks = decoder.blocks.map(BlockGradient.init(of:))
    output = ConvolutionGradient(
      of: decoder.output, fractionBits: LatentDecoder.correctionFractionBits - 6)
    side = ConvolutionGradient(of: decoder.side)
    postInput = ConvolutionGradient(of: decoder.postInput)
    postBlocks = decoder.postBlocks.map(BlockGradient.init(of:))
    postOutput = ConvolutionGradient(of: decoder.postOutput)
  }

  /// Σ error · ∂x̂ / ∂z for every latent, errors in sixteenths and z in 1/64 step.
  ///
  /// - Parameters:
  ///   - latents: of the image, in 1/64 step.
  ///   - errors: of all its pixels, 8×8 for each latent, three channels.
  func callAsFunction(
    _ latents: Tensor, errors: Tensor, rows: Range<Int>, columns: Range<Int>,
    position: QualityPosition, gains: Gains
  ) -> Gradient {
    let outerRows = rows.expanded(by: decoder.halo, within: 0..<latents.height)
    let outerColumns = columns.expanded(by: decoder.halo, within: 0..<latents.width)
    let q = latents.cropped(rows: outerRows, columns: outerColumns)
    let tape = decoder.trace(q, position: position, gains: gains)
    var atPixels = Gradient(
      errors.cropped(rows: outerRows.scaled(by: 8), columns: outerColumns.scaled(by: 8)))

    let nothing = Gradient(height: rows.count, width: columns.count, channels: latents.channels)
    if Task.isCancelled { return nothing }
    var inner = postOutput(atPixels.spaceToDepth(2))
    inner.passLeaky(tape.hidden)
    inner = postBlocks(inner, at: tape.post)
    inner.passLeaky(tape.post[0])
    inner = postInput(inner)
    if Task.isCancelled { return nothing }
    atPixels.add(inner.channels(0..<12).depthToSpace(2))
    var atFeatures = side(
      inner.channels(12..<12 + decoder.sideChannels).spaceToDepth(4))

    var result = synthesis(atPixels)
    let steps = gains.steps.map { Float($0) / Float(1 << (Gains.stepFractionBits + 2)) }
    result.values.withUnsafeMutableBufferPointer { values in
      for start in stride(from: 0, to: values.count, by: steps.count) {
        for c in 0..<steps.count { values[start &+ c] *= steps[c] }
      }
    }
    if Task.isCancelled { return nothing }
    atFeatures.add(output(result))
    atFeatures = blocks(atFeatures, at: tape.features)
    atFeatures.passLeaky(tape.features[0])
    result.add(input(atFeatures))
    return result.cropped(
      rows: rows.shifted(by: -outerRows.lowerBound),
      columns: columns.shifted(by: -outerColumns.lowerBound))
  }
}

/// The transpose of the linear synthesis: gradients of pixels → gradients of coefficients.
struct AdjointSynthesis: Sendable {
  /// From blocks of 8×8 pixels, moved by half a block, to the coefficients that reach them.
  private let convolution: Convolution
  private let limit: Float
  private let scale: Float

  /// `synthesis`: 2×2 taps from coefficients to blocks of 8×8 pixels.
  init(of synthesis: Convolution) {
    let (outputs, inputs) = (synthesis.outputs, synthesis.inputs)
    var weights: [Int16] = []
    var largest = 1
    weights.reserveCapacity(4 * outputs * inputs)
    for c in 0..<inputs {
      var sum = 0
      for row in 0...1 {
        for column in 0...1 {
          for p in 0..<outputs {
            let weight = synthesis.weight(output: p, row: 1 - row, column: 1 - column, input: c)
            weights.append(weight)
            sum += abs(Int(weight))
          }
        }
      }
      largest = max(largest, sum)
    }
    limit = min(32000, Float(Int32.max / 2) / Float(largest))
    scale = 1 / Float(1 << synthesis.shift)
    convolution = Convolution(
      outputs: inputs, rows: 2, columns: 2, inputs: outputs, shift: 1,
      bias: [Int32](repeating: 0, count: inputs), weights: weights)
  }

  /// `gradient`: of three channels of 8×8 pixels for every coefficient.
  func callAsFunction(_ gradient: Gradient) -> Gradient {
    let (integers, factor) = gradient.quantised(limit: limit)
    // Half a block more on every side.
    let blocks = integers.padded(by: 4).spaceToDepth(8)
    var result = Gradient(
      height: gradient.height / 8, width: gradient.width / 8, channels: convolution.outputs)
    let rowLength = result.width * result.channels
    let unit = scale / factor
    var sums: [Int32] = []
    for row in 0..<result.height {
      convolution.accumulate(blocks, row: row, positions: .init(count: result.width), into: &sums)
      result.values.withUnsafeMutableBufferPointer { values in
        SearchKernels.best.restore(sums, unit, values.baseAddress! + row * rowLength, rowLength)
      }
    }
    return result
  }
}

extension Gradient {
  init(_ tensor: Tensor) {
    self.init(
      height: tensor.height, width: tensor.width, channels: tensor.channels,
      values: tensor.values.map(Float.init))
  }

  func channels(_ range: Range<Int>) -> Gradient {
    var result = Gradient(height: height, width: width, channels: range.count)
    for p in 0..<height * width {
      for (i, c) in range.enumerated() {
        result.values[p * range.count + i] = values[p * channels + c]
      }
    }
    return result
  }

  func cropped(rows: Range<Int>, columns: Range<Int>) -> Gradient {
    var result = Gradient(height: rows.count, width: columns.count, channels: channels)
    let length = columns.count * channels
    for (i, y) in rows.enumerated() {
      let source = (y * width + columns.lowerBound) * channels
      for k in 0..<length { result.values[i * length + k] = values[source + k] }
    }
    return result
  }

  /// Gathers `factor` × `factor` positions into channels.
  func spaceToDepth(_ factor: Int) -> Gradient {
    rearranged(
      Gradient(
        height: height / factor, width: width / factor, channels: channels * factor * factor),
      factor, gathers: true)
  }

  /// Undoes `spaceToDepth`.
  func depthToSpace(_ factor: Int) -> Gradient {
    rearranged(
      Gradient(
        height: height * factor, width: width * factor, channels: channels / (factor * factor)),
      factor, gathers: false)
  }

  private func rearranged(_ target: Gradient, _ factor: Int, gathers: Bool) -> Gradient {
    var result = target
    let deep = gathers ? target : self
    let flat = gathers ? self : target
    let run = factor * flat.channels
    for y in 0..<deep.height {
      for x in 0..<deep.width {
        for dy in 0..<factor {
          let inDeep = (y * deep.width + x) * deep.channels + dy * run
          let inFlat = ((y * factor + dy) * flat.width + x * factor) * flat.channels
          for i in 0..<run {
            if gathers {
              result.values[inDeep + i] = values[inFlat + i]
            } else {
              result.values[inFlat + i] = values[inDeep + i]
            }
          }
        }
      }
    }
    return result
  }
}

extension Tensor {
  /// Undoes `depthToSpace`.
  func spaceToDepth(_ factor: Int) -> Tensor {
    var result = Tensor(
      height: height / factor, width: width / factor, channels: channels * factor * factor)
    let run = factor * channels
    for y in 0..<result.height {
      for x in 0..<result.width {
        for dy in 0..<factor {
          let target = (y * result.width + x) * result.channels + dy * run
          let source = (y * factor + dy) * rowStride + x * run
          for i in 0..<run { result.values[target + i] = values[source + i] }
        }
      }
    }
    return result
  }
}
