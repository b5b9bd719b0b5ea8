internal import DecoderCore

/// How the rate of a tile's latents changes with what is coded before: what that costs as context.
struct PriorGradient: Sendable {
  private let prior: Prior
  private let groups: [Group]
  private let blocks: [BlockGradient]
  private let hyperOutput: ConvolutionGradient
  private let hyperBlocks: [BlockGradient]
  private let hyperInput: ConvolutionGradient

  /// The change of R, in bits.
  struct Result {
    /// Per 1/64 step of every latent.
    var latents: Gradient
    /// Per step of every hyperlatent; what they cost themselves not included.
    var hyperlatents: Gradient
  }

  private struct Group: Sendable {
    let fromGroups: ConvolutionGradient?
    let fromAnchors: ConvolutionGradient
    let hidden: ConvolutionGradient
    let output: ConvolutionGradient

    init(_ group: Prior.Group) {
      fromGroups = group.fromGroups.map { ConvolutionGradient(of: $0) }
      fromAnchors = ConvolutionGradient(of: group.fromAnchors)
      hidden = ConvolutionGradient(of: group.hidden)
      output = ConvolutionGradient(of: group.output)
    }
  }

  init(_ prior: Prior) {
    self.prior = prior
    groups = prior.groups.map(Group.init)
    blocks = prior.blocks.map(BlockGradient.init(of:))
    hyperOutput = ConvolutionGradient(of: prior.hyperDecoderOutput)
    hyperBlocks = prior.hyperDecoderBlocks.map(BlockGradient.init(of:))
    hyperInput = ConvolutionGradient(of: prior.hyperDecoderInput)
  }

  /// The change of R through the means and scales of what is coded later; `y` are the targets that
  /// were rounded to `z`.
  func callAsFunction(
    _ z: Tensor, y: Tensor, hyperlatents: Tensor, position: QualityPosition
  ) -> Result {
    let trace = prior.trace(hyperlatents, position: position)
    let base = trace.features
    var atBase = Gradient(height: z.height, width: z.width, channels: base.channels)
    var result = Gradient(height: z.height, width: z.width, channels: z.channels)
    var start = 0
    for (index, group) in prior.groups.enumerated() {
      let layers = groups[index]
      var features = base
      if let fromGroups = group.fromGroups {
        features.add(fromGroups.same(z.channels(0..<start)))
      }
      let q = z.channels(start..<start + group.channels)
      var anchors = q
      for place in Prior.places(q, parity: 1) {
        for c in 0..<q.channels { anchors.values[place * q.channels + c] = 0 }
      }
      var atFeatures = Gradient(
        height: z.height, width: z.width, channels: features.channels)
      for parity in 0...1 {
        // Nobody takes the gradient then.
        if Task.isCancelled { break }
        var compact = Prior.gather(features, parity: parity)
        if parity == 1 { compact.add(prior.contextOfAnchors(anchors, group)) }
        let hidden = group.hidden(compact.leaky(), leaky: true)
        let places = Prior.places(z, parity: parity)
        var gradient = parameterGradient(
          group.output(hidden), places: places, channels: start..<start + group.channels, z: z, y: y
        )
        gradient = layers.output(gradient)
        gradient.passLeaky(hidden)
        gradient = layers.hidden(gradient)
        gradient.passLeaky(compact)
        var scattered = Gradient(
          height: z.height, width: z.width, channels: features.channels)
        let width = features.channels
        for (i, place) in places.enumerated() {
          for c in 0..<width {
            scattered.values[place * width + c] = gradient.values[i * width + c]
          }
        }
        if parity == 1 {
          let atAnchors = layers.fromAnchors(scattered)
          for place in Prior.places(z, parity: 0) {
            for c in 0..<q.channels {
              result.values[place * z.channels + start + c] +=
                atAnchors.values[place * q.channels + c]
            }
          }
        }
        atFeatures.add(scattered)
      }
      atBase.add(atFeatures)
      if let fromGroups = layers.fromGroups {
        let atGroups = fromGroups(atFeatures)
        for place in 0..<z.height * z.width {
          for c in 0..<start {
            result.values[place * z.channels + c] += atGroups.values[place * start + c]
          }
        }
      }
      start += group.channels
    }
    return Result(latents: result, hyperlatents: hyperGradient(atBase, trace))
  }

  /// Back from the features to the hyperlatents.
  private func hyperGradient(_ atFeatures: Gradient, _ trace: Prior.Trace) -> Gradient {
    var gradient = hyperOutput(blocks(atFeatures, at: trace.biased).spaceToDepth(2))
    gradient = hyperBlocks(gradient, at: trace.first)
    gradient.passLeaky(trace.first[0])
    gradient = hyperInput(gradient)
    // Layers see hyperlatents times 16.
    for i in gradient.values.indices { gradient.values[i] *= 16 }
    return gradient
  }

  /// The change of R per unit of the means and log-scales that `parameters` holds.
  private func parameterGradient(
    _ parameters: Tensor, places: [Int], channels: Range<Int>, z: Tensor, y: Tensor
  ) -> Gradient {
    let count = channels.count
    var gradient = Gradient(height: 1, width: places.count, channels: 2 * count)
    for (i, place) in places.enumerated() {
      let row = i * 2 * count
      for c in 0..<count {
        let mean = Int32(parameters.values[row + c])
        let scale = Prior.scaleIndex(Int32(parameters.values[row + count + c]))
        let at = place * z.channels + channels.lowerBound + c
        let symbol = (Int32(z.values[at]) - mean) >> 6
        let slopes = LatentRates.shared.slopes(
          offset: Int32(y.values[at]) - mean, symbol: symbol, scale: scale)
        gradient.values[row + c] = -slopes.offset * (1 / 64)
        gradient.values[row + count + c] = slopes.scale * (1 / 8)
      }
    }
    return gradient
  }
}

extension Tensor {
  /// Some of the channels.
  func channels(_ range: Range<Int>) -> Tensor {
    var result = Tensor(height: height, width: width, channels: range.count)
    for p in 0..<height * width {
      for (i, c) in range.enumerated() {
        result.values[p * range.count + i] = values[p * channels + c]
      }
    }
    return result
  }
}
