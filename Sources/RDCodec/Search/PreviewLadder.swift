package import DecoderCore
import Foundation

/// Which latents a file holds.
package struct LatentLayer: Equatable, Sendable {
  package var position: QualityPosition
  /// log₂ of how much smaller than the image what they describe is, in width and height.
  package var shift = 0

  /// The preview where nothing is tried: a quarter of the image's sides or less, and at most 512
  /// pixels where a reduction by 32 gets there.
  package static func preview(width: Int, height: Int) -> LatentLayer {
    var shift = 2
    while shift < Header.maximumLatentShift, max(width, height) >> shift > 512 { shift += 1 }
    return LatentLayer(position: QualityPosition(lambda: 0.006), shift: shift)
  }
}

/// Chooses the preview of a lossless file: the cheapest one that is good enough, unless it takes
/// more than this fraction of the file (docs/decisions/0008 and 0013).
struct PreviewLadder: Sendable {
  /// What a preview should reach over the colours, in 8-bit steps: 24.5 dB.
  private static let goodError = 65025 / 281.8
  /// The largest fraction of the file, of which `estimatedBits` is an estimate.
  private static let largestFraction = 0.014

  private let image: Image
  private let model: EncoderModel
  private let jobs: Int

  init(_ image: Image, _ model: EncoderModel, jobs: Int) {
    self.image = image
    self.model = model
    self.jobs = jobs
  }

  /// The rungs by rising rate: reductions relative to the default's, and λ. None takes more than
  /// the default, which lower efforts write untried: files would grow with effort.
  private static let rungs: [(reduction: Int, lambda: Double)] = [
    (3, 0.0014), (2, 0.0028), (1, 0.0014), (1, 0.0056), (0, 0.0014), (0, 0.0028), (0, 0.0056),
  ]

  func choice() async throws(CodecError) -> LatentLayer {
    let middle = LatentLayer.preview(width: image.width, height: image.height).shift
    let budget = PreviewLadder.largestFraction * estimatedBits
    var best: (layer: LatentLayer, error: Double)?
    for rung in PreviewLadder.rungs {
      let shift = min(max(middle + rung.reduction, 1), Header.maximumLatentShift)
      let layer = LatentLayer(position: QualityPosition(lambda: rung.lambda), shift: shift)
      if let best, best.layer == layer { continue }
      let (bits, error) = try await measure(layer)
      if best != nil, bits > budget { break }
      if best.map({ error < $0.error }) ?? true { best = (layer, error) }
      if error <= PreviewLadder.goodError || bits > budget { break }
    }
    return best!.layer
  }

  /// R(z) and what the tile table takes, in bits, and the mean squared error of x̂ on some rows.
  private func measure(
    _ layer: LatentLayer
  ) async throws(CodecError) -> (bits: Double, error: Double) {
    let tiling = Tiling(width: image.width, height: image.height)
    let latentTiling = Header.latentTiling(tiling, shift: layer.shift)
    let search = LatentSearch(
      model, ModelInput(image, shift: layer.shift), latentTiling, layer.position, .single)
    let coded = try await codeLatents(search, jobs: jobs)
    let approximation = Approximation(
      model.latents, coded.map, latentTiling, position: layer.position, shift: layer.shift)
    let input = ModelInput(image)
    let errors = try await mapTiles(tiling.tiles, jobs: jobs) { tile in
      var sum = 0.0
      var count = 0
      // Sixteen rows of every 64.
      for row in stride(from: tile.rows.lowerBound, to: tile.rows.upperBound, by: 64) {
        let rows = row..<min(row + 16, tile.rows.upperBound)
        let mean = approximation(
          Tiling.Tile(index: tile.index, rows: rows, columns: tile.columns), hasScale: false
        ).mean
        let pixels = input.pixels(rows: rows, columns: tile.columns)
        for i in pixels.values.indices {
          let seen = min(max(mean.values[i], -128 * 16), 127 * 16)
          let error = Int(pixels.values[i]) - 8 * Int(seen)
          sum += Double(error * error)
        }
        count += pixels.values.count
      }
      return (sum: sum, count: count)
    }
    let sum = errors.reduce(0) { $0 + $1.sum }
    let count = errors.reduce(0) { $0 + $1.count }
    let bits = coded.tiles.reduce(0) { $0 + Double(8 * $1.stream.bytes.count + 48) }
    return (bits, sum / Double(count) / (128 * 128))
  }

