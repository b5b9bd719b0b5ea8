internal import CKernels
internal import DecoderCore

/// The layers of ``PriorPass`` that see hyperlatents.
extension PriorPass {
  /// The features of hyperlatents, and the signs that the way back needs.
  struct Features {
    let base: HalfPlanes
    fileprivate let input: Signs
    fileprivate let blocks: [Signs]
    fileprivate let priorBlocks: [Signs]
  }

  /// Of all positions of a layer.
  fileprivate final class Signs {
    let words: Buffer<UInt16>
    init(_ count: Int) { words = Buffer(zeroed: count) }
  }

  func features(_ hyperlatents: Tensor, _ position: QualityPosition) -> Features {
    let (height, width) = (hyperlatents.height, hyperlatents.width)
    let source = SearchPlane(
      height: height, width: width, channels: hyperlatents.channels, border: 1)
    for row in 0..<height {
      let target = source.row(row)
      let start = row * hyperlatents.rowStride
      for i in 0..<hyperlatents.rowStride {
        target[i] = Int16(clamping: Int(hyperlatents.values[start + i]) * 16)
      }
    }
    let channels = hyper.input.outputs
    var plane = SearchPlane(height: height, width: width, channels: channels, border: 1)
    let input = Signs(height * width * hyper.input.signWords)
    for row in 0..<height {
      hyper.input(
        source.inputsAround(row: row), CK_LEAKY, to: plane.row(row),
        signs: input.words.base + row * width * hyper.input.signWords, count: width)
    }
    let blocks = forward(hyper.blocks, &plane)
    plane = spread(plane, bias: position.interpolate(prior.bias).map { Int16(clamping: $0) })
    let priorBlocks = forward(hyper.priorBlocks, &plane)
    let base = HalfPlanes(height: 2 * height, width: 2 * width, channels: channels, reach: 0)
    for row in 0..<2 * height { base.split(plane.row(row), row: row) }
    return Features(base: base, input: input, blocks: blocks, priorBlocks: priorBlocks)
  }

  private func forward(_ blocks: [SearchBlock], _ plane: inout SearchPlane) -> [Signs] {
    blocks.map { block in
      let signs = Signs(plane.height * plane.width * block.signWords)
      let next = SearchPlane(
        height: plane.height, width: plane.width, channels: plane.channels, border: 1)
      block.forward(plane, signs: signs.words.base, to: next)
      plane = next
      return signs
    }
  }

  /// From hyperlatents' positions to four times as many, plus what the quality adds.
  private func spread(_ plane: SearchPlane, bias: [Int16]) -> SearchPlane {
    let (width, channels) = (plane.width, plane.channels)
    let result = SearchPlane(
      height: 2 * plane.height, width: 2 * width, channels: channels, border: 1)
    let deep = SearchPlane(height: 1, width: width, channels: hyper.output.outputs)
    let biases = SearchPlane(height: 1, width: 2 * width, channels: channels)
    for i in 0..<2 * width * channels { biases.row(0)[i] = bias[i % channels] }
    for row in 0..<plane.height {
      hyper.output([plane.inputs(row: row)], CK_LINEAR, to: deep.row(0), count: width)
      for below in 0...1 {
        let target = result.row(2 * row + below)
        for x in 0..<width {
          (target + 2 * x * channels).update(
            from: deep.row(0) + (4 * x + 2 * below) * channels, count: 2 * channels)
        }
        SearchKernels.best.add(target, biases.row(0), 2 * width * channels)
      }
    }
    return result
  }

  /// Back from the features to the hyperlatents.
  func hyperGradient(_ atBase: HalfPlanes, _ features: Features) -> Gradient {
    let (height, width, channels) = (atBase.height / 2, atBase.count, atBase.channels)
    let atFeatures = SearchPlane(height: 2 * height, width: 2 * width, channels: channels)
    for row in 0..<2 * height { atBase.join(row: row, to: atFeatures.row(row)) }
    for (block, signs) in zip(hyper.priorBlocks, features.priorBlocks).reversed() {
      block.backward(atFeatures, signs: signs.words)
    }
    let deep = SearchPlane(height: 1, width: width, channels: 4 * channels)
    let gradient = SearchPlane(height: height, width: width, channels: channels, border: 1)
    for row in 0..<height {
      for below in 0...1 {
        let source = atFeatures.row(2 * row + below)
        for x in 0..<width {
          (deep.row(0) + (4 * x + 2 * below) * channels).update(
            from: source + 2 * x * channels, count: 2 * channels)
        }
      }
      hyper.backOutput([deep.inputs(row: 0)], CK_LINEAR, to: gradient.row(row), count: width)
    }
    for (block, signs) in zip(hyper.blocks, features.blocks).reversed() {
      block.backward(gradient, signs: signs.words)
    }
    var result = Gradient(height: height, width: width, channels: hyper.backInput.outputs)
    let values = SearchPlane(height: 1, width: width, channels: result.channels)
    // Layers see hyperlatents times 16.
    let unit = Float(sign: .plus, exponent: 4 - hyper.bits, significand: 1)
    for row in 0..<height {
      SearchKernels.best.masked(
        gradient.row(row), features.input.words.base + row * width * hyper.input.signWords,
        channels, width)
    }
    for row in 0..<height {
      hyper.backInput(
        gradient.inputsAround(row: row), CK_LINEAR, to: values.row(0), count: width)
      let start = row * width * result.channels
      for i in 0..<width * result.channels {
        result.values[start + i] = Float(values.row(0)[i]) * unit
      }
    }
    return result
  }

  /// What hyperlatents cost.
  func hyperBits(_ hyperlatents: Tensor, _ position: QualityPosition) -> Double {
    let scales = position.interpolate(prior.hyperScale).map { Prior.scaleIndex($0) }
    var bits = 0
    for (i, value) in hyperlatents.values.enumerated() {
      bits += Int(costs.bits(of: Int32(value), scale: scales[i % scales.count]))
    }
    return Double(bits) / 256
  }
}
