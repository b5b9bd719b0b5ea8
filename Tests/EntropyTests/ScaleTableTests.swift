import Foundation
import TestSupport
import Testing

@testable import Entropy

@Suite struct ScaleTableTests {
  let tables = ScaleTables.shared

  /// The sizes of the symbols −K ... K and the escape, and σ.
  private func table(_ scale: Int) -> (sizes: [UInt32], support: Int, sigma: Double) {
    let support = ScaleTables.support(scale)
    let sizes =
      (-support...support).map { tables.size(of: $0, scale: scale) }
      + [tables.escapeSize(scale: scale)]
    let step = Double(scale + ScaleTables.firstLogScale) / Double(ScaleTables.stepsPerOctave)
    return (sizes, support, exp2(step))
  }

  @Test(arguments: 0..<ScaleTables.scaleCount)
  func sizesAreSymmetricAndSumToOne(scale: Int) {
    let (sizes, support, _) = table(scale)
    let values = sizes.dropLast()
    #expect(sizes.reduce(0, +) == 1 << 24)
    #expect(sizes.allSatisfy { $0 >= 1 })
    #expect(Array(values) == values.reversed())
    let falling = values.suffix(support + 1)
    #expect(zip(falling, falling.dropFirst()).allSatisfy { $1 <= $0 + 1 })
  }

  @Test(arguments: 0..<ScaleTables.scaleCount)
  func costsAreThoseOfTheGaussian(scale: Int) {
    let (sizes, support, sigma) = table(scale)
    func below(_ x: Double) -> Double { 0.5 * erfc(-x / sigma / 2.0.squareRoot()) }
    var worst = 0.0
    for (symbol, size) in sizes.dropLast().enumerated() where size > 4096 {
      let v = -abs(Double(symbol - support))
      worst = max(worst, abs(log2(Double(size) * 0x1p-24 / (below(v + 0.5) - below(v - 0.5)))))
    }
    #expect(worst < 1e-3)
  }

  @Test func tablesAreTheSameOnEveryMachine() {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325  // FNV-1a over 32-bit words
    func add(_ word: Int) { hash = (hash ^ UInt64(word)) &* 0x100_0000_01B3 }
    for scale in 0..<ScaleTables.scaleCount {
      // Where symbols begin and end.
      var bound = 0
      add(bound)
      for size in table(scale).sizes {
        bound += Int(size)
        add(bound)
      }
    }
    for scale in 0..<ScaleTables.scaleCount { add(table(scale).support) }
    #expect(hash == 947_076_161_551_923_987)
  }

  @Test(arguments: 0..<ScaleTables.scaleCount)
  func massesAreSumsOfSizes(scale: Int) {
    let (sizes, support, _) = table(scale)
    #expect(tables.mass(atLeast: 0, scale: scale) == 1 << 24)
    for threshold in 1...support + 2 {
      let inside = (0..<2 * support + 1).filter { abs($0 - support) >= threshold }
      let sum = inside.reduce(sizes[2 * support + 1]) { $0 + sizes[$1] }
      #expect(tables.mass(atLeast: threshold, scale: scale) == sum)
    }
  }

  @Test(arguments: 0..<ScaleTables.scaleCount)
  func bitsAreThoseOfTheSizes(scale: Int) {
    let (sizes, support, _) = table(scale)
    for (symbol, size) in sizes.dropLast().enumerated() {
      let bits = tables.bits(of: Int32(symbol - support), scale: scale)
      #expect(abs(bits - (24 - log2(Double(size)))) < 1e-9)
    }
    for value in [Int32(support) + 1, .max, .min] {
      #expect(tables.bits(of: value, scale: scale) >= 24 - log2(Double(sizes[2 * support + 1])) + 6)
    }
  }
}
