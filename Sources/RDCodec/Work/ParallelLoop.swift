internal import CThreads
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
    withoutActuallyEscaping(body) { body in
      let loop = Loop(count: count, body: body)
      cthreads_run(
        workerCount,
        { Unmanaged<Loop>.fromOpaque($0!).takeUnretainedValue().run() },
        Unmanaged.passUnretained(loop).toOpaque())
    }
  }

  private final class Loop: Sendable {
    private let count: Int
    private let body: @Sendable (Int) -> Void
    private let next = Atomic(0)

    init(count: Int, body: @escaping @Sendable (Int) -> Void) {
      self.count = count
      self.body = body
    }

    func run() {
      withFloatEnvironment {
        while true {
          let index = next.add(1, ordering: .relaxed).oldValue
          guard index < count else { return }
          body(index)
        }
      }
    }
  }
}
