import TestSupport

@testable import DecoderCore
@testable import RDCodec

/// Weights files of other shapes than the models that are built in, with random weights.
enum OtherShape {
  /// Small widths, two uneven groups, chains of other lengths, none among them, and more
  /// neighbours.
  static let small = ModelShape(
    width: 16, hyperlatents: 8, analysis: .init(blocks: 1, expansion: 2),
    hyperSynthesis: .init(blocks: 2, expansion: 1), prior: .init(blocks: 0, expansion: 2),
    synthesis: .init(blocks: 2, expansion: 3), sideChannels: 2, postWidth: 6,
    post: .init(blocks: 3, expansion: 2),
    groups: [
      .init(channels: 8, reachOfGroups: 0, reachOfFirstHalf: 1),
      .init(channels: 32, reachOfGroups: 2, reachOfFirstHalf: 0),
    ], expertWidth: 24,
    firstNeighbours: [
      .init(rows: 0, columns: -2), .init(rows: -1, columns: -1), .init(rows: -1, columns: 1),
      .init(rows: -2, columns: 0), .init(rows: 2, columns: 2),
    ],
    secondNeighbours: [
      .init(rows: 0, columns: -1), .init(rows: 0, columns: 1), .init(rows: -1, columns: 0),
      .init(rows: 1, columns: 0), .init(rows: -1, columns: 2),
    ],
    hyperlatentNeighbours: [
      .init(rows: 0, columns: -1), .init(rows: -1, columns: 0), .init(rows: -1, columns: 1),
      .init(rows: -1, columns: -1),
    ])

  /// As many groups as there may be, and more channels than kernels take of one.
  static let large: ModelShape = {
    var shape = small
    shape.groups = (0..<8).map { index in
      .init(
        channels: index == 2 ? 256 : 8, reachOfGroups: index == 0 ? 0 : 1, reachOfFirstHalf: 4)
    }
    shape.hyperlatents = 256
    shape.expertWidth = 256
    shape.post.blocks = 0
    shape.synthesis.blocks = 0
    return shape
  }()

  /// A weights file of this shape; with experts, but nothing that was learned of where models
  /// start.
  static func weights(_ shape: ModelShape, seed: UInt64 = 1) -> [UInt8] {
    var file = WeightsWriter(seed: seed)
    let (latents, width, post) = (shape.latents, shape.width, shape.postWidth)
    file.layer("analysis", inputs: 3, outputs: latents, side: 16)
    file.layer("encoder.in", inputs: latents, outputs: latents)
    file.blocks("encoder", latents, shape.analysis)
    file.layer("encoder.out", inputs: latents, outputs: latents)
    file.layer("hyper_encoder.in", inputs: latents, outputs: width)
    file.blocks("hyper_encoder", width, .init(blocks: 2, expansion: shape.hyperSynthesis.expansion))
    file.layer("hyper_encoder.down", inputs: width, outputs: width, side: 2)
    file.layer("hyper_encoder.out", inputs: width, outputs: shape.hyperlatents)
    file.layer("hyper_decoder.in", inputs: shape.hyperlatents, outputs: width, side: 3)
    file.blocks("hyper_decoder", width, shape.hyperSynthesis)
    file.layer("hyper_decoder.out", inputs: width, outputs: 4 * width)
    file.blocks("prior", width, shape.prior)
    for (index, group) in shape.groups.enumerated() {
      if index > 0 {
        file.layer(
          "prior.from_groups.\(index)", inputs: shape.channels(ofGroup: index).lowerBound,
          outputs: width, side: 2 * group.reachOfGroups + 1)
      }
      file.layer(
        "prior.from_anchors.\(index)", inputs: group.channels, outputs: width,
        side: 2 * group.reachOfFirstHalf + 1)
      file.layer("prior.hidden.\(index)", inputs: width, outputs: width)
      file.layer("prior.out.\(index)", inputs: width, outputs: 2 * group.channels)
    }
    file.layer("decoder.in", inputs: latents, outputs: width)
    file.blocks("decoder", width, shape.synthesis)
    file.layer("decoder.out", inputs: width, outputs: latents)
    file.layer("decoder.side", inputs: width, outputs: 16 * shape.sideChannels)
    file.layer("synthesis", inputs: latents, outputs: 192, side: 2)
    file.layer("post.in", inputs: 12 + shape.sideChannels, outputs: post, side: 3)
    file.blocks("post", post, shape.post)
    file.layer("post.out", inputs: post, outputs: 12, side: 3)
    file.layer("post.scale", inputs: post, outputs: 3, side: 3)
    for (name, columns) in [
      ("log_gain", latents), ("hyper_scale", shape.hyperlatents), ("encoder.bias", latents),
      ("prior.bias", width), ("decoder.bias", width),
    ] {
      file.table(name, columns: columns)
    }
    var latentExpert = 0
    for index in shape.groups.indices {
      let channels = shape.channels(ofGroup: index)
      latentExpert +=
        4 * channels.count * (1 + shape.firstNeighbours.count + channels.upperBound)
    }
    let (hyper, hidden) = (shape.hyperlatents, shape.expertWidth)
    file.vector("expert.latents", latentExpert)
    file.vector(
      "expert.hyperlatents",
      shape.hyperlatentNeighbours.count * hyper * 2 * hidden + 4 * hidden + hidden * 2 * hyper
        + 4 * 2 * hyper + hyper * 4 * hyper)
    return file.bytes(shape)
  }
}

