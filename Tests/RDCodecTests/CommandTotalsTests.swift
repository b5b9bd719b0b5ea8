import Testing

@testable import CommandSupport
@testable import rdcodec

/// What a batch says at its end.
@Suite struct CommandTotalsTests {
  @Test func totalsNameEveryFailureInOrder() {
    var totals = BatchTotals()
    totals.addConverted(inputByteCount: 1000, outputByteCount: 400)
    totals.addDone()
    totals.addSkipped(.hidden)
    totals.addSkipped(.noPicture)
    totals.addSkipped(.noPicture)
    totals.addFailed(Failure("b.png", "bad", advice: "mend it", exitCode: .noInput), at: 7)
    totals.addFailed(Failure("a.png", "worse", advice: "mend it", exitCode: .dataError), at: 2)
    #expect(totals.exitCode == .dataError)
    #expect(
      totals.lines(seconds: 1.26) == [
        "1 converted, 1 done already, 2 failed, 3 skipped (1 hidden; 2 not pictures); "
          + "1000 -> 400 bytes, 1.3 s",
        "failed:", "  a.png: worse; mend it", "  b.png: bad; mend it",
      ])
  }

  @Test func nothingToDoIsSuccess() {
    var totals = BatchTotals()
    totals.addDone()
    #expect(totals.exitCode == .success)
    #expect(totals.lines(seconds: 0) == ["0 converted, 1 done already, 0.0 s"])
  }
}
