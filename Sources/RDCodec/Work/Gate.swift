internal import CThreads
internal import DecoderCore

/// Lets threads wait: each signal lets one of them go on, now or later.
struct Gate: ~Copyable, @unchecked Sendable {
  private let pointer: OpaquePointer

  init() throws(CodecError) {
    guard let pointer = cthreads_gate_create() else { throw .outOfMemory("threads") }
    self.pointer = pointer
  }

  deinit { cthreads_gate_destroy(pointer) }

  func signal() { cthreads_gate_signal(pointer) }
  func wait() { cthreads_gate_wait(pointer) }
}
