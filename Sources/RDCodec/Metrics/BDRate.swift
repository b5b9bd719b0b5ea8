import Foundation

/// One operating point of a codec.
package struct RatePoint: Sendable, Equatable {
  /// Bits per pixel or any other positive measure of size.
  package var rate: Double
  /// Decibels.
  package var psnr: Double
  package init(rate: Double, psnr: Double) {
    self.rate = rate
    self.psnr = psnr
  }
}

/// The Bjøntegaard delta rate: how much more a codec spends than another at equal PSNR.
///
/// The logarithm of the rate is interpolated over PSNR by a monotone piecewise cubic and averaged
/// over the PSNRs that both curves reach.
/// Sources: Bjøntegaard, "Calculation of average PSNR differences between RD-curves", VCEG-M33,
/// 2001; the interpolation as in ITU-T HSTP-VID-WPOM (2020), instead of one cubic polynomial.
package enum BDRate {
  /// The difference in percent: −10 when `test` needs a tenth less than `reference`.
  ///
  /// Nil where a curve has fewer than two points, its rate does not grow with its PSNR, or the
  /// curves have no PSNR in common.
  package static func percent(reference: [RatePoint], test: [RatePoint]) -> Double? {
    guard let referenceCurve = curve(reference), let testCurve = curve(test) else { return nil }
    let low = max(referenceCurve.domain.lowerBound, testCurve.domain.lowerBound)
    let high = min(referenceCurve.domain.upperBound, testCurve.domain.upperBound)
    guard low < high else { return nil }
    let difference = testCurve.integral(low, high) - referenceCurve.integral(low, high)
    return 100 * (exp(difference / (high - low)) - 1)
  }

  private static func curve(_ points: [RatePoint]) -> MonotoneCubic? {
    let sorted = points.sorted { $0.psnr < $1.psnr }
    guard sorted.count >= 2, sorted[0].rate > 0,
      sorted.allSatisfy({ $0.rate.isFinite && $0.psnr.isFinite }),
      zip(sorted, sorted.dropFirst()).allSatisfy({ $0.psnr < $1.psnr && $0.rate < $1.rate })
    else { return nil }
    return MonotoneCubic(x: sorted.map(\.psnr), y: sorted.map { log($0.rate) })
  }
}
