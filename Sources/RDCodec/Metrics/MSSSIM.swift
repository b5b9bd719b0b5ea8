import Foundation

/// The multi-scale structural similarity, 1 for equal images: the mean over the colour channels.
///
/// Source: Wang, Simoncelli and Bovik, "Multi-scale structural similarity for image quality
/// assessment", 2003. Scales are halved by 2 × 2 means of complete blocks. An image with a side
/// below 176 pixels has fewer than five scales of one window or more; it is measured over those
/// alone, their weights renormalised to sum to 1. A negative mean counts as 0.
package enum MSSSIM {
  /// Weights of the scales, finest first.
  private static let weights = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333]

  /// Returns nil for images that differ in size or depth, or have a side below 11 pixels.
  package static func mean(_ a: ColorPlanes, _ b: ColorPlanes) -> Double? {
    guard let (a, b) = ColorPlanes.comparable(a, b), min(a.width, a.height) >= SSIM.windowSize
    else { return nil }
    let values = a.planes.indices.map { channel in
      similarity(
        MetricPlane(a, channel: channel), MetricPlane(b, channel: channel), peak: a.span)
    }
    return values.reduce(0, +) / Double(values.count)
  }

  /// A similarity on a scale that is as even as that of PSNR: −10 · log₁₀(1 − similarity).
  package static func decibels(_ similarity: Double) -> Double { -10 * log10(1 - similarity) }

  /// The weights of the scales that an image has, finest first; none below 11 pixels.
  static func weights(width: Int, height: Int) -> [Double] {
    let used = weights.prefix(
      weights.indices.prefix { min(width, height) >> $0 >= SSIM.windowSize }.count)
    let total = used.reduce(0, +)
    return used.map { $0 / total }
  }

  private static func similarity(_ a: MetricPlane, _ b: MetricPlane, peak: Double) -> Double {
    let weights = weights(width: a.width, height: a.height)
    var (scaledA, scaledB) = (a, b)
    var result = 1.0
    for scale in weights.indices {
      if scale > 0 { (scaledA, scaledB) = (scaledA.halved(), scaledB.halved()) }
      let similarity = SSIM.similarity(scaledA, scaledB, peak: peak)
      // Luminance is compared at the coarsest scale only.
      let isCoarsest = scale == weights.count - 1
      let value = isCoarsest ? similarity.full : similarity.contrastStructure
      result *= pow(max(value, 0), weights[scale])
    }
    return result
  }
}
