internal import CKernels
internal import Entropy

/// The scale tables as chains of decisions (docs/FORMAT.md §8.4).
final class LatentTables: @unchecked Sendable {
  static let shared = LatentTables()

  // All are written once, in `init`.
  private let shifts = Buffer<UInt8>(zeroed: LatentKernels.scales)
  private let stretches = Buffer<Float>(zeroed: LatentKernels.scales * LatentKernels.buckets)
  private let activities = Buffer<UInt32>(zeroed: LatentKernels.scales)
  private let nonzeros = Buffer<Float>(zeroed: LatentKernels.lowScaleCount)
  private let zeroCosts = Buffer<UInt32>(zeroed: LatentKernels.scales)
  private let reciprocals = Buffer<UInt32>(zeroed: LatentKernels.scales)

  /// The tables for kernels; they live as long as the program.
  var pointers: KernelLatentTables {
    KernelLatentTables(
      shift: shifts.base, stretch: stretches.base, activity: activities.base,
      nonzero: nonzeros.base, zero_cost: zeroCosts.base, reciprocal: reciprocals.base)
  }

  private init() {
    for scale in 0..<LatentKernels.scales {
      let shift = LatentTables.shift(scale)
      shifts[scale] = UInt8(shift)
      let beyond = { (k: Int) in ScaleTables.shared.mass(atLeast: k << shift, scale: scale) }
      // Features are in 1/32; a σ below ½ counts as ½.
      reciprocals[scale] = UInt32(0x1p21 / max(ScaleTables.sigma(scale), 0.5) + 0.5)
      activities[scale] = ScaleTables.shared.mass(atLeast: 1, scale: scale) >> 8
      for k in 0..<LatentKernels.buckets {
        stretches[scale * LatentKernels.buckets + k] = LatentTables.stretch(
          beyond(k + 1), of: beyond(k))
      }
      if scale < LatentKernels.lowScaleCount {
        let p = Double(ScaleTables.shared.mass(atLeast: 1, scale: scale)) * 0x1p-24
        nonzeros[scale] = Float(p)
        // −ln(1 − p) as a series, since p is small.
        var sum = 0.0
        for n in (1...24).reversed() { sum = p * (sum + 1 / Double(n)) }
        zeroCosts[scale] = max(1, UInt32(sum * 0x1p24))
      }
    }
  }

  /// Low bits that a bucket leaves open: σ is 2.4 to 4.8 buckets where there are any.
  private static func shift(_ scale: Int) -> Int { scale < 44 ? 0 : (scale - 36) / 8 }

  /// ln of the odds of `part` out of `whole`; 0.1 where the table has hardly any mass left.
  private static func stretch(_ part: UInt32, of whole: UInt32) -> Float {
    let isKnown = whole >= 256
    let fraction = isKnown ? UInt64(part) << 24 / UInt64(whole) : (1 << 24) / 10
    let probability = UInt32(min(max(fraction, 16), (1 << 24) - 16))
    return DeterministicMath.logOdds(probability) * 0.693_147_2
  }
}
