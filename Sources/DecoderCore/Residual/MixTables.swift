internal import CKernels

/// The tables that kernels read: the logistic function, and the distributions of symbols.
///
/// Filled by kernels, so that they are the same on every machine.
final class MixTables: @unchecked Sendable {
  static let shared = MixTables()

  // Written once, in `init`.
  private let stretchTable = Buffer<Float>(zeroed: ResidualKernels.stretchCount)
  private let squashTable = Buffer<KernelSquashed>(zeroed: ResidualKernels.squashCount)
  private let symbolStartTable = Buffer<UInt32>(zeroed: ResidualKernels.symbolStartCount)

  var logistic: KernelLogistic {
    KernelLogistic(stretch: stretchTable.base, squash: squashTable.base)
  }

  /// Where symbols start, for each distribution.
  var symbolStarts: UnsafePointer<UInt32> { UnsafePointer(symbolStartTable.base) }

  private init() {
    let kernels = KernelISA.portable.residualKernels
    kernels.call.fill_symbol_starts(symbolStartTable.base)
    kernels.mixing.fill_tables(stretchTable.base, squashTable.base)
  }
}
