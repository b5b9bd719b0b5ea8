internal import DecoderCore

/// SSIMULACRA 2 at one size: rows of two images go in from the top, and their errors add up.
///
/// Windows are 11 × 11 samples, as ``SSIM/window`` weights them, mirrored beyond top and bottom and zero beyond left
/// and right, in single precision and a fixed order.
struct SimilarityScale {
  /// Of one plane.
  struct Errors {
    var means = Kinds()
    /// Fourth roots of means of fourth powers.
    var powerMeans = Kinds()
  }

  /// How b differs from a.
  struct Kinds {
    /// In structure: 1 − SSIM, by a form of it that does not mind dark places.
    var similarity = 0.0
    /// By detail that was not there: how far a sample is from its window's mean.
    var ringing = 0.0
    /// By detail that was lost.
    var blur = 0.0
  }

  private let width: Int
  private let height: Int
  /// Rows that came in.
  private var rowCount = 0
  /// The last rows of opponent colours, three of a and three of b, in turns.
  private var colors: [Float]
  /// The last rows of means along them: in each plane of a, of a − b, of a² + b² and of (a − b)².
  private var moments: [Float]
  /// An upper row, until the lower one comes to be halved with it.
  private var upper: [Float]?
  private var sums = [Errors](repeating: Errors(), count: 3)

  private static let window = SSIM.window.map(Float.init)
  private static let reach = SSIM.windowSize / 2
  private static let momentCount = 4
  /// Keeps the similarity of flat areas finite.
  private static let flatness: Float = 0.0009

  init(width: Int, height: Int) {
    self.width = width
    self.height = height
    colors = [Float](repeating: 0, count: SSIM.windowSize * 6 * width)
    moments = [Float](repeating: 0, count: SSIM.windowSize * 3 * Self.momentCount * width)
  }

  /// The next size; nil where that is too small.
  var half: SimilarityScale? {
    let (width, height) = ((width + 1) / 2, (height + 1) / 2)
    guard min(width, height) >= SSIMULACRA2.smallestSide else { return nil }
    return SimilarityScale(width: width, height: height)
  }

  /// Of X, Y and B − Y, once all rows are in.
  var errors: [Errors] {
    let count = Double(width * height)
    return sums.map { sum in
      var result = Errors()
      for kind in [\Kinds.similarity, \Kinds.ringing, \Kinds.blur] {
        result.means[keyPath: kind] = sum.means[keyPath: kind] / count
        result.powerMeans[keyPath: kind] = (sum.powerMeans[keyPath: kind] / count).fourthRoot
      }
      return result
    }
  }

  /// Takes the next rows of red, green and blue light of a, then of b. Returns the next rows of half the size, once
  /// both of which they are means came.
  mutating func add(_ light: [Float]) -> [Float]? {
    addMoments(light)
    rowCount += 1
    if rowCount == height {
      for y in max(0, height - 1 - Self.reach)..<height { compare(y) }
    } else if rowCount > Self.reach {
      compare(rowCount - 1 - Self.reach)
    }
    guard let upper else {
      if rowCount == height { return halved(light, light) }
      upper = light
      return nil
    }
    self.upper = nil
    return halved(upper, light)
  }

  /// Means of 2 × 2 samples; an odd last column counts twice.
  private func halved(_ top: [Float], _ bottom: [Float]) -> [Float] {
    var result: [Float] = []
    result.reserveCapacity(6 * ((width + 1) / 2))
    for start in stride(from: 0, to: 6 * width, by: width) {
      for x in stride(from: start, to: start + width - 1, by: 2) {
        result.append((top[x] + top[x + 1] + bottom[x] + bottom[x + 1]) * 0.25)
      }
      let last = start + width - 1
      if !width.isMultiple(of: 2) { result.append((top[last] + bottom[last]) * 0.5) }
    }
    return result
  }

  /// Opponent colours of the next row, and means along it.
  private mutating func addMoments(_ light: [Float]) {
    let width = width
    let slot = rowCount % SSIM.windowSize
    let (colorStart, momentStart) = (slot * 6 * width, slot * 3 * Self.momentCount * width)
    var padded = [Float](repeating: 0, count: Self.momentCount * (width + 2 * Self.reach))
    colors.withUnsafeMutableBufferPointer { colors in
      for i in light.indices { colors[colorStart &+ i] = light[i] }
      OpponentColor.convert(colors, from: colorStart, width: width)
      OpponentColor.convert(colors, from: colorStart + 3 * width, width: width)
    }
    let stride = width + 2 * Self.reach
    for channel in 0..<3 {
      colors.withUnsafeBufferPointer { colors in
        padded.withUnsafeMutableBufferPointer { padded in
          let a = colorStart + channel * width
          let b = a + 3 * width
          for x in 0..<width {
            let (p, q) = (colors[a &+ x], colors[b &+ x])
            let difference = p - q
            let place = Self.reach &+ x
            padded[place] = p
            padded[place &+ stride] = difference
            padded[place &+ 2 &* stride] = p * p + q * q
            padded[place &+ 3 &* stride] = difference * difference
          }
        }
      }
      for moment in 0..<Self.momentCount {
        let start = momentStart + (channel * Self.momentCount + moment) * width
        padded.withUnsafeBufferPointer { padded in
          moments.withUnsafeMutableBufferPointer { moments in
            Self.blur(
              padded, (0..<SSIM.windowSize).map { moment * stride + $0 }, into: moments,
              from: start, count: width)
          }
        }
      }
    }
  }

