internal import CKernels

/// The instruction sets that kernels come in; all of them return the same bits.
package struct KernelISA: Sendable, Equatable {
  /// As `ckernels.h` numbers it.
  private let number: UInt32

  package static let portable = KernelISA(number: CK_ISA_PORTABLE.rawValue)
  package static let avx2 = KernelISA(number: CK_ISA_AVX2.rawValue)
  package static let avx512 = KernelISA(number: CK_ISA_AVX512.rawValue)

  /// Those that this build has kernels for.
  package static var all: [KernelISA] {
    (0..<CK_ISA_COUNT.rawValue).map { KernelISA(number: $0) }.filter {
      ck_isa_name($0.code) != nil
    }
  }

  /// The set that this process uses: `RDCODEC_ISA` where this CPU has it, else the best it has.
  package static let current = KernelISA(number: ck_isa_current().rawValue)

  /// How `RDCODEC_ISA` and reports call it.
  package var name: String { ck_isa_name(code).map { String(cString: $0) } ?? "" }

  /// Whether this CPU runs this instruction set.
  package var isAvailable: Bool { ck_isa_is_available(code) != 0 }

  var code: ck_isa { ck_isa(rawValue: number) }
}
