import Testing

@testable import RDCodec

@Suite struct MetricsBDRateTests {
  /// Four points of a video codec that circulate with implementations of VCEG-M33.
  static let reference = points([85.95, 157.11, 309.58, 686.76], [31.42, 34.24, 37.18, 40.28])
  static let test = points([112.75, 204.93, 407.8, 893.34], [31.24, 34.17, 37.21, 40.39])

  static func points(_ rates: [Double], _ psnrs: [Double]) -> [RatePoint] {
    zip(rates, psnrs).map(RatePoint.init(rate:psnr:))
  }

  /// Values by scipy 1.17.1, PchipInterpolator (`python3 scripts/metrics_reference.py`); one cubic polynomial gives 31.397 for the first.
  @Test func agreesWithScipy() throws {
    let known = try #require(BDRate.percent(reference: Self.reference, test: Self.test))
    let uneven = try #require(
      BDRate.percent(
        reference: Self.points([0.1, 0.3, 0.35, 1.2, 1.3, 4], [26, 27.5, 31, 33, 38, 39]),
        test: Self.points([0.9, 0.2, 0.22], [36.5, 27, 30])))
    #expect(abs(known - 31.37987820239754) < 1e-9)
    #expect(abs(uneven - -48.63451158457265) < 1e-9)
  }

  @Test(arguments: [0.5, 0.9, 1.0, 1.25])
  func scaledRatesGiveTheirFactor(factor: Double) throws {
    let scaled = Self.reference.map { RatePoint(rate: $0.rate * factor, psnr: $0.psnr) }
    let percent = try #require(BDRate.percent(reference: Self.reference, test: scaled))
    #expect(abs(percent - 100 * (factor - 1)) < 1e-9)
  }

  @Test func incomparableCurvesGiveNothing() {
    let better = Self.reference.map { RatePoint(rate: $0.rate, psnr: $0.psnr + 20) }
    let falling = Self.points([2, 1], [30, 31])
    #expect(BDRate.percent(reference: Self.reference, test: better) == nil)
    #expect(BDRate.percent(reference: Self.reference, test: [Self.test[0]]) == nil)
    #expect(BDRate.percent(reference: Self.reference, test: falling) == nil)
    #expect(BDRate.percent(reference: Self.points([0, 1], [30, 31]), test: Self.test) == nil)
  }
}
