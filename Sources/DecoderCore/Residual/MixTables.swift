internal import CKernels

/// The tables that kernels read: the logistic function, and the lean method's distributions.
///
/// Filled by kernels, so that they are the same on every machine.
final class MixTables: @unchecked Sendable {
  static let shared = MixTables()

  // Written once, in `init`.
  private let stretchTable = Buffer<Float>(zeroed: ResidualKernels.stretchCount)
  private let squashTable = Buffer<KernelSquashed>(zeroed: ResidualKernels.squashCount)
  private let leanTable = Buffer<UInt32>(zeroed: ResidualKernels.leanCount)

  var logistic: KernelLogistic {
    KernelLogistic(stretch: stretchTable.base, squash: squashTable.base)
  }

  /// Where the lean method's symbols start.
  var lean: UnsafePointer<UInt32> { UnsafePointer(leanTable.base) }

  private init() {
    let kernels = KernelISA.portable.residualKernels
    kernels.call.fill_lean(leanTable.base)
    kernels.mixing.fill_tables(stretchTable.base, squashTable.base)
  }
}
