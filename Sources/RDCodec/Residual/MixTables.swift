/// The tables that every mix reads: stretched counter states and the logistic function.
///
/// Filled by kernels, so that they are the same on every machine.
final class MixTables: @unchecked Sendable {
  static let shared = MixTables()

  /// Written once, in `init`.
  private let stretch = Buffer<Float>(zeroed: ResidualKernels.stretchCount)
  private let squash = Buffer<Float>(zeroed: ResidualKernels.squashCount)

  private init() {
    KernelISA.portable.residualKernels.call.fill_tables(stretch.base, squash.base)
  }

  /// A mix of `count` counters that reads these tables.
  func makeMix(counters count: Int) -> Buffer<KernelMix> {
    let mix = Buffer<KernelMix>(zeroed: 1)
    mix.base.pointee.stretch = UnsafePointer(stretch.base)
    mix.base.pointee.squash = UnsafePointer(squash.base)
    mix.base.pointee.count = count
    return mix
  }
}

/// A probability as the range coder takes it: in units of 2⁻²⁴, 2⁻²⁰ away from 0 and 1.
@inline(__always)
func coderProbability(_ p: Float) -> UInt32 {
  min(max(UInt32(p * 0x1p24), 1 << 4), (1 << 24) &- (1 << 4))
}
