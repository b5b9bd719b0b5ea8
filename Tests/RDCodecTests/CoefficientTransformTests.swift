import TestSupport
import Testing

@testable import DecoderCore
@testable import RDCodec

/// The integer inverse DCT against floating point and against values of another implementation.
@Suite struct CoefficientTransformTests {
  private func samples(
    _ levels: [Int16], step: Int32, by method: InverseDCT.Method = .exact
  ) -> [Int] {
    let rows = Buffer<InverseDCT.Row>(zeroed: 8)
    let steps = [Int32](repeating: step, count: 64)
    InverseDCT.samples(levels, steps: steps, by: method, into: rows.base)
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
    #expect(samples(Self.levels, step: 5) == Self.expected)
  }

  /// As ``givesTheSamplesOfJPEGDecoders()``, by libjpeg-turbo's fast method.
  @Test func givesTheSamplesOfTheFastMethod() {
    #expect(samples(Self.levels, step: 5, by: .fast) == Self.expectedFast)
  }

  /// The same by libjpeg 9: the sum of samples, each times its number.
  @Test(arguments: [(true, true, 3_461_892), (true, false, 868_240), (false, true, 868_876)])
  func givesTheSamplesOfScaledTransforms(across: Bool, down: Bool, expected: Int) {
    let values = scaledSamples(Self.levels, step: 5, across: across, down: down)
    let sum = values.enumerated().reduce(0) { $0 + ($1.offset + 1) * $1.element }
    #expect(sum == expected)
  }

  /// With steps 5.
  private static let levels = (0..<64).map { (k: Int) -> Int16 in
    let value = k * 37 % 61 - 30
    return Int16(value / (1 + k / 8 + k % 8))
  }

  private func scaledSamples(_ levels: [Int16], step: Int32, across: Bool, down: Bool) -> [Int] {
    let rows = Buffer<InverseDCT.Row>(zeroed: 32)
    InverseDCT.scaledSamples(
      levels, steps: [Int32](repeating: step, count: 64), doublesColumns: across,
      doublesRows: down, into: rows.base)
    let count = 64 * (across ? 2 : 1) * (down ? 2 : 1)
    return (0..<count).map { Int(rows[$0 / 8][$0 % 8]) }
  }

  @Test(arguments: [false, true], [false, true])
  func scaledAnalysisUndoesScaledTransforms(across: Bool, down: Bool) {
    let sampling = ChromaSampling(
      filter: .replicated, halvesColumns: across, halvesRows: down, columnPhase: 0, rowPhase: 0)
    let grid = BlockGrid(width: 8, height: 8, columnPhase: 0, rowPhase: 0)
    let shape = ScaledChroma(
      sampling, grid, width: across ? 16 : 8, height: down ? 16 : 8)
    let blocks = ScaledBlocks(shape)
    let coefficients = Self.levels.map { Float($0) * 5 }
    var made = [Float](repeating: 0, count: shape.width * shape.height)
    blocks.synthesise(coefficients, into: &made)
    var again = [Float](repeating: 0, count: 64)
    blocks.analyse(made, into: &again)
    for (a, b) in zip(again, coefficients) { #expect(abs(a - b) < 0.01) }
    let exact = scaledSamples(Self.levels, step: 5, across: across, down: down)
    for (a, b) in zip(exact, made) { #expect(abs(Float(a) - b - 128) < 1) }
  }

  @Test func hostileLevelsNeverTrap() {
    for value in [Int16.min, -2047, 2047, Int16.max] {
      for step: Int32 in [1, 255] {
        let all = samples([Int16](repeating: value, count: 64), step: step)
        #expect(all.allSatisfy { (0...255).contains($0) })
        let fast = samples([Int16](repeating: value, count: 64), step: step, by: .fast)
        #expect(fast.allSatisfy { (0...255).contains($0) })
        let scaled = scaledSamples(
          [Int16](repeating: value, count: 64), step: step, across: true, down: true)
        #expect(scaled.allSatisfy { (0...255).contains($0) })
      }
    }
  }

  private static let expectedFast = [
    115, 116, 114, 121, 127, 128, 124, 118, 118, 122, 120, 124, 123, 136, 128, 99, 115, 122, 118,
    119, 124, 137, 86, 76, 102, 103, 108, 116, 112, 106, 85, 92, 100, 107, 93, 117, 126, 115, 101,
    112, 107, 98, 95, 93, 111, 102, 88, 97, 114, 115, 110, 94, 107, 102, 91, 108, 104, 110, 96, 83,
    102, 100, 105, 104,
  ]
  private static let expected = [
    115, 116, 115, 121, 128, 128, 125, 118, 119, 122, 121, 125, 124, 136, 128, 99,
    115, 122, 119, 119, 125, 137, 87, 77, 102, 104, 109, 118, 112, 106, 85, 93,
    100, 107, 94, 116, 127, 115, 101, 112, 107, 99, 96, 95, 111, 103, 89, 98,
    114, 116, 110, 94, 107, 102, 91, 109, 105, 110, 97, 83, 102, 101, 105, 105,
  ]
}
