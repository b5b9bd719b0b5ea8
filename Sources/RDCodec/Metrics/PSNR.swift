internal import DecoderCore
internal import Entropy

/// The peak signal-to-noise ratio, in decibels: 10 · log₁₀(peak² / MSE), peak being
/// ``ColorPlanes/span`` of `a`.
///
/// Alpha does not count. Both functions return infinity for equal images, and nil for images that
/// differ in size or depth.
package enum PSNR {
  /// The convention of every number that rdcodec reports: one MSE over all colour samples.
  package static func pooled(_ a: ColorPlanes, _ b: ColorPlanes) -> Double? {
    guard let (a, b) = ColorPlanes.comparable(a, b) else { return nil }
    let errors = zip(a.planes, b.planes).map(squaredError)
    return decibels(
      squaredError: errors.reduce(0, +), count: a.width * a.height * errors.count, peak: a.span)
  }

  /// The mean over the channels of each one's PSNR; never below ``pooled(_:_:)``.
  package static func channelMean(_ a: ColorPlanes, _ b: ColorPlanes) -> Double? {
    guard let (a, b) = ColorPlanes.comparable(a, b) else { return nil }
    let values = zip(a.planes, b.planes).map { p, q in
      decibels(squaredError: squaredError(p, q), count: a.width * a.height, peak: a.span)
    }
    return values.reduce(0, +) / Double(values.count)
  }

  /// Exact up to 2³⁰ samples: each square is below 2³².
  private static func squaredError(_ p: [UInt16], _ q: [UInt16]) -> UInt64 {
    var sum: UInt64 = 0
    for (s, t) in zip(p, q) {
      let difference = Int64(s) - Int64(t)
      sum &+= UInt64(bitPattern: difference &* difference)
    }
    return sum
  }

  private static func decibels(squaredError: UInt64, count: Int, peak: Double) -> Double {
    decibels(peak * peak * Double(count) / Double(squaredError))
  }

  /// 10 log₁₀ of a ratio; infinite where that is.
  static func decibels(_ ratio: Double) -> Double {
    guard ratio < .infinity else { return .infinity }
    return 10 * DeterministicMath.logarithm2(ratio) / DeterministicMath.logarithm2(10)
  }
}
