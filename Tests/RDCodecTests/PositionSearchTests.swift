import Foundation
import Testing

@testable import DecoderCore
@testable import RDCodec

@Suite struct PositionSearchTests {
  typealias Side = PositionSearch.Side

  /// Runs a search to its end and returns it.
  private func run(
    _ search: PositionSearch, measure: (Int) -> Double
  ) -> PositionSearch {
    var search = search
    while !search.isDone, search.trialCount < 40 {
      let position = search.next
      #expect((0...QualityPosition.maximum).contains(position))
      search.record(position, measure(position))
    }
    return search
  }

  private func search(
    _ limit: Double, _ side: Side, tolerance: Double, start: Int = 700
  ) -> PositionSearch {
    PositionSearch(limit: limit, side: side, tolerance: tolerance, slope: 0.002, start: start)
  }

  /// The logarithm of a size, bent as real curves are.
  private func curve(_ position: Int) -> Double {
    8 + 3 * pow(Double(position) / 2048, 0.7)
  }

  @Test(arguments: [8.02, 8.3, 9, 9.7, 10.5, 10.98], [Side.atMost, .atLeast])
  func meetsALimitInFewTrials(limit: Double, side: Side) throws {
    for start in [0, 300, 1024, 2048] {
      let found = run(search(limit, side, tolerance: 0.01, start: start), measure: curve)
      let best = try #require(found.best)
      #expect(abs(best.value - limit) <= 0.01)
      #expect(side == .atMost ? best.value <= limit : best.value >= limit)
      #expect(found.trialCount <= 8)
    }
  }

  @Test func aStepIsFoundFromBothSides() {
    for (side, position) in [(Side.atMost, 1233), (.atLeast, 1234)] {
      let found = run(search(0.5, side, tolerance: 0)) { $0 < 1234 ? 0 : 1 }
      #expect(found.best?.position == position)
    }
  }

  /// A jump from 0 to 1 with a better position just beyond it.
  @Test func aJumpIsSearchedAround() {
    let values = [1232: 0.0, 1233: 0.49, 1235: 0.51]
    for (side, position) in [(Side.atMost, 1233), (.atLeast, 1235)] {
      let found = run(search(0.5, side, tolerance: 0.02)) { values[$0] ?? ($0 < 1232 ? 0 : 1) }
      #expect(found.best?.position == position)
    }
  }

  @Test func infiniteValuesAreAboveEveryLimit() {
    let found = run(search(40, .atLeast, tolerance: 0.1)) { $0 > 50 ? .infinity : 12 }
    #expect(found.best?.position == 51)
  }

  @Test func whatCannotBeReachedEndsAtTheNearestPosition() {
    let small = run(search(7, .atMost, tolerance: 0.01), measure: curve)
    #expect(small.best == nil && small.isOutOfReach && small.above?.position == 0)
    let good = run(search(12, .atLeast, tolerance: 0.01), measure: curve)
    #expect(good.best == nil && good.isOutOfReach && good.below?.position == 2048)
    // The other way round the limit is kept at once.
    #expect(run(search(12, .atMost, tolerance: 0.01), measure: curve).best?.position == 2048)
    #expect(run(search(7, .atLeast, tolerance: 0.01), measure: curve).best?.position == 0)
  }

  @Test func measuresThatAreNotMonotonicKeepTheLimit() throws {
    let found = run(search(9.4, .atMost, tolerance: 0.0001)) { curve($0) + 0.02 * sin(Double($0)) }
    let best = try #require(found.best)
    #expect(best.value <= 9.4)
  }
}
