internal import DecoderCore
internal import Entropy

/// The multi-scale structural similarity, 1 for equal images: the mean over the colour channels.
///
/// Source: Wang, Simoncelli and Bovik, "Multi-scale structural similarity for image quality
/// assessment", 2003, as TensorFlow's `tf.image.ssim_multiscale` settles what the paper leaves
/// open: scales are halved by 2 × 2 means, for which an odd side first repeats its last row or
/// column, and the coarsest of the five scales holds a window. A negative mean counts as 0.
package enum MSSSIM {
  /// Weights of the scales, finest first.
  private static let weights = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333]

  /// Of this side, halved four times and rounded up, one window is left.
  package static let smallestSide = 161

  /// Returns nil for images that differ in size or depth, or have a side below ``smallestSide``.
  package static func mean(_ a: ColorPlanes, _ b: ColorPlanes) -> Double? {
    guard let (a, b) = ColorPlanes.comparable(a, b), min(a.width, a.height) >= smallestSide
    else { return nil }
    let values = a.planes.indices.map { channel in
      similarity(
        MetricPlane(a, channel: channel), MetricPlane(b, channel: channel), peak: a.span)
    }
    return values.reduce(0, +) / Double(values.count)
  }

  /// A similarity on a scale that is as even as that of PSNR: −10 · log₁₀(1 − similarity).
  package static func decibels(_ similarity: Double) -> Double {
    PSNR.decibels(1 / (1 - similarity))
  }

  /// The weights, summing to 1, of the scales that hold a window when odd sides are rounded down,
  /// finest first; none below 11 pixels. An encoder's search compares images of any size by them.
  static func weights(width: Int, height: Int) -> [Double] {
    let used = weights.prefix(
      weights.indices.prefix { min(width, height) >> $0 >= SSIM.windowSize }.count)
    let total = used.reduce(0, +)
    return used.map { $0 / total }
  }

  private static func similarity(_ a: MetricPlane, _ b: MetricPlane, peak: Double) -> Double {
    var (scaledA, scaledB) = (a, b)
    var result = 1.0
    for scale in weights.indices {
      if scale > 0 {
        (scaledA, scaledB) = (scaledA.halvedRoundingUp(), scaledB.halvedRoundingUp())
      }
      let similarity = SSIM.similarity(scaledA, scaledB, peak: peak)
      // Luminance is compared at the coarsest scale only.
      let isCoarsest = scale == weights.count - 1
      let value = isCoarsest ? similarity.full : similarity.contrastStructure
      result *= DeterministicMath.power(max(value, 0), weights[scale])
    }
    return result
  }
}
