/// The learned model's architecture, as the head of its weights file describes it (docs/FORMAT.md
/// §7): all layers and tables are of the sizes that follow from it.
///
/// What stays fixed is how latents lie (one position for 8×8 pixels, hyperlatents for 2×2 of them),
/// the checkerboard, and the kinds of layers. training/shape.py writes the description.
package struct ModelShape: Sendable, Equatable {
  /// Blocks in a row, and how many times wider they are inside.
  package struct Chain: Sendable, Equatable {
    package var blocks: Int
    package var expansion: Int
  }

  /// Latents that are coded together, after those of the groups before.
  package struct Group: Sendable, Equatable {
    package var channels: Int
    /// How far the groups before are seen, in positions; 0 in the first group.
    package var reachOfGroups: Int
    /// How far the second half of the checkerboard sees the first.
    package var reachOfFirstHalf: Int
  }

  /// Where a neighbour lies.
  package struct Offset: Sendable, Equatable {
    package var rows: Int
    package var columns: Int
  }

  /// Features inside prior and synthesis.
  package var width: Int
  package var hyperlatents: Int
  package var analysis: Chain
  package var hyperSynthesis: Chain
  package var prior: Chain
  package var synthesis: Chain
  /// Channels that the synthesis hands to the post-filter besides pixels, and features inside it.
  package var sideChannels: Int
  package var postWidth: Int
  package var post: Chain
  package var groups: [Group]
  /// Hidden features of the hyperlatents' expert.
  package var expertWidth: Int
  /// What experts and contexts see: at positions of the first half, of the second, and of
  /// hyperlatents. Contexts see the first four.
  package var firstNeighbours: [Offset]
  package var secondNeighbours: [Offset]
  package var hyperlatentNeighbours: [Offset]

  /// Latents of a position.
  package var latents: Int { groups.reduce(0) { $0 + $1.channels } }

  /// The channels of a group.
  package func channels(ofGroup index: Int) -> Range<Int> {
    let first = groups[..<index].reduce(0) { $0 + $1.channels }
    return first..<first + groups[index].channels
  }

  /// How many latents around a tile its pixels depend on: one more through each block, and through
  /// the post-filter, the largest filter of the image (three pixels) and the overlapping transform
  /// as many as begin within 15 + 2 n pixels, n being the post-filter's blocks.
  package var halo: Int { synthesis.blocks + (19 + 2 * post.blocks) / 8 }

  /// Latents around a tile that its latents depend on in the analysis.
  package var analysisHalo: Int { analysis.blocks }
}

extension ModelShape {
  /// What bounds the memory and the work that a description can ask for; kernels have no room for
  /// more.
  fileprivate enum Limit {
    package static let width = 8...512
    package static let blocks = 0...8
    package static let expansion = 1...4
    package static let side = 2...32
    package static let postWidth = 2...128
    package static let reach = 0...4
    package static let channels = 8...LatentKernels.channels
    package static let groups = 1...LatentKernels.groups
    /// Of all groups: memory of an image is in proportion to it.
    package static let latents = 512
    package static let expertWidth = 8...LatentKernels.expertWidth
    package static let neighbours = LatentKernels.contextNeighbours...LatentKernels.neighbours
  }

  /// Reads a description.
  package init(_ reader: inout ByteReader) throws(CodecError) {
    width = try reader.size("width", Limit.width, multipleOf: 8)
    hyperlatents = try reader.size("hyperlatents", Limit.channels, multipleOf: 8)
    analysis = try reader.chain("analysis")
    hyperSynthesis = try reader.chain("hyperlatents' synthesis")
    prior = try reader.chain("prior")
    synthesis = try reader.chain("synthesis")
    sideChannels = try reader.size("side channels", Limit.side, multipleOf: 2)
    postWidth = try reader.size("post-filter", Limit.postWidth, multipleOf: 2)
    post = try reader.chain("post-filter")
    groups = []
    var total = 0
    for index in 0..<(try reader.size("groups", Limit.groups)) {
      let channels = try reader.size("group", Limit.channels, multipleOf: 8)
      let reachOfGroups = try reader.size("reach", index == 0 ? 0...0 : Limit.reach)
      groups.append(
        Group(
          channels: channels, reachOfGroups: reachOfGroups,
          reachOfFirstHalf: try reader.size("reach", Limit.reach)))
      total += channels
      guard total <= Limit.latents else {
        throw .corrupt(field: "model shape (latents)", at: reader.position)
      }
    }
    expertWidth = try reader.size("expert", Limit.expertWidth, multipleOf: 8)
    let count = try reader.size("neighbours", Limit.neighbours)
    firstNeighbours = try reader.offsets(count)
    secondNeighbours = try reader.offsets(count)
    hyperlatentNeighbours = try reader.offsets(try reader.size("neighbours", Limit.neighbours))
  }
}

extension ByteReader {
  /// A size of the model: u16.
  fileprivate mutating func size(
    _ what: String, _ limits: ClosedRange<Int>, multipleOf unit: Int = 1
  ) throws(CodecError) -> Int {
    let start = position
    let value = try uint16()
    guard limits.contains(value), value.isMultiple(of: unit) else {
      throw .corrupt(field: "model shape (\(what))", at: start)
    }
    return value
  }

  fileprivate mutating func chain(_ what: String) throws(CodecError) -> ModelShape.Chain {
    let blocks = try size(what, ModelShape.Limit.blocks)
    return ModelShape.Chain(
      blocks: blocks, expansion: try size(what, ModelShape.Limit.expansion))
  }

  fileprivate mutating func offsets(_ count: Int) throws(CodecError) -> [ModelShape.Offset] {
    let reach = -LatentKernels.reach...LatentKernels.reach
    var offsets: [ModelShape.Offset] = []
    for _ in 0..<count {
      let start = position
      let rows = Int(Int8(bitPattern: try uint8()))
      let columns = Int(Int8(bitPattern: try uint8()))
      guard reach.contains(rows), reach.contains(columns) else {
        throw .corrupt(field: "model shape (neighbours)", at: start)
      }
      offsets.append(ModelShape.Offset(rows: rows, columns: columns))
    }
    return offsets
  }
}
