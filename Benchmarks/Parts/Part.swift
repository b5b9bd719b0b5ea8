import CKernels
import Foundation

/// One thing that is timed: a kernel of one instruction set, or more.
struct Part {
  /// How many multiply-adds a run needs, and of what; products of 16-bit integers are summed in 32
  /// bits, and floats are rounded after each operation.
  enum MultiplyAdds {
    case int16(Int)
    case float(Int)

    var count: Int {
      switch self {
      case .int16(let count), .float(let count): count
      }
    }
  }

  var name: String
  /// Nil for what chooses by itself.
  var isa: ck_isa?
  /// What one run handles: samples, values, or what the name says.
  var sampleCount: Int
  var multiplyAdds: MultiplyAdds?
  /// Before every run, untimed.
  var prepare: () -> Void = {}
  var run: () -> Void

  /// Seconds of this thread that a run takes, by the fastest of several: others share the caches.
  func seconds() -> Double {
    // A run is too short to be timed alone where it does not last much longer than a look at the
    // clock.
    let repeats = max(1, Int(1e-4 / max(timed(repeats: 1), 1e-7)))
    var best = Double.infinity
    var total = 0.0
    var runCount = 0
    while runCount < 5 || total < 0.1 && runCount < 1000 {
      let seconds = timed(repeats: repeats)
      best = min(best, seconds / Double(repeats))
      total += seconds
      runCount += 1
    }
    return best
  }

  private func timed(repeats: Int) -> Double {
    prepare()
    let start = threadSeconds()
    for _ in 0..<repeats { run() }
    return threadSeconds() - start
  }
}

/// How long this thread has had a processor.
private func threadSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// The instruction sets that this CPU runs.
var instructionSets: [ck_isa] {
  (0..<CK_ISA_COUNT.rawValue).map { ck_isa(rawValue: $0) }.filter { ck_isa_is_available($0) != 0 }
}

func name(of isa: ck_isa) -> String { String(cString: ck_isa_name(isa)) }

/// The same for every instruction set whose kernels are others than those of the set before.
func forEachTable<Table>(
  _ table: (ck_isa) -> UnsafePointer<Table>?, _ parts: (ck_isa, Table) -> [Part]
) -> [Part] {
  var seen: Set<UnsafePointer<Table>> = []
  return instructionSets.flatMap { isa in
    guard let kernels = table(isa), seen.insert(kernels).inserted else { return [Part]() }
    return parts(isa, kernels.pointee)
  }
}
