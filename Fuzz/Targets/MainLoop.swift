import Dispatch
import RDCodec
import Synchronization

/// Runs asynchronous work on the calling thread, so that stacks of crashes and timeouts show it.
final class MainLoop: TaskExecutor {
  private let waiting = Mutex<[UnownedJob]>([])
  private let signal = DispatchSemaphore(value: 0)

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    waiting.withLock { $0.append(job) }
    signal.signal()
  }

  /// What `body` gives. It is cancelled after `seconds`, and has to end soon after that: the
  /// fuzzer's own timeout sees to it.
  static func run<Result: Sendable>(
    cancelledAfter seconds: Double? = nil, _ body: @escaping @Sendable () async -> Result
  ) -> Result {
    let loop = MainLoop()
    let result = Box<Result>()
    let task = Task(executorPreference: loop) {
      let value = await body()
      result.value.withLock { $0 = value }
      loop.signal.signal()
    }
    let end = DispatchWorkItem { task.cancel() }
    if let seconds { DispatchQueue.global().asyncAfter(deadline: .now() + seconds, execute: end) }
    defer { end.cancel() }
    while true {
      if let value = result.value.withLock({ $0 }) { return value }
      loop.signal.wait()
      let job = loop.waiting.withLock { $0.isEmpty ? nil : $0.removeFirst() }
      job?.runSynchronously(on: loop.asUnownedTaskExecutor())
    }
  }
}

extension MainLoop {
  /// The same for work that may throw.
  static func attempt<Value: Sendable>(
    cancelledAfter seconds: Double? = nil,
    _ body: @escaping @Sendable () async throws(CodecError) -> Value
  ) -> Result<Value, CodecError> {
    run(cancelledAfter: seconds) {
      do throws(CodecError) { return .success(try await body()) } catch { return .failure(error) }
    }
  }
}

private final class Box<Value: Sendable>: Sendable {
  let value = Mutex<Value?>(nil)
}