  /// Weighted sums of eleven runs of samples.
  private static func blur(
    _ samples: UnsafeBufferPointer<Float>, _ starts: [Int],
    into result: UnsafeMutableBufferPointer<Float>, from start: Int, count: Int
  ) {
    let (s0, s1, s2, s3, s4, s5) = (
      starts[0], starts[1], starts[2], starts[3], starts[4], starts[5]
    )
    let (s6, s7, s8, s9, s10) = (starts[6], starts[7], starts[8], starts[9], starts[10])
    let (w0, w1, w2) = (window[5], window[4], window[3])
    let (w3, w4, w5) = (window[2], window[1], window[0])
    for i in 0..<count {
      let near = w0 * samples[s5 &+ i] + w1 * (samples[s4 &+ i] + samples[s6 &+ i])
      let middle =
        w2 * (samples[s3 &+ i] + samples[s7 &+ i]) + w3 * (samples[s2 &+ i] + samples[s8 &+ i])
      let far =
        w4 * (samples[s1 &+ i] + samples[s9 &+ i]) + w5 * (samples[s0 &+ i] + samples[s10 &+ i])
      result[start &+ i] = near + middle + far
    }
  }

  /// Adds the errors of a row around which all rows of its windows are in.
  private mutating func compare(_ y: Int) {
    let width = width
    let rowLength = 3 * Self.momentCount * width
    let starts = (-Self.reach...Self.reach).map { offset in
      let row = y + offset
      let mirrored = row < 0 ? -1 - row : row < height ? row : 2 * height - 1 - row
      return mirrored % SSIM.windowSize * rowLength
    }
    var means = [Float](repeating: 0, count: rowLength)
    var (distances, details) = (means, means)
    moments.withUnsafeBufferPointer { moments in
      means.withUnsafeMutableBufferPointer { means in
        Self.blur(moments, starts, into: means, from: 0, count: rowLength)
      }
    }
    let colorStart = y % SSIM.windowSize * 6 * width
    for channel in 0..<3 {
      colors.withUnsafeBufferPointer { colors in
        means.withUnsafeBufferPointer { means in
          distances.withUnsafeMutableBufferPointer { distances in
            details.withUnsafeMutableBufferPointer { details in
              let start = channel * Self.momentCount * width
              let a = colorStart + channel * width
              let b = a + 3 * width
              for x in 0..<width {
                let place = start &+ x
                let (mean, shift) = (means[place], means[place &+ width])
                let other = mean - shift
                // 1 − (1 − shift²) · (2 · covariance + c) / (variances + c), where both are nearly the same.
                let variances =
                  means[place &+ 2 &* width] - mean * mean - other * other + Self.flatness
                let square = shift * shift
                let structure = (means[place &+ 3 &* width] - square) / variances
                distances[x] = structure + square - square * structure
                let before = abs(colors[a &+ x] - mean)
                let after = abs(colors[b &+ x] - other)
                details[x] = (after - before) / (1 + before)
              }
            }
          }
        }
      }
      sums[channel].add(distances[..<width], details[..<width])
    }
  }
}

extension SimilarityScale.Errors {
  /// Adds a row, and its fourth powers.
  fileprivate mutating func add(_ distances: ArraySlice<Float>, _ details: ArraySlice<Float>) {
    var (sum, powers) = (means, powerMeans)
    for x in distances.indices {
      let distance = Double(max(distances[x], 0))
      let (ringing, blur) = (Double(max(details[x], 0)), Double(max(-details[x], 0)))
      sum.similarity += distance
      sum.ringing += ringing
      sum.blur += blur
      powers.similarity += distance.fourthPower
      powers.ringing += ringing.fourthPower
      powers.blur += blur.fourthPower
    }
    (means, powerMeans) = (sum, powers)
  }
}

extension Double {
  fileprivate var fourthPower: Double { self * self * (self * self) }
}
