internal import CThreads
package import DecoderCore
internal import Synchronization

/// Runs the tasks of one call: on the caller's thread and on others that end with it.
///
/// A program that calls a library has no use for threads that stay, and a process that forks may have
/// none.
final class CallExecutor: TaskExecutor {
  /// Where the codec's tasks run; nil: on threads that all of the process shares.
  @TaskLocal static var current: CallExecutor?

  private struct State {
    var jobs: [UnownedJob] = []
    var hasEnded = false
  }

  private let state = Mutex(State())
  private let gate: Gate

  init() throws(CodecError) { gate = try Gate() }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    state.withLock { $0.jobs.append(job) }
    gate.signal()
  }

  /// Does jobs on up to `threads` threads, this one among them, until ``end()``.
  func work(threads: Int) {
    cthreads_run(
      max(1, threads),
      { Unmanaged<CallExecutor>.fromOpaque($0!).takeUnretainedValue().work() },
      Unmanaged.passUnretained(self).toOpaque())
  }

  /// To be called by the last job.
  func end() {
    state.withLock { $0.hasEnded = true }
    gate.signal()
  }

  private func work() {
    while true {
      gate.wait()
      let (job, hasEnded) = state.withLock { state in
        (state.jobs.isEmpty ? nil : state.jobs.removeFirst(), state.hasEnded)
      }
      if let job {
        withFloatEnvironment { job.runSynchronously(on: asUnownedTaskExecutor()) }
      } else if hasEnded {
        // For the next thread that waits.
        gate.signal()
        return
      }
    }
  }
}

/// A call of the codec by code that is no task.
package final class BlockingCall: Sendable {
  private let task = Mutex<Task<Void, Never>?>(nil)

  package init() {}

  /// Ends the call early, which then throws ``CodecError/cancelled``.
  package func cancel() { task.withLock { $0?.cancel() } }

  /// Does `body` on up to `threads` threads, this one among them; 0: as many as there are CPUs.
  package func run<Result: Sendable>(
    threads: Int, _ body: @escaping @Sendable (_ jobs: Int) async throws(CodecError) -> Result
  ) throws(CodecError) -> Result {
    let jobs = threads > 0 ? min(threads, 1024) : cthreads_cpu_count()
    let executor = try CallExecutor()
    let outcome = Outcome<Result>()
    let task = Task(executorPreference: executor) {
      await CallExecutor.$current.withValue(executor) {
        do throws(CodecError) {
          outcome.set(.success(try await body(jobs)))
        } catch {
          outcome.set(.failure(error))
        }
      }
      executor.end()
    }
    self.task.withLock { $0 = task }
    executor.work(threads: jobs)
    return try outcome.get()
  }
}

/// What a task came to.
private final class Outcome<Value: Sendable>: Sendable {
  private let result = Mutex<Result<Value, CodecError>?>(nil)

  func set(_ value: Result<Value, CodecError>) { result.withLock { $0 = value } }

  func get() throws(CodecError) -> Value {
    guard let result = result.withLock({ $0 }) else {
      preconditionFailure("the task has not ended")
    }
    return try result.get()
  }
}
