internal import Dispatch
internal import Synchronization

/// Short pieces of work on several threads, for code that is no task.
enum ParallelLoop {
  /// Calls `body` for 0 ..< `count`, up to `jobs` at once, and returns when all have ended.
  static func forEach(_ count: Int, jobs: Int, _ body: @Sendable (Int) -> Void) {
    let workerCount = min(jobs, count)
    guard workerCount > 1 else {
      for index in 0..<count { body(index) }
      return
    }
    let next = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: workerCount) { _ in
      while true {
        let index = next.add(1, ordering: .relaxed).oldValue
        guard index < count else { return }
        withFloatEnvironment { body(index) }
      }
    }
  }
}
