internal import CKernels
internal import DecoderCore
internal import Dispatch

/// Runs the codec's tasks in the floating-point environment that it computes in, whatever that of the
/// host program's threads is, which they have again after every piece of work.
private final class FloatExecutor: TaskExecutor {
  static let shared = FloatExecutor()

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    DispatchQueue.global().async {
      withFloatEnvironment { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
  }
}

/// Does work in the codec's floating-point environment.
func withFloatEnvironment(_ body: () -> Void) {
  let before = ck_float_enter()
  body()
  ck_float_leave(before)
}

/// Does a task's work, and that of its child tasks, in the codec's floating-point environment.
///
/// Throws where this machine's kernels do not give the answers that are known; `encodes` asks for more
/// of them.
func onFloatExecutor<Result>(
  encodes: Bool = false, _ body: () async throws(CodecError) -> Result
) async throws(CodecError) -> Result {
  let executor: any TaskExecutor = CallExecutor.current ?? FloatExecutor.shared
  return try await withTaskExecutorPreference(executor) { () async throws(CodecError) in
    try encodes ? KernelCheck.checkEncoder() : KernelCheck.checkDecoder()
    return try await body()
  }
}
