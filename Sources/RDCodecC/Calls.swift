internal import CRDCodec
internal import RDCodec

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// A pointer of the caller's, who says that it may be used from the call's threads.
struct Shared<Pointer>: @unchecked Sendable {
  let value: Pointer
}

/// Does the codec's work of a call whose progress its caller may watch.
func run<Result: Sendable>(
  threads: UInt32, _ progress: rdcodec_progress?, _ context: UnsafeMutableRawPointer?,
  _ body:
    @escaping @Sendable (_ jobs: Int, _ progress: ProgressHandler?) async throws(CodecError)
    -> Result
) throws(CallFailure) -> Result {
  let call = BlockingCall()
  let handler: ProgressHandler? = progress.map { progress in
    let context = Shared(value: context)
    return { [unowned call] fraction in
      if progress(context.value, fraction) != 0 { call.cancel() }
    }
  }
  do throws(CodecError) {
    return try call.run(threads: Int(threads)) { jobs throws(CodecError) in
      if let handler { handler(0) }
      return try await body(jobs, handler)
    }
  } catch {
    throw CallFailure(error)
  }
}

extension rdcodec_output {
  /// Bytes and notes for a caller, who frees them.
  init(_ pieces: [[UInt8]], notes: [String] = []) throws(CallFailure) {
    self.init()
    count = pieces.reduce(0) { $0 + $1.count }
    guard let memory = malloc(max(1, count)) else {
      throw CallFailure(CodecError.outOfMemory("the output"))
    }
    bytes = memory.assumingMemoryBound(to: UInt8.self)
    var end = 0
    for piece in pieces {
      piece.withUnsafeBytes { part in
        guard let start = part.baseAddress else { return }
        (memory + end).copyMemory(from: start, byteCount: part.count)
      }
      end += piece.count
    }
    if !notes.isEmpty {
      self.notes = strdup(notes.joined(separator: "\n"))
    }
  }
}

/// The output of a function, which is empty unless the function succeeds.
func give(
  to output: UnsafeMutablePointer<rdcodec_output>?,
  _ body: () throws(CallFailure) -> rdcodec_output
) throws(CallFailure) {
  guard let output else { throw CallFailure(RDCODEC_INVALID, "no output was given") }
  output.pointee = rdcodec_output()
  output.pointee = try body()
}

/// Frees what C's allocator gave; nil does nothing.
func release(_ memory: UnsafeMutableRawPointer?) { free(memory) }
