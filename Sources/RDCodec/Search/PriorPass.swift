internal import CKernels
internal import DecoderCore

/// Rounds a tile's latents as they would be coded, and says what that costs and how the rate would
/// change with them: also what they cost later ones as context.
///
/// The prior's layers run once, in integers; what each row's parameters say of the rate goes back
/// through its layers while they are at hand. Gradients are integers of a fixed unit: layers are
/// scaled so that noise keeps its size on the way back, and what is larger than int16 is cut.
struct PriorPass: Sendable {
  let prior: Prior
  private let groups: [Group]
  private let channels: Int
  private let width: Int
  let hyper: Hyper
  let costs: LatentCosts
  /// Fraction bits of gradients at the latents.
  private let latentBits: Int
  /// The farthest that any layer sees.
  private let reach: Int

  /// What a tile's latents are rounded to.
  struct Result {
    /// In 1/64 step.
    var z: Tensor
    /// What z and the hyperlatents cost by the prior alone.
    var bits: Double
    /// The change of R by hyperlatents, in bits per step; what they cost themselves not included.
    var atHyperlatents: Gradient
    /// The change of R by each latent through the means and scales of later ones.
    var atLatents: LatentPulls
  }

  private struct Group: Sendable {
    let channels: Range<Int>
    let reachOfGroups: Int
    let reachOfAnchors: Int
    /// Fraction bits of gradients at the features, and at the latents of the groups before.
    let featureBits: Int
    let fromGroups: SearchLayer?
    let fromAnchors: SearchLayer
    let hidden: SearchLayer
    let output: SearchLayer
    let backOutput: SearchLayer
    let backHidden: SearchLayer
    let backAnchors: SearchLayer
    /// To each group before this one.
    let backGroups: [SearchLayer]
  }

  /// The layers that see hyperlatents.
  struct Hyper: Sendable {
    let input: SearchLayer
    let blocks: [SearchBlock]
    let output: SearchLayer
    let priorBlocks: [SearchBlock]
    let backInput: SearchLayer
    let backOutput: SearchLayer
    /// Fraction bits of gradients at the hyperlatents.
    let bits: Int
  }

  init(_ prior: Prior) {
    self.prior = prior
    costs = LatentCosts.shared
    width = prior.hyperDecoderOutput.outputs / 4
    var first = 0
    let ranges = prior.groups.map { group in
      defer { first += group.channels }
      return first..<first + group.channels
    }
    channels = first
    // All groups' gradients at the features have one unit, as have those at the latents.
    let featureBits =
      prior.groups.reduce(0) {
        $0 + LatentQuantiser.slopeBits - $1.output.gradientGrowth - $1.hidden.gradientGrowth
      } / prior.groups.count
    let growth = prior.groups.reduce(0) { $0 + $1.fromAnchors.gradientGrowth } / prior.groups.count
    latentBits = featureBits - growth
    groups = prior.groups.indices.map { index in
      let group = prior.groups[index]
      let earlier = Array(ranges[..<index])
      let near = group.fromAnchors.rows / 2
      let far = (group.fromGroups?.rows ?? 1) / 2
      let farTaps = HalfPlanes.taps(reach: far, .both)
      let atHidden = -group.output.gradientGrowth
      return Group(
        channels: ranges[index], reachOfGroups: far, reachOfAnchors: near,
        featureBits: featureBits,
        fromGroups: group.fromGroups.map { layer in
          SearchLayer(layer, farTaps, inputs: earlier)
        },
        fromAnchors: SearchLayer(group.fromAnchors, HalfPlanes.taps(reach: near, .other)),
        hidden: SearchLayer(group.hidden), output: SearchLayer(group.output),
        backOutput: SearchLayer(back: group.output, finer: atHidden),
        backHidden: SearchLayer(
          back: group.hidden, finer: featureBits - LatentQuantiser.slopeBits - atHidden),
        backAnchors: SearchLayer(
          back: group.fromAnchors, HalfPlanes.taps(reach: near, .other), finer: -growth),
        backGroups: earlier.map { range in
          SearchLayer(back: group.fromGroups!, farTaps, inputs: range, finer: -growth)
        })
    }
    reach = groups.reduce(0) { max($0, $1.reachOfGroups, $1.reachOfAnchors) }
    let hyperGrowth = (
      prior.hyperDecoderOutput.gradientGrowth, prior.hyperDecoderInput.gradientGrowth
    )
    hyper = Hyper(
      input: SearchLayer(prior.hyperDecoderInput, SearchPlane.tapsAround),
      blocks: prior.hyperDecoderBlocks.map { SearchBlock($0) },
      output: SearchLayer(prior.hyperDecoderOutput),
      priorBlocks: prior.blocks.map { SearchBlock($0) },
      backInput: SearchLayer(
        back: prior.hyperDecoderInput, SearchPlane.tapsAround, finer: -hyperGrowth.1),
      backOutput: SearchLayer(back: prior.hyperDecoderOutput, finer: -hyperGrowth.0),
      bits: featureBits - hyperGrowth.0 - hyperGrowth.1)
  }

