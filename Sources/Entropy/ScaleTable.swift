/// The distributions of the learned prior: zero-mean Gaussians over the integers, one per scale.
///
/// Scale index s stands for σ = 2^((s + `firstLogScale`) / `stepsPerOctave`). Each table gives
/// every value of a symmetric support −K ... K and one escape symbol a whole number of units of
/// 2⁻²⁴, at least one: the Gaussian mass of the cell v ± ½ mixed with a uniform floor, rounded. The
/// escape takes the mass beyond the support.
package struct ScaleTables: Sendable {
  /// Number of scales; σ runs from 2^−3.25 ≈ 0.105 to 2^9.625 ≈ 790.
  package static let scaleCount = 104
  /// log₂ σ of scale 0, in steps.
  package static let firstLogScale = -26
  /// Steps per doubling of σ.
  package static let stepsPerOctave = 8

  /// The one bank. Nothing is stored: what is asked of it is computed, a tenth of all there is.
  package static let shared = ScaleTables()

  /// σ of every scale, by square roots and products alone: the same on every machine.
  private static let sigmas: [Double] = {
    let step = 2.0.squareRoot().squareRoot().squareRoot()
    var sigma = 0x1p-4 * (step * step) * (step * step) * (step * step)
    return (0..<scaleCount).map { _ in
      defer { sigma *= step }
      return sigma
    }
  }()

  /// σ of a scale.
  package static func sigma(_ scale: Int) -> Double { sigmas[scale] }

  /// One distribution: its σ, and K.
  private struct Table {
    let sigma: Double
    let support: Int

    init(_ scale: Int) {
      sigma = ScaleTables.sigmas[scale]
      support = ScaleTables.support(scale)
    }

    /// Units besides the one that each symbol has.
    var free: UInt32 { (1 << 24) - UInt32(2 * support + 2) }

    /// Of those, the units above v − ½, for v = 1 ... K + 1.
    ///
    /// Rounding these sums, not their parts, keeps every part within one unit of the truth.
    func above(_ v: Int) -> UInt32 {
      UInt32(Double(free) * DeterministicMath.gaussianTail((Double(v) - 0.5) / sigma) + 0.5)
    }
  }

  /// K of a scale.
  package static func support(_ scale: Int) -> Int { Int(sigmas[scale] * 5) + 3 }

  /// The size of a value −K ... K, in units of 2⁻²⁴.
  package func size(of value: Int, scale: Int) -> UInt32 {
    let table = Table(scale)
    guard value != 0 else { return 1 + table.free - 2 * table.above(1) }
    let magnitude = Int(value.magnitude)
    precondition(magnitude <= table.support)
    return 1 + table.above(magnitude) - table.above(magnitude + 1)
  }

  /// The size of the escape.
  package func escapeSize(scale: Int) -> UInt32 {
    let table = Table(scale)
    return 1 + 2 * table.above(table.support + 1)
  }

  /// The mass of the values whose magnitude is `threshold` or more, in units of 2⁻²⁴.
  package func mass(atLeast threshold: Int, scale: Int) -> UInt32 {
    guard threshold > 0 else { return 1 << 24 }
    let table = Table(scale)
    guard threshold <= table.support else { return escapeSize(scale: scale) }
    // Of sizes that are differences, the first and the last part are left.
    return 2 * UInt32(table.support - threshold + 1) + 2 * table.above(threshold) + 1
  }

  /// About what `value` costs under `scale`, in bits; for the encoder's decisions only.
  package func bits(of value: Int32, scale: Int) -> Double {
    let support = ScaleTables.support(scale)
    let isInside = value.magnitude <= UInt32(support)
    let size = isInside ? size(of: Int(value), scale: scale) : escapeSize(scale: scale)
    let bits = 24 - DeterministicMath.logarithm2(Double(size))
    // Beyond the support: a sign, a length and that many bits.
    let beyond = Int64(value.magnitude) - Int64(support)
    return isInside ? bits : bits + Double(6 + 63 - beyond.leadingZeroBitCount)
  }
}
