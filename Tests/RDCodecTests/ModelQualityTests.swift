import Foundation
import TestSupport
import Testing

@testable import DecoderCore
@testable import RDCodec

@Suite struct ModelQualityTests {
  @Test func qualitiesMapToEveryPositionInOrder() {
    #expect(QualityPosition(quality: 1).rawValue == 0)
    #expect(QualityPosition(quality: 100).rawValue == QualityPosition.maximum)
    #expect(QualityPosition(quality: -5).rawValue == 0)
    #expect(QualityPosition(quality: 1e9).rawValue == QualityPosition.maximum)
    let positions = stride(from: 1.0, through: 100, by: 0.25).map {
      QualityPosition(quality: $0).rawValue
    }
    #expect(zip(positions, positions.dropFirst()).allSatisfy { $0 < $1 })
    for rawValue in 0...QualityPosition.maximum {
      let position = QualityPosition(rawValue: rawValue)
      #expect(position.map { QualityPosition(quality: $0.quality) } == position)
    }
    #expect(QualityPosition(rawValue: -1) == nil)
    #expect(QualityPosition(rawValue: QualityPosition.maximum + 1) == nil)
  }

  @Test func interpolationIsExactAtAnchorsAndLinearBetween() throws {
    var random = SplitMix64(seed: 9)
    let anchors = QualityPosition.anchorCount
    let table = Weights.Table(
      rows: anchors, columns: 3,
      values: (0..<anchors * 3).map { _ in .random(in: .min ... .max, using: &random) })
    for rawValue in stride(from: 0, through: QualityPosition.maximum, by: 32) {
      let position = try #require(QualityPosition(rawValue: rawValue))
      let place = Double(rawValue) / Double(QualityPosition.stepsPerAnchor)
      let row = min(Int(place), anchors - 2)
      for (c, value) in position.interpolate(table).enumerated() {
        let low = Double(table.values[row * 3 + c])
        let high = Double(table.values[(row + 1) * 3 + c])
        #expect(abs(Double(value) - (low + (high - low) * (place - Double(row)))) <= 0.5)
      }
    }
  }

  @Test func stepsArePowersOfTwo() {
    var random = SplitMix64(seed: 10)
    let logGains = (0..<2000).map { _ in Int32.random(in: -14 << 16...11 << 16, using: &random) }
    let gains = Gains(logGains: logGains + [0, 1 << 16, -1 << 16, 12 << 16, 40 << 16])
    for (logGain, step) in zip(logGains, gains.steps) {
      let exact = 4096 * exp2(-Double(logGain) / 65536)
      #expect(abs(Double(step) - exact) <= 0.5 + 1e-6 * exact)
    }
    #expect(Array(gains.steps.suffix(5)) == [4096, 2048, 8192, 1, 1])
    #expect(zip(gains.steps, gains.reciprocals).allSatisfy { abs(Double($0) * $1 - 4096) < 1e-9 })
  }

  @Test func compandingIsALogarithm() {
    let values = Tensor(
      height: 1, width: 65536, channels: 1, values: Array(Int16.min...Int16.max))
    let companded = LatentEncoder.compand(values).values
    for (value, result) in zip(values.values, companded) where value >= 0 {
      let exact = 1024 * log2(1 + Double(value) / 64)
      // A chord of log₂ between two powers lies at most 0.0861 below it.
      #expect(Double(result) <= exact + 1e-9 && Double(result) > exact - 0.0861 * 1024 - 1)
      if value > 0 { #expect(companded[32768 - Int(value)] == -result) }
    }
    #expect(zip(companded, companded.dropFirst()).allSatisfy { $0 <= $1 })
    for k in 0..<9 { #expect(companded[32768 + 64 * (1 << k - 1)] == Int16(1024 * k)) }
  }
}
