internal import DecoderCore
internal import Entropy

/// The structural similarity, 1 for equal images, over every 11 × 11 window that lies inside them.
///
/// Source: Wang, Bovik, Sheikh and Simoncelli, "Image quality assessment: from error visibility to
/// structural similarity", 2004; Gaussian window with σ = 1.5, K₁ = 0.01, K₂ = 0.03.
package enum SSIM {
  /// Means over all windows.
  struct Similarity {
    /// Luminance, contrast and structure: the SSIM proper.
    var full: Double
    /// Contrast and structure alone.
    var contrastStructure: Double
  }

  static let windowSize = 11

  /// The one-dimensional Gaussian, normalised; the window is its outer product with itself.
  static let window: [Double] = {
    let weights = (0..<windowSize).map {
      let offset = Double($0 - windowSize / 2)
      return DeterministicMath.exponential(-offset * offset / (2 * 1.5 * 1.5))
    }
    return weights.map { $0 / weights.reduce(0, +) }
  }()

  /// The mean over the colour channels.
  ///
  /// Returns nil for images that differ in size or depth, or have a side below 11 pixels.
  package static func mean(_ a: ColorPlanes, _ b: ColorPlanes) -> Double? {
    guard let (a, b) = ColorPlanes.comparable(a, b), min(a.width, a.height) >= windowSize
    else { return nil }
    let values = a.planes.indices.map { channel in
      similarity(
        MetricPlane(a, channel: channel), MetricPlane(b, channel: channel), peak: a.span
      ).full
    }
    return values.reduce(0, +) / Double(values.count)
  }

  /// Compares two planes of the same size, at least ``windowSize`` in both directions.
  static func similarity(_ a: MetricPlane, _ b: MetricPlane, peak: Double) -> Similarity {
    let (c1, c2) = (0.01 * peak * (0.01 * peak), 0.03 * peak * (0.03 * peak))
    let (columns, rows) = (a.width - windowSize + 1, a.height - windowSize + 1)
    var sum = Similarity(full: 0, contrastStructure: 0)
    for y in 0..<rows {
      let moments = Moments(a, b, rows: y..<y + windowSize, weights: window)
      for x in 0..<columns {
        let m = moments.weighted(from: x, by: window)
        let varianceSum = m.squareSum - m.a * m.a - m.b * m.b
        let covariance = m.product - m.a * m.b
        let luminance = (2 * m.a * m.b + c1) / (m.a * m.a + m.b * m.b + c1)
        let contrastStructure = (2 * covariance + c2) / (varianceSum + c2)
        sum.contrastStructure += contrastStructure
        sum.full += luminance * contrastStructure
      }
    }
    let count = Double(columns * rows)
    return Similarity(full: sum.full / count, contrastStructure: sum.contrastStructure / count)
  }
}

/// Weighted vertical sums of some rows of two planes, per column.
private struct Moments {
  /// The moments of one window.
  struct Values {
    var a = 0.0
    var b = 0.0
    /// a² + b²: SSIM needs the two variances only as a sum.
    var squareSum = 0.0
    var product = 0.0
  }

  private var a: [Double]
  private var b: [Double]
  private var squareSum: [Double]
  private var product: [Double]

  init(_ planeA: MetricPlane, _ planeB: MetricPlane, rows: Range<Int>, weights: [Double]) {
    let width = planeA.width
    a = Array(repeating: 0, count: width)
    b = a
    squareSum = a
    product = a
    for (y, weight) in zip(rows, weights) {
      let p = planeA.samples.span.extracting(y * width..<(y + 1) * width)
      let q = planeB.samples.span.extracting(y * width..<(y + 1) * width)
      for x in 0..<width {
        let (u, v) = (Double(p[x]), Double(q[x]))
        a[x] += weight * u
        b[x] += weight * v
        squareSum[x] += weight * (u * u + v * v)
        product[x] += weight * (u * v)
      }
    }
  }

  func weighted(from start: Int, by weights: [Double]) -> Values {
    var sum = Values()
    for k in 0..<weights.count {
      sum.a += weights[k] * a[start + k]
      sum.b += weights[k] * b[start + k]
      sum.squareSum += weights[k] * squareSum[start + k]
      sum.product += weights[k] * product[start + k]
    }
    return sum
  }
}
