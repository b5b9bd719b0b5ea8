internal import CKernels
internal import Entropy

/// A tap of a convolution.
struct Tap {
  let row: Int
  let column: Int

  /// All of a kernel of `side` × `side`.
  static func all(_ side: Int) -> [Tap] {
    (0..<side * side).map { Tap(row: $0 / side, column: $0 % side) }
  }

  /// Those that meet positions of the checkerboard's first half where the kernel lies over one of
  /// its second half.
  static func anchors(_ side: Int) -> [Tap] {
    all(side).filter { ($0.row + $0.column) % 2 == 1 }
  }
}

/// The latents of a tile as they become known, and what the prior says about the next row of them.
final class PriorRows {
  private let base: Tensor
  private let groups: [Prior.Group]
  /// Latents of a position.
  private let latentCount: Int
  private let kernels = ModelKernels.best.call

  /// Zero positions around the tile: so far the prior sees.
  private let margin: Int
  private let rowStride: Int
  /// The latents with their margin, zero where they are not known.
  private let map: Buffer<Int16>

  /// Of every group, where in the map its layers' taps lie from a position.
  private let groupOffsets: [[Int]]
  private let anchorOffsets: [[Int]]

  // Of one row.
  private let features: Buffer<Int16>
  private let hidden: Buffer<Int16>
  private let parameters: Buffer<Int16>
  private let scales: Buffer<UInt8>
  private let symbols: Buffer<Int16>
  private let segments: Buffer<UnsafePointer<Int16>?>

  /// `base`: the features that hyperlatents give.
  init(_ base: Tensor, _ groups: [Prior.Group], latentCount: Int) {
    self.base = base
    self.groups = groups
    self.latentCount = latentCount
    margin = groups.map { max(($0.fromGroups?.rows ?? 1) / 2, $0.fromAnchors.rows / 2) }.max() ?? 0
    rowStride = (base.width + 2 * margin) * latentCount
    let offsets = { [rowStride] (taps: [Tap], side: Int) in
      taps.map { ($0.row - side / 2) * rowStride + ($0.column - side / 2) * latentCount }
    }
    groupOffsets = groups.map {
      let side = $0.fromGroups?.rows ?? 0
      return offsets(Tap.all(side), side)
    }
    anchorOffsets = groups.map { offsets(Tap.anchors($0.fromAnchors.rows), $0.fromAnchors.rows) }
    map = Buffer(zeroed: (base.height + 2 * margin) * rowStride)
    let count = (base.width + 1) / 2
    let channels = groups.map { $0.channels }.max() ?? 0
    features = Buffer(zeroed: count * base.channels)
    hidden = Buffer(zeroed: count * base.channels)
    parameters = Buffer(zeroed: count * 2 * channels)
    scales = Buffer(zeroed: count * channels)
    symbols = Buffer(zeroed: channels)
    segments = Buffer(zeroed: (2 * margin + 1) * (2 * margin + 1))
  }

  /// A group's first channel.
  func firstChannel(of index: Int) -> Int { groups[..<index].reduce(0) { $0 + $1.channels } }

  /// A position's latents, or zeros around the tile.
  @inline(__always)
  private func latent(_ y: Int, _ x: Int) -> UnsafeMutablePointer<Int16> {
    map.base + ((y &+ margin) &* rowStride &+ (x &+ margin) &* latentCount)
  }

  /// What is to be coded next of row `y`: a group's channels at positions of one parity, given all
  /// that was coded before.
  func row(_ y: Int, of index: Int, parity: Int) -> LatentRow {
    let group = groups[index]
    let (first, column) = (firstChannel(of: index), (y + parity) % 2)
    let count = (base.width - column + 1) / 2
    let width = base.channels
    gather(y, column: column, count: count)
    if let layer = group.groupTaps {
      add(layer, groupOffsets[index], latent(y, column), count: count)
    }
    if parity == 1 {
      add(group.anchorTaps, anchorOffsets[index], latent(y, column) + first, count: count)
    }
    kernels.leaky(features.base, hidden.base, count * width)
    group.hidden.packed(
      hidden.base, step: width, to: features.base, yStep: width, count: count, .leaky)
    group.output.packed(
      features.base, step: width, to: parameters.base, yStep: 2 * group.channels, count: count)
    kernels.scale_indices(
      parameters.base, group.channels, count, Int32(ScaleTables.firstLogScale),
      Int32(ScaleTables.scaleCount - 1), scales.base)
    return LatentRow(
      row: y, column: column, count: count, channel: first, channels: group.channels,
      latentCount: latentCount, start: (y * base.width + column) * latentCount + first,
      parameters: UnsafePointer(parameters.base), scales: UnsafePointer(scales.base),
      z: latent(y, column) + first, symbols: symbols.base)
  }

  /// Every second position's features.
  private func gather(_ y: Int, column: Int, count: Int) {
    let width = base.channels
    base.values.withUnsafeBufferPointer { values in
      for index in 0..<count {
        let source = y * base.rowStride + (column + 2 * index) * width
        (features.base + index * width).update(from: values.baseAddress! + source, count: width)
      }
    }
  }

  /// Adds what latents at `offsets` from every second position say.
  private func add(
    _ layer: PackedLayer, _ offsets: [Int], _ first: UnsafeMutablePointer<Int16>, count: Int
  ) {
    for index in offsets.indices { segments[index] = UnsafePointer(first + offsets[index]) }
    layer(
      UnsafePointer(segments.base), step: 2 * latentCount, to: features.base,
      yStep: base.channels, count: count, .adds)
  }

  /// All latents.
  var latents: Tensor {
    Tensor(height: base.height, width: base.width, channels: latentCount) { z in
      let length = base.width * latentCount
      for y in 0..<base.height {
        (z.baseAddress! + y * length).update(from: latent(y, 0), count: length)
      }
    }
  }
}
