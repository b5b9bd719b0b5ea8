package import CKernels

/// The tables that every mix reads: stretched counter states and the logistic function.
///
/// Filled by kernels, so that they are the same on every machine.
final class MixTables: @unchecked Sendable {
  static let shared = MixTables()

  /// Written once, in `init`.
  private let stretchTable = Buffer<Float>(zeroed: ResidualKernels.stretchCount)
  private let squashTable = Buffer<KernelSquashed>(zeroed: ResidualKernels.squashCount)

  var stretch: UnsafePointer<Float> { UnsafePointer(stretchTable.base) }
  var squash: UnsafePointer<KernelSquashed> { UnsafePointer(squashTable.base) }

  /// Where the lean method's symbols start.
  private let leanTable = Buffer<UInt32>(zeroed: ResidualKernels.leanCount)
  var lean: UnsafePointer<UInt32> { UnsafePointer(leanTable.base) }

  private init() {
    KernelISA.portable.residualKernels.call.fill_lean(leanTable.base)
    KernelISA.portable.residualKernels.call.fill_tables(stretchTable.base, squashTable.base)
  }

  /// A mix of `count` counters that reads these tables.
  func makeMix(counters count: Int) -> Buffer<KernelMix> {
    let mix = Buffer<KernelMix>(zeroed: 1)
    mix.base.pointee.stretch = stretch
    mix.base.pointee.squash = squash
    mix.base.pointee.count = count
    return mix
  }
}
