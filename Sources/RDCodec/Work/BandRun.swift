internal import DecoderCore
internal import Synchronization

/// The bands of one tile's planes, coded on several threads.
final class BandRun: Sendable {
  private struct State {
    var schedule: BandSchedule
    /// Threads that wait for a band to end.
    var waitingCount = 0
  }

  /// Planes of a tile at most: more threads would have nothing to do.
  private static let planeCount = 4

  private let state: Mutex<State>
  private let gate: Gate
  private let body: @Sendable (BandSchedule.Job) -> Bool

  /// The threads of `jobs` that each of `tileCount` tiles gets, where these are too few for all; nil:
  /// the one that codes it.
  static func workers(jobs: Int, tileCount: Int) -> BandWorkers? {
    let threadCount = min(jobs / max(tileCount, 1), planeCount)
    guard threadCount > 1 else { return nil }
    return { schedule, body in
      withoutActuallyEscaping(body) { body in
        guard let run = try? BandRun(schedule, body) else {
          // No memory for more threads.
          var schedule = schedule
          while let job = schedule.next() { schedule.end(job, succeeded: body(job)) }
          return
        }
        ParallelLoop.forEach(threadCount, jobs: threadCount) { _ in run.work() }
      }
    }
  }

  private init(
    _ schedule: BandSchedule, _ body: @escaping @Sendable (BandSchedule.Job) -> Bool
  ) throws(CodecError) {
    gate = try Gate()
    state = Mutex(State(schedule: schedule))
    self.body = body
  }

  /// Codes bands until none is left to begin.
  private func work() {
    while true {
      let (job, isOver) = state.withLock { state in
        let job = state.schedule.next()
        let isOver = state.schedule.isOver
        if job == nil, !isOver { state.waitingCount += 1 }
        return (job, isOver)
      }
      if let job {
        let succeeded = body(job)
        let waitingCount = state.withLock { state in
          defer { state.waitingCount = 0 }
          state.schedule.end(job, succeeded: succeeded)
          return state.waitingCount
        }
        for _ in 0..<waitingCount { gate.signal() }
      } else if isOver {
        return
      } else {
        gate.wait()
      }
    }
  }
}
