internal import CKernels

/// The instruction sets that kernels come in; all of them return the same bits.
package enum KernelISA: String, Sendable, CaseIterable {
  case portable
  case avx2
  case avx512
  case wasm

  /// The set that this process uses: `RDCODEC_ISA` where this CPU has it, else the best it has.
  package static let current: KernelISA = {
    let code = ck_isa_current()
    return allCases.first { $0.code == code } ?? .portable
  }()
}