extension ModelShape {
  /// The description, as it stands in a weights file.
  var bytes: [UInt8] {
    var writer = ByteWriter()
    var values = [width, hyperlatents]
    for chain in [analysis, hyperSynthesis, prior, synthesis] {
      values += [chain.blocks, chain.expansion]
    }
    values += [sideChannels, postWidth, post.blocks, post.expansion, groups.count]
    for group in groups {
      values += [group.channels, group.reachOfGroups, group.reachOfFirstHalf]
    }
    for value in values + [expertWidth, firstNeighbours.count] { writer.uint16(value) }
    writer.append((firstNeighbours + secondNeighbours).flatMap(\.bytes))
    writer.uint16(hyperlatentNeighbours.count)
    writer.append(hyperlatentNeighbours.flatMap(\.bytes))
    return writer.bytes
  }
}

extension ModelShape.Offset {
  fileprivate var bytes: [UInt8] {
    [UInt8(bitPattern: Int8(rows)), UInt8(bitPattern: Int8(columns))]
  }
}

/// Writes entries with random values.
private struct WeightsWriter {
  private var random: SplitMix64
  private var entries = ByteWriter()
  private var count = 0

  init(seed: UInt64) { random = SplitMix64(seed: seed) }

  func bytes(_ shape: ModelShape) -> [UInt8] {
    var writer = ByteWriter()
    writer.append(Array("RDCM".utf8))
    writer.uint16(5)
    writer.uint16(count)
    writer.append(shape.bytes)
    writer.append(entries.bytes)
    return writer.bytes
  }

  private mutating func start(_ name: String, kind: UInt8) {
    count += 1
    entries.uint8(UInt8(name.utf8.count))
    entries.append(Array(name.utf8))
    entries.uint8(kind)
  }

  /// Weights that keep the size of activations about as it is.
  private mutating func weights(_ count: Int, inputs: Int) {
    let limit = Int((4096 * 1.5 / Double(inputs).squareRoot()).rounded())
    for _ in 0..<count { value(within: limit) }
  }

  private mutating func value(within limit: Int) {
    let value = Int16(Int.random(in: -limit...limit, using: &random))
    entries.uint16(Int(UInt16(bitPattern: value)))
  }

  mutating func layer(_ name: String, inputs: Int, outputs: Int, side: Int = 1) {
    start(name, kind: 0)
    for value in [outputs, side, side, inputs] { entries.uint16(value) }
    entries.uint8(12)
    for _ in 0..<outputs { entries.uint32(0) }
    weights(outputs * side * side * inputs, inputs: side * side * inputs)
  }

  mutating func blocks(_ name: String, _ channels: Int, _ chain: ModelShape.Chain) {
    for index in 0..<chain.blocks {
      start("\(name).\(index).depthwise", kind: 1)
      entries.uint16(channels)
      entries.uint8(12)
      for _ in 0..<channels { entries.uint32(0) }
      weights(9 * channels, inputs: 9)
      let inner = channels * chain.expansion
      layer("\(name).\(index).expand", inputs: channels, outputs: inner)
      layer("\(name).\(index).project", inputs: inner, outputs: channels)
    }
  }

  mutating func table(_ name: String, columns: Int) {
    start(name, kind: 2)
    entries.uint16(QualityPosition.anchorCount)
    entries.uint16(columns)
    for row in 0..<QualityPosition.anchorCount {
      for _ in 0..<columns {
        let noise = Int.random(in: -20...20, using: &random)
        // Steps of 64 down to 1 at the gains.
        let value = name == "log_gain" ? (row * 3 / 4 - 6) << 16 : noise
        entries.uint32(UInt32(bitPattern: Int32(value)))
      }
    }
  }

  mutating func vector(_ name: String, _ size: Int) {
    start(name, kind: 3)
    entries.uint32(UInt32(size))
    for _ in 0..<size { value(within: 300) }
  }
}
