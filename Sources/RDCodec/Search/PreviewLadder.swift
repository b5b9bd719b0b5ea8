package import DecoderCore
internal import Entropy

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

  /// The same beside a JPEG file or what is coded of one, whose coefficients take fewer bytes than samples: small enough for
  /// two thirds of a percent of it, if that can be.
  static func preview(of image: Image, besideJPEG byteCount: Int) -> LatentLayer {
    // Of photographs of 0.15 megapixels in a quarter of their sides.
    let bytesPerPixel = 0.08
    var layer = preview(width: image.width, height: image.height)
    let cost = bytesPerPixel * Double(image.pixelCount)
    while layer.shift < Header.maximumLatentShift,
      cost > Double(byteCount) / 150 * Double(1 << (2 * layer.shift))
    { layer.shift += 1 }
    return layer
  }
}

/// Chooses the preview of a drawing's lossless file: the cheapest one that is good enough, unless it
/// takes more than this fraction of the file (docs/decisions/0008 and 0013).
struct PreviewLadder: Sendable {
  /// What a preview should reach over the colours, in 8-bit steps: 24.5 dB.
  private static let goodError = 65025 / 281.8
  /// The largest fraction of the file, of which `estimatedBits` is an estimate.
  private static let largestFraction = 0.004
  /// The same where they may be left out: files take down to a third of what is estimated, and what
  /// turns out to cost too much would be coded twice.
  private static let largestOptionalFraction = 0.0004

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

  /// Nil where latents are optional, and even the cheapest cost more than they should.
  func choice(isOptional: Bool) async throws(CodecError) -> LatentLayer? {
    let middle = LatentLayer.preview(width: image.width, height: image.height).shift
    let estimatedBits = estimatedBits
    let fraction =
      isOptional ? PreviewLadder.largestOptionalFraction : PreviewLadder.largestFraction
    let budget = fraction * estimatedBits
    var best: (layer: LatentLayer, error: Double)?
    for rung in PreviewLadder.rungs {
      let shift = min(max(middle + rung.reduction, 1), Header.maximumLatentShift)
      let layer = LatentLayer(position: QualityPosition(lambda: rung.lambda), shift: shift)
      if let best, best.layer == layer { continue }
      let (bits, error) = try await measure(layer)
      if best != nil || isOptional, bits > budget { break }
      if best.map({ error < $0.error }) ?? true { best = (layer, error) }
      if error <= PreviewLadder.goodError || bits > budget { break }
    }
    return best?.layer
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
    let (width, count) = (image.width, image.pixelCount)
    var last = [UInt64](repeating: .max, count: 1 << 16)
    var misses = 0
    PlanePointers.with(image.planes) { pixels in
      last.withUnsafeMutableBufferPointer { last in
        @inline(__always)
        func added(_ hash: UInt64, _ i: Int, _ offset: Int) -> UInt64 {
          let sum = (hash &+ (i >= offset ? pixels.color(i &- offset) : 0)) &* 0x9E37_79B9_7F4A_7C15
          return sum ^ sum &>> 29
        }
        for i in 0..<count {
          var hash = added(0, i, 1)
          hash = added(hash, i, width &- 1)
          hash = added(hash, i, width)
          hash = added(hash, i, width &+ 1)
          let place = Int(hash &>> 48)
          let color = pixels.color(i)
          if last[place] != color { misses &+= 1 }
          last[place] = color
        }
      }
    }
    let total = Double(count)
    let fraction = min(max(Double(misses) / total, 1 / total), 1 - 1 / total)
    let decision =
      -fraction * DeterministicMath.logarithm2(fraction)
      - (1 - fraction) * DeterministicMath.logarithm2(1 - fraction)
    let miss = 4 + Double(image.depth * image.planes.count) * 0.4
    let bits = total * decision + Double(misses) * miss
    // Where colours do repeat, the residual coder's contexts find them more often.
    return fraction < 0.5 ? bits / 3 : bits
  }

  /// The entropy of differences from a median prediction, less those of the plane before, in
  /// classes by how much the neighbours differ.
  private var predictedBits: Double {
    image.planes.indices.reduce(0) { bits, index in
      let before = index > 0 ? image.planes[index - 1] : nil
      return bits
        + PreviewLadder.entropy(
          image.planes[index], less: before, width: image.width, depth: image.depth)
    }
  }

  private static func entropy(
    _ plane: [UInt16], less before: [UInt16]?, width: Int, depth: Int
  ) -> Double {
    let unitShift = max(0, depth - 8)
    // Differences of two errors of at most 2^depth each.
    let limit = 2 << depth
    let valueCount = 2 * limit + 1
    var counts = [UInt32](repeating: 0, count: 6 * valueCount)
    var above = [Int32](repeating: 0, count: width)
    var errors = above
    var errorsBefore = above
    var left: Int32 = 0
    for row in stride(from: 0, to: plane.count, by: width) {
      predictionErrors(plane, row: row, width: width, into: &errors)
      if let before { predictionErrors(before, row: row, width: width, into: &errorsBefore) }
      for x in 0..<width {
        let sum = Int(abs(left)) + Int(abs(above[x]))
        let level = (sum + (1 << unitShift) - 1) >> unitShift
        let place = level == 0 ? 0 : min(Int.bitWidth - level.leadingZeroBitCount, 5)
        counts[place &* valueCount &+ limit &+ Int(errors[x] &- errorsBefore[x])] &+= 1
        left = errors[x]
      }
      swap(&above, &errors)
    }
    var bits = 0.0
    for place in 0..<6 {
      let values = counts[place * valueCount..<(place + 1) * valueCount].filter { $0 > 0 }
      let total = values.reduce(0.0) { $0 + Double($1) }
      // In a fixed order, so that rounding is the same in every process.
      for count in values.sorted() {
        bits -= Double(count) * DeterministicMath.logarithm2(Double(count) / total)
      }
    }
    return bits
  }

  /// Of the row that begins at `row`.
  private static func predictionErrors(
    _ plane: [UInt16], row: Int, width: Int, into errors: inout [Int32]
  ) {
    plane.withUnsafeBufferPointer { plane in
      let here = plane.baseAddress! + row
      for x in 0..<width {
        let above = row > 0 ? Int32(here[x &- width]) : x > 0 ? Int32(here[x &- 1]) : 0
        let left = x > 0 ? Int32(here[x &- 1]) : above
        let corner = x > 0 && row > 0 ? Int32(here[x &- width &- 1]) : above
        let gradient = left &+ above &- corner
        errors[x] = Int32(here[x]) &- min(max(gradient, min(left, above)), max(left, above))
      }
    }
  }
}