  /// - Parameters:
  ///   - y: the latents before they are rounded, in 1/64 step.
  ///   - hyperlatents: those that are coded.
  ///   - hasGradients: whether they are wanted; else they are zero.
  func callAsFunction(
    _ y: Tensor, hyperlatents: Tensor, quantiser: LatentQuantiser, position: QualityPosition,
    hasGradients: Bool
  ) -> Result {
    let forward = features(hyperlatents, position)
    let height = y.height
    let gradients = groups.map {
      HalfPlanes(height: height, width: y.width, channels: $0.channels.count, reach: 0)
    }
    var coded: [HalfPlanes] = []
    let atBase = HalfPlanes(height: height, width: y.width, channels: width, reach: 0)
    var z = Tensor(height: height, width: y.width, channels: channels)
    var bits = 0.0
    for group in groups {
      if Task.isCancelled { break }
      let own = HalfPlanes(
        height: height, width: y.width, channels: group.channels.count, reach: reach)
      let atFeatures = HalfPlanes(
        height: height, width: y.width, channels: width, reach: reach)
      coded.append(own)
      for half in 0...1 {
        bits += code(
          half, of: group, forward.base, coded, y, quantiser, to: &z,
          atFeatures: hasGradients ? atFeatures : nil)
      }
      guard hasGradients else { continue }
      back(atFeatures, through: group, to: gradients, atBase: atBase)
    }
    return Result(
      z: z, bits: bits + hyperBits(hyperlatents, position),
      atHyperlatents: hyperGradient(atBase, forward),
      atLatents: LatentPulls(planes: gradients, fractionBits: latentBits))
  }

  /// Codes one half of a group's latents; gradients arrive at the features of that half. Returns
  /// the bits.
  private func code(
    _ half: Int, of group: Group, _ base: HalfPlanes, _ coded: [HalfPlanes], _ y: Tensor,
    _ quantiser: LatentQuantiser, to z: inout Tensor, atFeatures: HalfPlanes?
  ) -> Double {
    let (own, count) = (coded[coded.count - 1], base.count)
    let features = SearchPlane(height: 1, width: count, channels: width)
    let active = SearchPlane(height: 1, width: count, channels: width)
    let hidden = SearchPlane(height: 1, width: count, channels: width)
    let parameters = SearchPlane(height: 1, width: count, channels: group.output.outputs)
    let slopes = SearchPlane(height: 1, width: count, channels: group.output.outputs)
    let atHidden = SearchPlane(height: 1, width: count, channels: width)
    let words = group.hidden.signWords
    let featureSigns = Buffer<UInt16>(zeroed: count * words)
    let hiddenSigns = Buffer<UInt16>(zeroed: count * words)
    var bits: Int64 = 0
    for row in 0..<y.height {
      if Task.isCancelled { break }
      features.row(0).update(from: base.row(half, row), count: count * width)
      if let fromGroups = group.fromGroups {
        let inputs = coded.dropLast().flatMap {
          $0.inputs(half, row: row, reach: group.reachOfGroups, .both)
        }
        fromGroups(inputs, CK_ADDED, to: features.row(0), count: count)
      }
      if half == 1 {
        let inputs = own.inputs(half, row: row, reach: group.reachOfAnchors, .other)
        group.fromAnchors(inputs, CK_ADDED, to: features.row(0), count: count)
      }
      SearchKernels.best.leaky(features.row(0), active.row(0), featureSigns.base, width, count)
      group.hidden(
        [active.inputs(row: 0)], CK_LEAKY, to: hidden.row(0), signs: hiddenSigns.base, count: count)
      group.output([hidden.inputs(row: 0)], CK_LINEAR, to: parameters.row(0), count: count)
      let start =
        (row * y.width + HalfPlanes.firstColumn(half, row)) * y.channels + group.channels.lowerBound
      bits += quantiser.round(
        y, at: start, channels: group.channels, parameters: parameters.row(0), to: &z,
        packed: own.row(half, row), slopes: slopes.row(0), count: count)
      guard let atFeatures else { continue }
      group.backOutput(
        [slopes.inputs(row: 0)], CK_MASKED, to: atHidden.row(0), signs: hiddenSigns.base,
        count: count)
      group.backHidden(
        [atHidden.inputs(row: 0)], CK_MASKED, to: atFeatures.row(half, row),
        signs: featureSigns.base,
        count: count)
    }
    return Double(bits) / 256
  }

