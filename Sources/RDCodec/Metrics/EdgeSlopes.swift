internal import DecoderCore

/// How detail that two planes do not have in common changes with the second one, at one scale: the fourth-power
/// means of SSIMULACRA 2 of what was not there (ringing) and of what was lost (blur).
///
/// Detail is how far a sample is from the mean of a window around it; here that of ``SSIM``, mirrored nowhere:
/// beyond the ends the last sample counts.
struct EdgeSlopes {
  /// Of fourth powers, over all samples.
  private(set) var ringing = EdgeSlopes.least
  private(set) var blur = EdgeSlopes.least
  private let detail: [Float]
  private let distances: [Float]
  private let scales: [Float]
  private let width: Int
  private let height: Int

  private static let peak: Float = 255
  private static let least = 1e-14
  private static let window = SSIM.window.map(Float.init)

  /// Compares 8-bit planes of the same size.
  init(_ a: MetricPlane, _ b: MetricPlane) {
    (width, height) = (a.width, a.height)
    let (meansA, meansB) = (Self.blurred(a), Self.blurred(b))
    let count = a.samples.count
    var (detail, distances, scales) = ([Float](), [Float](), [Float]())
    detail.reserveCapacity(count)
    distances.reserveCapacity(count)
    scales.reserveCapacity(count)
    var sums = (ringing: 0.0, blur: 0.0)
    for i in 0..<count {
      let own = b.samples[i] - meansB.samples[i]
      let before = abs(a.samples[i] - meansA.samples[i]) / Self.peak
      let scale = 1 / (1 + before)
      let distance = (abs(own) / Self.peak - before) * scale
      let square = Double(distance * distance)
      if distance > 0 { sums.ringing += square * square } else { sums.blur += square * square }
      detail.append(own)
      distances.append(distance)
      scales.append(scale / Self.peak)
    }
    ringing = max(sums.ringing / Double(count), Self.least)
    blur = max(sums.blur / Double(count), Self.least)
    self.detail = detail
    self.distances = distances
    self.scales = scales
  }

  /// Adds, for every sample of b, half of how fast a weighted sum of both means' fourth roots falls with it, times
  /// `total`; and how it bends. Returns the weighted sum.
  func add(
    ringing ringingWeight: Double, blur blurWeight: Double, total: Double,
    slopes: inout MetricPlane, curvature: inout MetricPlane
  ) -> Double {
    let (ringingRoot, blurRoot) = (ringing.fourthRoot, blur.fourthRoot)
    let count = Double(detail.count)
    let ringingFactor = Float(total * ringingWeight * ringingRoot / ringing / count)
    let blurFactor = Float(total * blurWeight * blurRoot / blur / count)
    var falls = MetricPlane(width: width, height: height, samples: detail)
    for i in detail.indices {
      let distance = distances[i]
      let factor = (distance > 0 ? ringingFactor : blurFactor) * distance * distance * scales[i]
      falls.samples[i] = (detail[i] < 0 ? 0.5 : -0.5) * factor * distance
      curvature.samples[i] += factor * scales[i] * 0.5
    }
    let back = Self.blurred(falls)
    for i in detail.indices { slopes.samples[i] += falls.samples[i] - back.samples[i] }
    return ringingWeight * ringingRoot + blurWeight * blurRoot
  }

  private static func blurred(_ plane: MetricPlane) -> MetricPlane {
    let (width, height, reach) = (plane.width, plane.height, window.count / 2)
    var rows = [Float](repeating: 0, count: plane.samples.count)
    var result = MetricPlane(width: width, height: height, samples: rows)
    plane.samples.withUnsafeBufferPointer { samples in
      rows.withUnsafeMutableBufferPointer { rows in
        for y in 0..<height {
          for (k, weight) in window.enumerated() {
            let row = min(max(y + k - reach, 0), height - 1) * width
            for x in 0..<width { rows[y &* width &+ x] += weight * samples[row &+ x] }
          }
        }
      }
    }
    rows.withUnsafeBufferPointer { rows in
      result.samples.withUnsafeMutableBufferPointer { result in
        for y in 0..<height {
          for (k, weight) in window.enumerated() {
            let shift = k - reach
            for x in 0..<width {
              let column = min(max(x &+ shift, 0), width &- 1)
              result[y &* width &+ x] += weight * rows[y &* width &+ column]
            }
          }
        }
      }
    }
    return result
  }
}

extension Double {
  /// Two square roots, which are the same on every machine.
  var fourthRoot: Double { squareRoot().squareRoot() }
}
