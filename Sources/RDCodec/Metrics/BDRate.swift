internal import DecoderCore
internal import Entropy

/// One operating point of a codec.
package struct RatePoint: Sendable, Equatable {
  /// Bits per pixel or any other positive measure of size.
  package var rate: Double
  /// Decibels, or any other measure of quality.
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
  /// Why two curves have no BD-rate.
  package enum Refusal: Error, Equatable, Sendable, CustomStringConvertible {
    /// A curve has fewer than ``BDRate/minimumPointCount`` points.
    case tooFewPoints(Int)
    /// A rate is not positive, or a value not finite.
    case unusablePoint
    /// Somewhere more bits give no more quality.
    case notMonotone
    /// Nowhere, or on too short an interval, do both curves have the same quality.
    case tooLittleOverlap

    package var description: String {
      switch self {
      case .tooFewPoints(let count):
        "a curve has \(count) \(count == 1 ? "point" : "points"), \(minimumPointCount) are needed"
      case .unusablePoint: "a point has no rate or no finite quality"
      case .notMonotone: "on a curve more bits do not always give more quality"
      case .tooLittleOverlap: "the curves have too little quality in common"
      }
    }
  }

  /// What VCEG-M33 takes: between fewer points the curve is mostly the interpolation's.
  package static let minimumPointCount = 4
  /// The fraction of the shorter curve's span of quality that the other has to reach as well.
  package static let minimumOverlap = 0.5

  /// The difference in percent: −10 when `test` needs a tenth less than `reference`.
  ///
  /// Refuses curves that would give a number without a meaning.
  package static func percent(
    reference: [RatePoint], test: [RatePoint]
  ) throws(Refusal) -> Double {
    let (referenceCurve, testCurve) = (try curve(reference), try curve(test))
    let low = max(referenceCurve.domain.lowerBound, testCurve.domain.lowerBound)
    let high = min(referenceCurve.domain.upperBound, testCurve.domain.upperBound)
    let shorter = min(length(referenceCurve.domain), length(testCurve.domain))
    guard low < high, high - low >= minimumOverlap * shorter else { throw .tooLittleOverlap }
    let difference = testCurve.integral(low, high) - referenceCurve.integral(low, high)
    return 100 * (DeterministicMath.exponential(difference / (high - low)) - 1)
  }

  private static func length(_ range: ClosedRange<Double>) -> Double {
    range.upperBound - range.lowerBound
  }

  private static func curve(_ points: [RatePoint]) throws(Refusal) -> MonotoneCubic {
    guard points.count >= minimumPointCount else { throw .tooFewPoints(points.count) }
    guard points.allSatisfy({ $0.rate > 0 && $0.rate.isFinite && $0.psnr.isFinite }) else {
      throw .unusablePoint
    }
    let sorted = points.sorted { $0.psnr < $1.psnr }
    guard zip(sorted, sorted.dropFirst()).allSatisfy({ $0.psnr < $1.psnr && $0.rate < $1.rate })
    else { throw .notMonotone }
    return MonotoneCubic(
      x: sorted.map(\.psnr), y: sorted.map { DeterministicMath.logarithm($0.rate) })
  }
}
