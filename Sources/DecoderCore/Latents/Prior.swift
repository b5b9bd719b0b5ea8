internal import Entropy

/// P_pri(z): the distribution of every latent given the hyperlatents and the latents before it.
///
/// A tile's latents are coded in channel groups, each in two steps over a checkerboard;
/// every step sees all earlier groups and, in the second step, the first one's positions.
/// Source: Minnen, Ballé and Toderici 2018 (hyperprior and context); He et al. 2021, 2022
/// (checkerboard, uneven channel groups).
package struct Prior: Sendable {
  /// What one channel group adds to the features, and what it makes of them.
  package struct Group: Sendable {
    package let channels: Int
    /// From the groups before this one; nil in the first.
    package let fromGroups: Convolution?
    /// From the first checkerboard step.
    package let fromAnchors: Convolution
    package let hidden: Convolution
    /// Means in 1/64 step, then log-scales in 1/8 of a table index.
    package let output: Convolution
    /// Of ``fromGroups``, a segment for every tap.
    let groupTaps: PackedLayer?
    /// Of ``fromAnchors``, a segment for every tap where the first step has positions.
    let anchorTaps: PackedLayer
  }

  package let hyperScale: Weights.Table
  package let hyperDecoderInput: Convolution
  package let hyperDecoderBlocks: [Block]
  package let hyperDecoderOutput: Convolution
  package let bias: Weights.Table
  /// Latents of a position, of all groups.
  private let latentCount: Int
  package let blocks: [Block]
  package let groups: [Group]
  package let latentStart: LatentStart
  package let hyperlatentStart: LatentStart
  private let experts: (latents: LatentExpert?, hyperlatents: LatentExpert?)

  package init(_ weights: Weights) throws(CodecError) {
    let shape = weights.shape
    let (latents, hyperlatents, width) = (shape.latents, shape.hyperlatents, shape.width)
    latentCount = latents
    hyperScale = try weights.table(
      "hyper_scale", rows: QualityPosition.anchorCount, columns: hyperlatents)
    hyperDecoderInput = try weights.convolution(
      "hyper_decoder.in", inputs: hyperlatents, outputs: width, rows: 3, columns: 3)
    hyperDecoderBlocks = try weights.blocks(
      "hyper_decoder", channels: width, shape.hyperSynthesis)
    hyperDecoderOutput = try weights.convolution(
      "hyper_decoder.out", inputs: width, outputs: 4 * width)
    bias = try weights.table("prior.bias", rows: QualityPosition.anchorCount, columns: width)
    blocks = try weights.blocks("prior", channels: width, shape.prior)
    var groups: [Group] = []
    var done = 0
    for (i, group) in shape.groups.enumerated() {
      let channels = group.channels
      let (far, near) = (2 * group.reachOfGroups + 1, 2 * group.reachOfFirstHalf + 1)
      let fromGroups =
        i == 0
        ? nil
        : try weights.convolution(
          "prior.from_groups.\(i)", inputs: done, outputs: width, rows: far, columns: far)
      let fromAnchors = try weights.convolution(
        "prior.from_anchors.\(i)", inputs: channels, outputs: width, rows: near, columns: near)
      groups.append(
        Group(
          channels: channels, fromGroups: fromGroups, fromAnchors: fromAnchors,
          hidden: try weights.convolution("prior.hidden.\(i)", inputs: width, outputs: width),
          output: try weights.convolution("prior.out.\(i)", inputs: width, outputs: 2 * channels),
          groupTaps: fromGroups?.packed.taps(
            Tap.all(far).map { ($0.row, $0.column) }, inputs: done),
          anchorTaps: fromAnchors.packed.taps(
            Tap.anchors(near).map { ($0.row, $0.column) }, inputs: channels)))
      done += channels
    }
    self.groups = groups
    experts = try weights.experts()
    latentStart = try weights.start(
      "start.latents", .latents(shape, hasExpert: experts.latents != nil))
    hyperlatentStart = try weights.start("start.hyperlatents", .hyperlatents(shape))
  }

  /// Codes a tile of `height` × `width` latents (even numbers).
  ///
  /// - Returns: the quantised latents, in 1/64 of their step.
  package func code<Coder: LatentCoder & ~Copyable>(
    height: Int, width: Int, position: QualityPosition, with coder: inout Coder
  ) -> Tensor {
    let kernels = KernelISA.current.latentKernels
    let h = codeHyperlatents(
      height: height / 2, width: width / 2, position: position,
      models: LatentModels(
        hyperlatentStart, experts.hyperlatents, height: height / 2, width: width / 2,
        position: position, kernels: kernels),
      with: &coder)
    let base = features(sixteenths: h, position: position)
    var models = LatentModels(
      latentStart, experts.latents, height: height, width: width, position: position,
      kernels: kernels)
    let rows = PriorRows(base, groups, latentCount: latentCount)
    for index in groups.indices {
      for parity in 0...1 {
        models.start(
          step: 2 * index + parity, first: rows.firstChannel(of: index),
          count: groups[index].channels)
        for y in 0..<height {
          coder.codeLatents(rows.row(y, of: index, parity: parity), models: models)
        }
      }
    }
    coder.finish(latents: models)
    return rows.latents
  }

  /// Returns the coded hyperlatents times 16.
  private func codeHyperlatents<Coder: LatentCoder & ~Copyable>(
    height: Int, width: Int, position: QualityPosition, models: consuming LatentModels,
    with coder: inout Coder
  ) -> Tensor {
    let scales = position.interpolate(hyperScale).map { UInt8(Prior.scaleIndex($0)) }
    let channels = hyperDecoderInput.inputs
    var h = Tensor(height: height, width: width, channels: channels)
    var symbols = [Int16](repeating: 0, count: channels)
    for row in 0..<height {
      for column in 0..<width {
        let place = row * width + column
        coder.codeHyperlatents(
          &symbols, LatentPlace(row: row, column: column, start: place * channels),
          scales: scales, models: models)
        for c in 0..<channels {
          h.values[place * channels + c] = Int16(clamping: Int(symbols[c]) * 16)
        }
      }
    }
    coder.finish(hyperlatents: models)
    return h
  }

  /// What becomes of hyperlatents on the way to features.
  package struct Trace {
    /// The input of every block that sees hyperlatents' positions, and what the last one gives.
    package let first: [Tensor]
    /// The same at latents' positions.
    package let biased: [Tensor]

    package var features: Tensor { biased[biased.count - 1] }
  }

  /// The features of hyperlatents, which are integers.
  package func trace(_ hyperlatents: Tensor, position: QualityPosition) -> Trace {
    var h = hyperlatents
    h.values = h.values.map { Int16(clamping: Int($0) * 16) }
    return trace(sixteenths: h, position: position)
  }

  /// The same without what leads to them, which a model may make large.
  private func features(sixteenths h: Tensor, position: QualityPosition) -> Tensor {
    var biased = hyperDecoderOutput(hyperDecoderBlocks(hyperDecoderInput.same(h, leaky: true)))
      .depthToSpace(2)
    biased.add(position.interpolate(bias).map { Int16(clamping: $0) })
    return blocks(biased)
  }

  private func trace(sixteenths h: Tensor, position: QualityPosition) -> Trace {
    let first = hyperDecoderBlocks.inputs(hyperDecoderInput.same(h, leaky: true))
    var biased = hyperDecoderOutput(first[first.count - 1]).depthToSpace(2)
    biased.add(position.interpolate(bias).map { Int16(clamping: $0) })
    return Trace(first: first, biased: blocks.inputs(biased))
  }

  /// What the first step's latents say about the second step's positions, one row of positions.
  package func contextOfAnchors(_ q: Tensor, _ group: Group) -> Tensor {
    let layer = group.fromAnchors
    let padded = q.padded(by: layer.rows / 2)
    var context = Tensor(height: 1, width: q.height * q.width / 2, channels: layer.outputs)
    var sums: [Int32] = []
    for row in 0..<q.height {
      let count = q.width / 2
      layer.accumulate(
        padded, row: row, positions: .init(start: 1 - row % 2, step: 2, count: count), into: &sums)
      layer.requantize(
        sums, count: count, leaky: false, to: &context.values,
        offset: row * count * layer.outputs)
    }
    return context
  }

  /// Positions (row · width + column) whose row + column has this parity, in raster order.
  package static func places(_ x: Tensor, parity: Int) -> [Int] {
    (0..<x.height).flatMap { row in
      stride(from: (row + parity) % 2, to: x.width, by: 2).map { row * x.width + $0 }
    }
  }

  /// The values at the positions of one parity, as one row of positions.
  package static func gather(_ x: Tensor, parity: Int) -> Tensor {
    let places = places(x, parity: parity)
    var values: [Int16] = []
    values.reserveCapacity(places.count * x.channels)
    for place in places {
      values += x.values[place * x.channels..<(place + 1) * x.channels]
    }
    return Tensor(height: 1, width: places.count, channels: x.channels, values: values)
  }

  /// The scale table for 8 · log₂ σ given in eighths.
  package static func scaleIndex(_ logScale: Int32) -> Int {
    let index = (Int(logScale) + 4) >> 3 - ScaleTables.firstLogScale
    return min(max(index, 0), ScaleTables.scaleCount - 1)
  }
}

extension Tensor {
  /// Spreads channels over `factor` × `factor` positions; channels are ordered row, column,
  /// channel.
  package func depthToSpace(_ factor: Int) -> Tensor {
    let depth = channels / (factor * factor)
    var result = Tensor(height: height * factor, width: width * factor, channels: depth)
    let run = factor * depth
    for y in 0..<height {
      for x in 0..<width {
        for dy in 0..<factor {
          let source = (y * width + x) * channels + dy * run
          let target = ((y * factor + dy) * result.width + x * factor) * depth
          for i in 0..<run { result.values[target + i] = values[source + i] }
        }
      }
    }
    return result
  }
}
