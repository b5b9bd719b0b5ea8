internal import DecoderCore
internal import Entropy

/// About how many bits an image's samples take without loss, from a few thousand of its pixels.
///
/// Meant to distinguish drawings and patterns, where an exact file is often the smaller one, from
/// photographs, where it never is. It takes about a millisecond.
struct LosslessEstimate {
  /// Bands of rows that are looked at, rows of each, and columns of a row at most.
  private static let bandCount = 16
  private static let bandHeight = 2
  private static let bandWidth = 1024

  /// Below this many bits per sample an image is no photograph.
  private static let syntheticBits = 0.6
  /// The fraction of repeated pixels below which an image is taken for a photograph.
  private static let photographFraction = 0.1

  private let image: Image
  private let repetition: ColorRepetition
  /// Where the pixels are that are looked at: each has all neighbours of a raster scan.
  private let places: [Int]

  init(_ image: Image) {
    self.image = image
    let (width, height) = (image.width, image.height)
    let rowCount = max(height - 1, 0)
    let bandCount = min(Self.bandCount, (rowCount + Self.bandHeight - 1) / Self.bandHeight)
    var places: [Int] = []
    let columns = min(max(width - 2, 0), Self.bandWidth)
    for band in 0..<bandCount {
      let first = 1 + (rowCount - min(Self.bandHeight, rowCount)) * band / max(bandCount - 1, 1)
      // The window wanders from the left edge to the right one.
      let left = 1 + (width - 2 - columns) * band / max(bandCount - 1, 1)
      for y in first..<min(first + Self.bandHeight, height) {
        places += y * width + left..<y * width + left + columns
      }
    }
    self.places = places
    repetition = ColorRepetition(image.planes, width: width, places: places)
  }

  /// Bits of the whole image: as differences from a prediction, or as colours that follow from
  /// those around, whichever is less.
  var bits: Double {
    // Too few pixels to estimate anything: any file is small.
    guard !places.isEmpty else { return 0 }
    let factor = Double(image.pixelCount) / Double(places.count)
    return min(predictedBits, repeatedBits) * factor
  }

  /// Whether an exact file of this many bytes is likely enough to be tried.
  ///
  /// Files of effort 5 had 1 to 0.68 times the estimate over photographs, of which up to 0.67 of
  /// the pixels repeated a neighbour (all of `valid`), down to 1/20 over drawings and 1/124 over a
  /// gradient. The more repeats, the less the estimate is worth.
  func allows(_ byteCount: Int) -> Bool {
    if image.colorType == .palette || image.depth < 8 { return true }
    let bits = bits
    if isSynthetic(bits) { return true }
    let fraction = repeatedFraction
    let margin =
      fraction < Self.photographFraction
      ? 1.5 : fraction < 0.5 ? 4 : fraction < 0.75 ? 8 : .infinity
    return bits <= margin * 8 * Double(byteCount)
  }

  /// The fraction of pixels that equal their left or upper neighbour in every plane.
  private var repeatedFraction: Double {
    func equals(_ place: Int, _ other: Int) -> Bool {
      image.planes.allSatisfy { $0[place] == $0[other] }
    }
    let count = places.count { equals($0, $0 - 1) || equals($0, $0 - image.width) }
    return Double(count) / Double(max(places.count, 1))
  }

  /// Whether the image seems to be anything but a photograph.
  var isDrawing: Bool { isSynthetic(bits) || repeatedFraction >= Self.photographFraction }

  private func isSynthetic(_ bits: Double) -> Bool {
    image.colorType == .palette || image.depth < 8 || repetition.isPattern
      || bits < Self.syntheticBits * Double(image.pixelCount * image.planes.count)
  }

  /// The entropy of differences from the median prediction, in classes by how much the
  /// neighbours differ.
  private var predictedBits: Double {
    let unit = 1 << max(0, image.depth - 8)
    var total = 0.0
    var before = [Int32](repeating: 0, count: places.count)
    for plane in image.planes {
      var errors: [Int32] = []
      errors.reserveCapacity(places.count)
      var classes = [[Int32]](repeating: [], count: 6)
      plane.withUnsafeBufferPointer { plane in
        for (index, place) in places.enumerated() {
          let left = Int(plane[place - 1])
          let above = Int(plane[place - image.width])
          let corner = Int(plane[place - image.width - 1])
          let slope = min(max(left + above - corner, min(left, above)), max(left, above))
          let error = Int32(Int(plane[place]) - slope)
          let level = (abs(left - corner) + abs(above - corner) + unit - 1) / unit
          let bucket = level == 0 ? 0 : min((Int.bitWidth - level.leadingZeroBitCount + 1) / 2, 5)
          classes[bucket].append(error &- before[index])
          errors.append(error)
        }
      }
      before = errors
      total += classes.reduce(0) { $0 + Self.entropy(of: $1) }
    }
    return total
  }

  /// Each pixel costs a decision, whether its colour is the one that last followed the same four
  /// neighbours, and where it is not, two fifths of its samples' bits and four more.
  private var repeatedBits: Double {
    let miss = 4 + Double(image.depth * image.planes.count) * 0.4
    return repetition.decisionBits + Double(repetition.missCount) * miss
  }

  /// Bits that values take by how often each occurs.
  private static func entropy(of values: [Int32]) -> Double {
    let total = Double(values.count)
    var bits = 0.0
    var run = 0
    let sorted = values.sorted()
    for index in sorted.indices {
      run += 1
      guard index + 1 == sorted.count || sorted[index + 1] != sorted[index] else { continue }
      bits -= Double(run) * DeterministicMath.logarithm2(Double(run) / total)
      run = 0
    }
    return bits
  }
}
