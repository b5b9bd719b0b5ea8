import Testing

@testable import DecoderCore
@testable import RDCodec

@Suite struct MetricsBDRateTests {
  /// Four points of a video codec that circulate with implementations of VCEG-M33.
  static let reference = points([85.95, 157.11, 309.58, 686.76], [31.42, 34.24, 37.18, 40.28])
  static let test = points([112.75, 204.93, 407.8, 893.34], [31.24, 34.17, 37.21, 40.39])

  static func points(_ rates: [Double], _ psnrs: [Double]) -> [RatePoint] {
    zip(rates, psnrs).map(RatePoint.init(rate:psnr:))
  }

  /// Values by scipy 1.17.1, PchipInterpolator (`python3 scripts/metrics_reference.py`); one cubic
  /// polynomial gives 31.397 for the first.
  @Test func agreesWithScipy() throws {
    let known = try BDRate.percent(reference: Self.reference, test: Self.test)
    let uneven = try BDRate.percent(
      reference: Self.points([0.1, 0.3, 0.35, 1.2, 1.3, 4], [26, 27.5, 31, 33, 38, 39]),
      test: Self.points([0.9, 0.2, 0.22, 0.95], [36.5, 27, 30, 37]))
    #expect(abs(known - 31.37987820239754) < 1e-9)
    #expect(abs(uneven - -43.65953502991341) < 1e-9)
  }

  @Test(arguments: [0.5, 0.9, 1.0, 1.25])
  func scaledRatesGiveTheirFactor(factor: Double) throws {
    let scaled = Self.reference.map { RatePoint(rate: $0.rate * factor, psnr: $0.psnr) }
    let percent = try BDRate.percent(reference: Self.reference, test: scaled)
    #expect(abs(percent - 100 * (factor - 1)) < 1e-9)
  }

  /// Each of them made a number up in other tools, or divided by zero.
  static let refused: [(curve: [RatePoint], reason: BDRate.Refusal)] = [
    ([], .tooFewPoints(0)),
    (Array(test.prefix(3)), .tooFewPoints(3)),
    (points([100, 200, 300, 400], [32, 34, 33, 36]), .notMonotone),
    (points([400, 300, 200, 100], [32, 34, 36, 38]), .notMonotone),
    (points([100, 200, 200, 400], [32, 34, 34, 36]), .notMonotone),
    (points([100, 200, 300, 400], [32, 34, 34, 36]), .notMonotone),
    (points([100, 200, 200, 400], [32, 34, 35, 36]), .notMonotone),
    (points([0, 100, 200, 400], [32, 34, 35, 36]), .unusablePoint),
    (points([50, 100, 200, 400], [32, 34, 35, .infinity]), .unusablePoint),
    (points([50, 100, 200, 400], [32, .nan, 35, 36]), .unusablePoint),
    (points([50, 100, 200, 400], [52, 54, 55, 56]), .tooLittleOverlap),
    (points([50, 100, 200, 400], [40, 44, 48, 52]), .tooLittleOverlap),
    (points([50, 100, 200, 400], [40.28, 44, 48, 52]), .tooLittleOverlap),
  ]

  @Test(arguments: refused.indices)
  func curvesWithoutAMeaningAreRefused(index: Int) {
    let (curve, reason) = Self.refused[index]
    #expect(throws: reason) { try BDRate.percent(reference: Self.reference, test: curve) }
    #expect(throws: reason) { try BDRate.percent(reference: curve, test: Self.reference) }
  }

  @Test func orderOfPointsDoesNotMatter() throws {
    let shuffled = [2, 0, 3, 1].map { Self.test[$0] }
    #expect(
      try BDRate.percent(reference: Self.reference, test: shuffled)
        == BDRate.percent(reference: Self.reference, test: Self.test))
  }
}
