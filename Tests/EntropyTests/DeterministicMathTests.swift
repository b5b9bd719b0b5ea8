import Foundation
import Testing

@testable import Entropy

@Suite struct DeterministicMathTests {
  @Test func exponentialIsExactToTheLastBits() {
    var worst = 0.0
    for i in -70_000...70_000 {
      let x = Double(i) * 0.00999
      worst = max(worst, abs(DeterministicMath.exponential(x) / exp(x) - 1))
    }
    #expect(worst < 8e-16)
  }

  @Test func gaussianTailIsExactToFifteenPlaces() {
    var worst = 0.0
    for i in 0...4000 {
      let x = Double(i) * 0.0025
      worst = max(worst, abs(DeterministicMath.gaussianTail(x) - 0.5 * erfc(x / 2.0.squareRoot())))
    }
    #expect(worst < 2e-15)
  }
}