  /// From a group's features to the latents that they saw, and to the features of all groups.
  private func back(
    _ atFeatures: HalfPlanes, through group: Group, to gradients: [HalfPlanes], atBase: HalfPlanes
  ) {
    let index = group.backGroups.count
    for row in 0..<atFeatures.height {
      let count = atFeatures.count
      // Only the second half saw this group's latents: those of the first.
      group.backAnchors(
        atFeatures.inputs(0, row: row, reach: group.reachOfAnchors, .other), CK_LINEAR,
        to: gradients[index].row(0, row), count: count)
      for half in 0...1 {
        SearchKernels.best.add(
          atBase.row(half, row), atFeatures.row(half, row), count * width)
        guard index > 0 else { continue }
        let inputs = atFeatures.inputs(half, row: row, reach: group.reachOfGroups, .both)
        for (earlier, layer) in group.backGroups.enumerated() {
          layer(inputs, CK_ADDED, to: gradients[earlier].row(half, row), count: count)
        }
      }
    }
  }
}

/// The change of R by every latent of a tile through what is coded after it.
struct LatentPulls {
  /// Of each group.
  fileprivate let planes: [HalfPlanes]
  /// Of the planes' values, in bits per 1/64 step.
  fileprivate let fractionBits: Int

  /// Moves `y` by `step` of the way to `z` and down the gradient: `factors` say of every channel
  /// how far a bit per 1/64 step pulls, in 1/64 step, at most `limit`.
  func move(_ y: inout Tensor, to z: Tensor, factors: [Float], step: Float, limit: Float) {
    let channels = y.channels
    let unit = fractionUnit
    let scaled = factors.map { $0 * unit }
    y.values.withUnsafeMutableBufferPointer { y in
      z.values.withUnsafeBufferPointer { z in
        scaled.withUnsafeBufferPointer { factors in
          var first = 0
          for plane in planes {
            for row in 0..<plane.height {
              for half in 0...1 {
                let column = HalfPlanes.firstColumn(half, row)
                let start = (row * 2 * plane.count + column) * channels + first
                SearchKernels.best.pull(
                  y.baseAddress! + start, z.baseAddress! + start, 2 * channels,
                  plane.row(half, row), factors.baseAddress! + first, step, limit, plane.channels,
                  plane.count)
              }
            }
            first += plane.channels
          }
        }
      }
    }
  }

  /// Row after row, in bits per 1/64 step.
  var gradient: Gradient {
    let channels = planes.reduce(0) { $0 + $1.channels }
    let (height, width) = (planes[0].height, 2 * planes[0].count)
    let unit = fractionUnit
    var result = Gradient(height: height, width: width, channels: channels)
    result.values.withUnsafeMutableBufferPointer { values in
      var first = 0
      for plane in planes {
        for row in 0..<height {
          for half in 0...1 {
            let source = plane.row(half, row)
            let start = (row * width + HalfPlanes.firstColumn(half, row)) * channels + first
            for i in 0..<plane.count {
              for c in 0..<plane.channels {
                values[start &+ 2 &* i &* channels &+ c] =
                  Float(source[i &* plane.channels &+ c]) * unit
              }
            }
          }
        }
        first += plane.channels
      }
    }
    return result
  }

  private var fractionUnit: Float { Float(sign: .plus, exponent: -fractionBits, significand: 1) }
}
