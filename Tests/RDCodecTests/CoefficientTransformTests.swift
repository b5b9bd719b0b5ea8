import TestSupport
import Testing

@testable import DecoderCore
@testable import RDCodec

/// The integer inverse DCT against floating point and against values of another implementation.
@Suite struct CoefficientTransformTests {
  private func samples(_ levels: [Int16], step: Int32) -> [Int] {
    let rows = Buffer<InverseDCT.Row>(zeroed: 8)
    let steps = [Int32](repeating: step, count: 64)
    InverseDCT.samples(levels, steps: steps, into: rows.base)
    return (0..<64).map { Int(rows[$0 / 8][$0 % 8]) }
  }

  @Test(arguments: 1...20)
  func isWithinOneOfFloatingPoint(seed: Int) {
    var random = SplitMix64(seed: UInt64(seed))
    let levels = (0..<64).map { (k: Int) -> Int16 in
      let divisor = 1 + k / 8 + k % 8
      return Int16.random(in: -60...60, using: &random) / Int16(divisor)
    }
    let transform = FloatDCT()
    let rows = Buffer<FloatDCT.Row>(zeroed: 8)
    for k in 0..<64 { rows[k / 8][k % 8] = Float(levels[k]) * 7 }
    transform.inverse(rows.base)
    for (k, value) in samples(levels, step: 7).enumerated() {
      let exact = min(max(rows[k / 8][k % 8] + 128, 0), 255)
      #expect(abs(Float(value) - exact) < 1)
    }
  }

  @Test func forwardUndoesInverse() {
    var random = SplitMix64(seed: 5)
    let transform = FloatDCT()
    let rows = Buffer<FloatDCT.Row>(zeroed: 8)
    let values = (0..<64).map { _ in Float(Int.random(in: -500...500, using: &random)) }
    for k in 0..<64 { rows[k / 8][k % 8] = values[k] }
    transform.inverse(rows.base)
    transform.forward(rows.base)
    for k in 0..<64 { #expect(abs(rows[k / 8][k % 8] - values[k]) < 0.01) }
  }

  @Test func givesTheSamplesOfJPEGDecoders() {
    // Levels (k · 37 mod 61 − 30) / (1 + row + column), steps 5.
    let levels = (0..<64).map { (k: Int) -> Int16 in
      let value = k * 37 % 61 - 30
      return Int16(value / (1 + k / 8 + k % 8))
    }
    #expect(samples(levels, step: 5) == Self.expected)
  }

  @Test func hostileLevelsNeverTrap() {
    for value in [Int16.min, -2047, 2047, Int16.max] {
      for step: Int32 in [1, 255] {
        let all = samples([Int16](repeating: value, count: 64), step: step)
        #expect(all.allSatisfy { (0...255).contains($0) })
      }
    }
  }

  private static let expected = [
    115, 116, 115, 121, 128, 128, 125, 118, 119, 122, 121, 125, 124, 136, 128, 99,
    115, 122, 119, 119, 125, 137, 87, 77, 102, 104, 109, 118, 112, 106, 85, 93,
    100, 107, 94, 116, 127, 115, 101, 112, 107, 99, 96, 95, 111, 103, 89, 98,
    114, 116, 110, 94, 107, 102, 91, 109, 105, 110, 97, 83, 102, 101, 105, 105,
  ]
}
