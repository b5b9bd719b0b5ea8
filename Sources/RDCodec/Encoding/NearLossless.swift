internal import DecoderCore

/// How the samples of an image are kept within a bound (docs/FORMAT.md §11.1).
///
/// Both forms code integers in place of samples, `step` = 2 · maximumError + 1 apart, so that every
/// sample has exactly one of them within the bound.
struct NearLossless: Sendable, Equatable {
  /// What the residual streams hold.
  enum Form: Sendable, Equatable {
    /// Samples rounded to a lattice, coded as if they were the image.
    case lattice
    /// How many steps samples lie from x̂: where x̂ is close, all zero.
    case steps(quality: Double)
  }

  /// Bounds that the format has.
  static let errorRange = PredictionSteps.errorRange

  var maximumError: Int
  var form: Form

  var content: Header.Content { form == .lattice ? .lattice : .steps }

  /// Whether `image` is within the bound of `original`, its alpha and all else the same.
  func isKept(_ original: Image, by image: Image) -> Bool {
    var rest = image
    rest.planes = original.planes
    guard rest == original, image.planes.count == original.planes.count else { return false }
    let colorCount = original.colorType.hasAlpha ? original.planes.count - 1 : original.planes.count
    return original.planes.indices.allSatisfy { index in
      let bound = index < colorCount ? maximumError : 0
      return image.planes[index].count == original.planes[index].count
        && zip(image.planes[index], original.planes[index]).allSatisfy {
          abs(Int($0) - Int($1)) <= bound
        }
    }
  }
}

/// The points that samples are rounded to: first + k · step, as few as reach every sample value.
struct SampleLattice: Equatable {
  let first: Int
  let step: Int
  let count: Int

  /// The lattice of a plane with values up to `peak` that is nearest to `samples`.
  ///
  /// Where the number of points leaves the first one open, the samples' own values decide, so that
  /// the white of a page stays white.
  init(of samples: [UInt16], peak: Int, maximumError: Int) {
    let valueCount = peak + 1
    step = 2 * maximumError + 1
    count = (valueCount + step - 1) / step
    // The first point reaches 0, the last one the largest value, and both are values.
    let last = step * (count - 1)
    let lowest = max(0, valueCount - 1 - maximumError - last)
    let highest = max(lowest, min(maximumError, valueCount - 1 - last))
    guard highest > lowest else {
      first = lowest
      return
    }
    var histogram = [Int](repeating: 0, count: valueCount)
    for sample in samples { histogram[Int(sample)] += 1 }
    let (step, count) = (step, count)
    let costs = (lowest...highest).map { first in
      histogram.indices.reduce(0) { sum, value in
        let error = value - SampleLattice.nearest(value, first, step, count)
        return sum + histogram[value] * error * error
      }
    }
    first = lowest + costs.indices.min { costs[$0] < costs[$1] }!
  }

  private static func nearest(_ value: Int, _ first: Int, _ step: Int, _ count: Int) -> Int {
    first + step * min(max(value - first + step / 2, 0) / step, count - 1)
  }

  /// The point nearest to every sample value, by value.
  func table(peak: Int) -> [UInt16] {
    (0...peak).map { UInt16(SampleLattice.nearest($0, first, step, count)) }
  }
}

extension Image {
  /// The image with the samples of its colours rounded to lattices.
  func rounded(maximumError: Int) -> Image {
    var image = self
    let colorCount = colorType.hasAlpha ? planes.count - 1 : planes.count
    for index in 0..<colorCount {
      let lattice = SampleLattice(of: planes[index], peak: peak, maximumError: maximumError)
      let table = lattice.table(peak: peak)
      image.planes[index] = planes[index].map { table[Int($0)] }
    }
    return image
  }
}

extension PredictionSteps {
  /// The colours of a tile as steps; alpha stays.
  func forward(_ samples: TileSamples, _ prediction: TilePrediction) -> TileSamples {
    var result = samples
    for (index, means) in prediction.means.enumerated() {
      result.planes[index] = zip(samples.planes[index], means).map { sample, mean in
        let difference = Int(sample) - center(mean)
        let magnitude = (abs(difference) + step / 2) / step
        return UInt16(zero + (difference < 0 ? -magnitude : magnitude))
      }
    }
    return result
  }
}
