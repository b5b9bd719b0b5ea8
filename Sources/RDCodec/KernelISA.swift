import Foundation
internal import CKernels

/// The instruction set that the C kernels use; never changes a result.
package enum KernelISA: String, CaseIterable, Sendable {
  case portable
  case avx2

  /// The best one of this machine, or what the environment variable RDCODEC_ISA names.
  package static let current: KernelISA = {
    if let name = ProcessInfo.processInfo.environment["RDCODEC_ISA"],
      let forced = KernelISA(rawValue: name), forced.isAvailable
    {
      return forced
    }
    return allCases.last { $0.isAvailable } ?? .portable
  }()

  var ckValue: ck_isa {
    switch self {
    case .portable: CK_ISA_PORTABLE
    case .avx2: CK_ISA_AVX2
    }
  }

  /// Whether this CPU runs it.
  package var isAvailable: Bool { ck_isa_is_available(ckValue) != 0 }
}
