internal import DecoderCore

/// How the dissimilarity of two planes changes with the second one, at one scale.
///
/// That of a window is 1 − (1 − (difference of means)²) (1 − var(a − b) / S), S = var(a) + var(b) + C₂, as in
/// SSIMULACRA 2. Windows, means and variances are those of ``SSIM``, in single precision and a fixed order.
struct SSIMSlopes {
  /// The mean over all windows of the dissimilarity, or of its fourth power.
  let mean: Double
  /// For every sample of b, how fast the sum over windows falls with it; of fourth powers a quarter of that.
  var slopes: MetricPlane
  /// For every sample, the sum over windows of weight / S, for fourth powers times the third power of the
  /// dissimilarity: a small difference costs about its square times this, as far as it is no difference of means.
  var curvature: MetricPlane

  /// How many windows lie inside.
  var windowCount: Double {
    Double(
      (slopes.width - SSIM.windowSize + 1) * (slopes.height - SSIM.windowSize + 1))
  }

  private static let peak: Float = 255
  private static let c2 = (0.03 * peak) * (0.03 * peak)
  private static let window = SSIM.window.map(Float.init)

  /// Compares 8-bit planes of the same size, at least one window large.
  init(_ a: MetricPlane, _ b: MetricPlane, isFourthPower: Bool) {
    let columns = a.width - SSIM.windowSize + 1
    let rows = a.height - SSIM.windowSize + 1
    var windows = WindowRow(columns: columns, isFourthPower: isFourthPower)
    var moments = Rows(count: WindowRow.momentCount, width: a.width)
    var spread = Rows(count: WindowRow.resultCount, width: a.width)
    var ring = (0..<SSIM.windowSize).map { _ in Rows(count: WindowRow.resultCount, width: a.width) }
    var slopes = [Float](repeating: 0, count: a.width * a.height)
    var curvature = slopes
    var sum = 0.0
    for y in 0..<a.height {
      if y < rows {
        moments.clear()
        for (k, weight) in SSIMSlopes.window.enumerated() {
          moments.addMoments(a, b, row: y + k, weight: weight)
        }
        sum += windows.compare(moments, weights: SSIMSlopes.window)
        spread.clear()
        windows.spread(into: &spread, weights: SSIMSlopes.window)
        for (k, weight) in SSIMSlopes.window.enumerated() {
          ring[(y + k) % ring.count].add(spread, weight: weight)
        }
      }
      // No later window reaches this row.
      ring[y % ring.count].finish(a, b, row: y, slopes: &slopes, curvature: &curvature)
    }
    mean = sum / Double(columns * rows)
    self.slopes = MetricPlane(width: a.width, height: a.height, samples: slopes)
    self.curvature = MetricPlane(width: a.width, height: a.height, samples: curvature)
  }

  /// Some rows of one width, one after the other.
  private struct Rows {
    let width: Int
    var values: [Float]

    init(count: Int, width: Int) {
      self.width = width
      values = [Float](repeating: 0, count: count * width)
    }

    mutating func clear() {
      for i in values.indices { values[i] = 0 }
    }

    mutating func add(_ other: Rows, weight: Float) {
      values.withUnsafeMutableBufferPointer { target in
        other.values.withUnsafeBufferPointer { source in
          for i in 0..<target.count { target[i] += weight * source[i] }
        }
      }
    }

    /// Adds a row's part of every column's sums of a, b, a² + b² and a b.
    mutating func addMoments(_ a: MetricPlane, _ b: MetricPlane, row: Int, weight: Float) {
      let width = width
      values.withUnsafeMutableBufferPointer { sums in
        a.samples.withUnsafeBufferPointer { a in
          b.samples.withUnsafeBufferPointer { b in
            for x in 0..<width {
              let u = a[row &* width &+ x]
              let v = b[row &* width &+ x]
              sums[x] += weight * u
              sums[width &+ x] += weight * v
              sums[2 &* width &+ x] += weight * (u * u + v * v)
              sums[3 &* width &+ x] += weight * (u * v)
            }
          }
        }
      }
    }

    /// Takes what all windows say of a row, and clears it.
    mutating func finish(
      _ a: MetricPlane, _ b: MetricPlane, row: Int, slopes: inout [Float], curvature: inout [Float]
    ) {
      let (width, start) = (width, row * width)
      let (a, b) = (a.samples.span, b.samples.span)
      slopes.withUnsafeMutableBufferPointer { slopes in
        curvature.withUnsafeMutableBufferPointer { curvature in
          values.withUnsafeBufferPointer { values in
            for x in 0..<width {
              let sum = a[start &+ x] * values[x] - b[start &+ x] * values[width &+ x]
              slopes[start &+ x] = sum - values[2 &* width &+ x]
              curvature[start &+ x] = values[x] / 2
            }
          }
        }
      }
      clear()
    }
  }

  /// The windows that begin in one row.
  private struct WindowRow {
    static let momentCount = 4
    /// What the samples of a and of b are multiplied by, and what is taken from the sum.
    static let resultCount = 3
    private let isFourthPower: Bool
    private var sums: Rows
    private var results: Rows

    init(columns: Int, isFourthPower: Bool) {
      self.isFourthPower = isFourthPower
      sums = Rows(count: WindowRow.momentCount, width: columns)
      results = Rows(count: WindowRow.resultCount, width: columns)
    }

    /// Returns the sum of the windows' dissimilarities, or of their fourth powers.
    mutating func compare(_ moments: Rows, weights: [Float]) -> Double {
      let columns = sums.width
      sums.clear()
      var total = 0.0
      sums.values.withUnsafeMutableBufferPointer { sums in
        moments.values.withUnsafeBufferPointer { moments in
          for i in 0..<WindowRow.momentCount {
            for (k, weight) in weights.enumerated() {
              let source = i * moments.count / WindowRow.momentCount + k
              for x in 0..<columns { sums[i &* columns &+ x] += weight * moments[source &+ x] }
            }
          }
        }
        results.values.withUnsafeMutableBufferPointer { results in
          for x in 0..<columns {
            let (meanA, meanB) = (sums[x], sums[columns &+ x])
            let (squareA, squareB) = (meanA * meanA, meanB * meanB)
            let inverse = 1 / (sums[2 &* columns &+ x] - squareA - squareB + c2)
            let covariance = sums[3 &* columns &+ x] - meanA * meanB
            let similarity = (2 * covariance + c2) * inverse
            var factor = 2 * inverse
            var offset = factor * (meanA - similarity * meanB)
            var own = factor * similarity
            let difference = (meanA - meanB) * (1 / peak)
            let luminance = 1 - difference * difference
            offset = luminance * offset - similarity * (2 / peak * difference)
            own *= luminance
            factor *= luminance
            var distance = max(1 - similarity * luminance, 0)
            if isFourthPower {
              let cube = distance * distance * distance
              factor *= cube
              own *= cube
              offset *= cube
              distance *= cube
            }
            results[x] = factor
            results[columns &+ x] = own
            results[2 &* columns &+ x] = offset
            total += Double(distance)
          }
        }
      }
      return total
    }

    /// Adds to every sample of a row the results of the windows that hold it.
    func spread(into target: inout Rows, weights: [Float]) {
      let columns = results.width
      let width = target.width
      target.values.withUnsafeMutableBufferPointer { target in
        results.values.withUnsafeBufferPointer { results in
          for i in 0..<WindowRow.resultCount {
            for (k, weight) in weights.enumerated() {
              let start = i * width + k
              for x in 0..<columns { target[start &+ x] += weight * results[i &* columns &+ x] }
            }
          }
        }
      }
    }
  }
}
