import Testing

@testable import DecoderCore

/// Which bands may be coded when planes are coded beside each other.
@Suite struct BandScheduleTests {
  /// Alpha, and three colours that each need the first and the one before.
  private static let helpers = [[], [], [1], [1, 2]]

  @Test(arguments: [3, 6], [1, 2, 4])
  func everyBandIsCodedOnceInOrderAndAfterItsHelpers(ring: Int, threadCount: Int) {
    for bandCount in [1, 2, 3, 50] {
      var schedule = BandSchedule(bandCount: bandCount, ring: ring, helpers: Self.helpers)
      var done = [0, 0, 0, 0]
      var running: [BandSchedule.Job] = []
      while !schedule.isOver {
        while running.count < threadCount, let job = schedule.next() {
          #expect(job.band == done[job.plane])
          for helper in Self.helpers[job.plane] {
            #expect(done[helper] >= min(job.band + 2, bandCount))
          }
          for plane in 0..<4 where Self.helpers[plane].contains(job.plane) {
            #expect(done[plane] > job.band - ring, "still needed by plane \(plane)")
          }
          running.append(job)
        }
        // The last that began ends first.
        guard let job = running.popLast() else {
          Issue.record("all wait")
          return
        }
        schedule.end(job, succeeded: true)
        done[job.plane] += 1
      }
      #expect(done == [Int](repeating: bandCount, count: 4))
    }
  }

  @Test func nothingBeginsAfterAFailure() throws {
    var schedule = BandSchedule(bandCount: 9, ring: 3, helpers: [[], [0]])
    let first = schedule.next()
    let job = try #require(first)
    schedule.end(job, succeeded: false)
    #expect(schedule.isOver)
    #expect(schedule.next() == nil)
  }

  @Test func ofNoPlanesAllIsDone() {
    #expect(BandSchedule(bandCount: 4, ring: 3, helpers: []).isOver)
  }
}
