import Foundation

/// The instruction sets that kernels come in; all of them return the same bits.
package enum KernelISA: String, Sendable, CaseIterable {
  case portable
  case avx2
  case avx512

  /// The set that this process uses: `RDCODEC_ISA` where this CPU has it, else the best it has.
  package static let current: KernelISA = {
    let wish = ProcessInfo.processInfo.environment["RDCODEC_ISA"].flatMap(KernelISA.init)
    if let wish, wish.isAvailable { return wish }
    return allCases.last { $0.isAvailable } ?? .portable
  }()
}