  /// About how many bits the samples take: as differences from a prediction, or as colours that
  /// follow from those around, whichever is less.
  var estimatedBits: Double { min(predictedBits, repeatedBits) }

  /// Each pixel costs a decision, whether its colour is the one that last followed the same four
  /// neighbours, and where it is not, two fifths of its samples' bits and four more.
  private var repeatedBits: Double {
    let (width, height) = (image.width, image.height)
    var colors = [UInt64](repeating: 0, count: width * height)
    for plane in image.planes {
      for i in colors.indices { colors[i] = colors[i] << 16 | UInt64(plane[i]) }
    }
    var last = [UInt64](repeating: .max, count: 1 << 16)
    var misses = 0
    for i in colors.indices {
      var hash: UInt64 = 0
      for offset in [1, width - 1, width, width + 1] {
        hash = (hash &+ (i >= offset ? colors[i - offset] : 0)) &* 0x9E37_79B9_7F4A_7C15
        hash ^= hash >> 29
      }
      let place = Int(hash >> 48)
      if last[place] != colors[i] { misses += 1 }
      last[place] = colors[i]
    }
    let total = Double(colors.count)
    let fraction = min(max(Double(misses) / total, 1 / total), 1 - 1 / total)
    let decision = -fraction * log2(fraction) - (1 - fraction) * log2(1 - fraction)
    let miss = 4 + Double(image.depth * image.planes.count) * 0.4
    let bits = total * decision + Double(misses) * miss
    // Where colours do repeat, the residual coder's contexts find them more often.
    return fraction < 0.5 ? bits / 3 : bits
  }

  /// The entropy of differences from a median prediction, in classes by how much the neighbours
  /// differ.
  private var predictedBits: Double {
    var bits = 0.0
    var before: [Int] = []
    for plane in image.planes {
      let errors = PreviewLadder.predictionErrors(plane, width: image.width, height: image.height)
      bits += PreviewLadder.entropy(
        errors, less: before, activity: errors, width: image.width, depth: image.depth)
      before = errors
    }
    return bits
  }

  private static func predictionErrors(_ plane: [UInt16], width: Int, height: Int) -> [Int] {
    (0..<height * width).map { i in
      let x = i % width
      let above = i >= width ? Int(plane[i - width]) : x > 0 ? Int(plane[i - 1]) : 0
      let left = x > 0 ? Int(plane[i - 1]) : above
      let corner = x > 0 && i >= width ? Int(plane[i - width - 1]) : above
      let gradient = left + above - corner
      return Int(plane[i]) - min(max(gradient, min(left, above)), max(left, above))
    }
  }

  private static func entropy(
    _ errors: [Int], less before: [Int], activity: [Int], width: Int, depth: Int
  ) -> Double {
    let unit = 1 << max(0, depth - 8)
    // Differences of two errors of at most 2^depth each.
    let limit = 2 << depth
    var counts = [[Int]](repeating: [Int](repeating: 0, count: 2 * limit + 1), count: 6)
    for i in errors.indices {
      let left = i > 0 ? abs(activity[i - 1]) : 0
      let above = i >= width ? abs(activity[i - width]) : 0
      let level = (left + above + unit - 1) / unit
      let place = level == 0 ? 0 : min(Int.bitWidth - level.leadingZeroBitCount, 5)
      counts[place][limit + errors[i] - (before.isEmpty ? 0 : before[i])] += 1
    }
    var bits = 0.0
    for values in counts {
      let total = Double(values.reduce(0, +))
      // In a fixed order, so that rounding is the same in every process.
      for count in values.filter({ $0 > 0 }).sorted() {
        bits -= Double(count) * log2(Double(count) / total)
      }
    }
    return bits
  }
}
