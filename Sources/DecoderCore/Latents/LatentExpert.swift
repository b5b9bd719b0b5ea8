/// What follows from symbols next to the one to be coded: a small network whose odds are mixed with
/// the others (docs/FORMAT.md §8.4). Trained by training/experts.py, kept in the weights file.
package final class LatentExpert: @unchecked Sendable {
  /// A weight of 1.
  private static let unit: Float = 4096
  /// A feature of 1.
  private static let featureUnit: Float = 32

  // All are written once, in initialisers.
  private let weights: Buffer<Float>
  /// Where a step's weights begin; of hyperlatents there is one step.
  let starts: [Int]
  /// Hidden features; latents have none.
  let hidden: Int
  /// Of hyperlatents: rows that belong to powers of the fraction of the range of rates.
  private let biases: [[Float]]

  /// Whether latents leave features for it.
  var isOfLatents: Bool { biases.isEmpty }

  /// Weights for one tile, which may learn.
  func copyOfWeights() -> Buffer<Float> {
    let copy = Buffer<Float>(zeroed: weights.count)
    copy.base.update(from: weights.base, count: weights.count)
    return copy
  }

  /// From the values of `expert.latents`.
  init(latents values: [Int16], _ shape: ModelShape) throws(CodecError) {
    var starts: [Int] = []
    var counts: [Int] = []
    var size = 0
    for index in shape.groups.indices {
      let channels = shape.channels(ofGroup: index)
      for _ in 0..<2 {
        starts.append(size)
        counts.append(channels.count)
        size += 2 * channels.count * (1 + shape.firstNeighbours.count + channels.upperBound)
      }
    }
    guard values.count == size else { throw .corrupt(field: "model expert", at: 0) }
    self.starts = starts
    hidden = 0
    biases = []
    weights = Buffer(zeroed: size)
    for index in 0..<size { weights[index] = Float(values[index]) / (Self.unit * Self.featureUnit) }
    // Biases have no feature.
    for (start, count) in zip(starts, counts) {
      for index in start..<start + 2 * count {
        weights[index] = Float(values[index]) / Self.unit
      }
    }
  }

  /// From the values of `expert.hyperlatents`.
  init(hyperlatents values: [Int16], _ shape: ModelShape) throws(CodecError) {
    let channels = shape.hyperlatents
    let hidden = shape.expertWidth
    let sizes = [
      shape.hyperlatentNeighbours.count * channels * 2 * hidden,
      4 * hidden,
      hidden * 2 * channels,
      4 * 2 * channels,
      channels * 4 * channels,
    ]
    guard values.count == sizes.reduce(0, +) else { throw .corrupt(field: "model expert", at: 0) }
    var parts: [[Float]] = []
    var start = 0
    for size in sizes {
      parts.append(values[start..<start + size].map { Float($0) / Self.unit })
      start += size
    }
    starts = [0]
    self.hidden = hidden
    biases = (0..<4).map { power in
      Array(parts[1][power * hidden..<(power + 1) * hidden])
        + Array(parts[3][power * 2 * channels..<(power + 1) * 2 * channels])
    }
    let all = parts[0] + parts[2] + parts[4]
    weights = Buffer(zeroed: all.count)
    for index in all.indices { weights[index] = all[index] }
  }

  /// The biases of hyperlatents at a position: the polynomial by Horner's rule.
  func bias(at position: QualityPosition) -> Buffer<Float> {
    let fraction = Float(position.rawValue) / Float(QualityPosition.maximum)
    let bias = Buffer<Float>(zeroed: biases.first?.count ?? 0)
    for index in 0..<bias.count {
      var sum: Float = 0
      for row in biases.reversed() { sum = sum * fraction + row[index] }
      bias[index] = sum
    }
    return bias
  }
}
