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

  /// The one bank, built at first use (a few milliseconds).
  package static let shared = ScaleTables()

  /// Where a table begins in ``cumulative``, and its K.
  struct Entry: Sendable {
    var offset: Int32
    var support: Int32
  }

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

  /// One entry per scale.
  let entries: [Entry]
  /// Per scale the 2K + 3 bounds of its symbols, 0 to 2²⁴: −K ... K in order, then the escape.
  let cumulative: [UInt32]

  init() {
    var entries: [Entry] = []
    var cumulative: [UInt32] = []
    for sigma in Self.sigmas {
      let support = Int(sigma * 5) + 3
      entries.append(Entry(offset: Int32(cumulative.count), support: Int32(support)))
      cumulative += Self.bounds(sigma: sigma, support: support)
    }
    self.entries = entries
    self.cumulative = cumulative
  }

  /// The bounds of the symbols −K ... K and the escape, in units of 2⁻²⁴.
  private static func bounds(sigma: Double, support: Int) -> [UInt32] {
    let free = (1 << 24) - UInt32(2 * support + 2)
    // The units above v − ½, for v = 1 ... K + 1, besides the one that each symbol has anyway.
    // Rounding the sums, not the parts, keeps every part within one unit of the truth.
    let above = (1...support + 1).map { v in
      UInt32(Double(free) * DeterministicMath.gaussianTail((Double(v) - 0.5) / sigma) + 0.5)
    }
    let positive = (0..<support).map { 1 + above[$0] - above[$0 + 1] }
    let zero = 1 + free - 2 * above[0]
    let escape = 1 + 2 * above[support]
    let sizes = positive.reversed() + [zero] + positive + [escape]
    var bounds: [UInt32] = [0]
    bounds.reserveCapacity(sizes.count + 1)
    for size in sizes { bounds.append(bounds[bounds.count - 1] + size) }
    return bounds
  }
}

extension ScaleTables {
  /// The mass of the values whose magnitude is `threshold` or more, in units of 2⁻²⁴.
  package func mass(atLeast threshold: Int, scale: Int) -> UInt32 {
    let entry = entries[scale]
    let support = Int(entry.support)
    guard threshold > 0 else { return 1 << 24 }
    let base = Int(entry.offset)
    let escape = cumulative[base + 2 * support + 2] - cumulative[base + 2 * support + 1]
    guard threshold <= support else { return escape }
    // The tables are symmetric: twice the mass below −threshold + 1, and the escape.
    return 2 * cumulative[base + support - threshold + 1] + escape
  }

  /// About what `value` costs under `scale`, in bits; for the encoder's decisions only.
  package func bits(of value: Int32, scale: Int) -> Double {
    let entry = entries[scale]
    let support = Int(entry.support)
    let isInside = value.magnitude <= UInt32(support)
    let symbol = Int(entry.offset) + (isInside ? Int(value) + support : 2 * support + 1)
    let size = Double(cumulative[symbol + 1] - cumulative[symbol])
    let bits = 24 - DeterministicMath.logarithm2(size)
    // Beyond the support: a sign, a length and that many bits.
    let beyond = Int64(value.magnitude) - Int64(support)
    return isInside ? bits : bits + Double(6 + 63 - beyond.leadingZeroBitCount)
  }
}
