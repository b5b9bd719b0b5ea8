import Testing

@testable import CommandSupport
@testable import rdcodec

/// How long the work is said to take.
@Suite struct CommandProgressTests {
  @Test func timeLeftFollowsTheWorkThatIsLeft() {
    var work = TimeLeft(weights: [1, 3])
    #expect(work.fraction(done: [1, 0]) == 0.25)
    work.weights[0] = 0
    #expect(work.fraction(done: [1, 0.5]) == 0.5)
    #expect(TimeLeft(weights: [0]).fraction(done: [1]) == 1)
    #expect(TimeLeft.text(fraction: 0.5, elapsed: .seconds(1)) == nil)
    #expect(TimeLeft.text(fraction: 0.001, elapsed: .seconds(60)) == nil)
    #expect(TimeLeft.text(fraction: 0.25, elapsed: .seconds(10)) == "30 s left")
    #expect(TimeLeft.text(fraction: 0.5, elapsed: .seconds(600)) == "10 min left")
    #expect(TimeLeft.text(fraction: 0.1, elapsed: .seconds(1200)) == "3 h 0 min left")
  }
}
