/// A point of the rate–distortion curve: selects gains and biases between the model's anchors.
package struct QualityPosition: Equatable, Sendable {
  /// Vectors that the model was trained with, from the lowest rate to the highest.
  package static let anchorCount = 9
  /// Positions between two anchors.
  package static let stepsPerAnchor = 256
  package static let maximum = (anchorCount - 1) * stepsPerAnchor

  /// 0 (smallest file) ... ``maximum`` (best image).
  package let rawValue: Int

  package init?(rawValue: Int) {
    guard (0...QualityPosition.maximum).contains(rawValue) else { return nil }
    self.rawValue = rawValue
  }

  /// The nearest position to a quality from 1 to 100; what lies outside counts as the nearer end.
  package init(quality: Double) {
    precondition(!quality.isNaN, "a quality must be a number")
    let fraction = (min(max(quality, 1), 100) - 1) / 99
    rawValue = Int((fraction * Double(QualityPosition.maximum)).rounded())
  }

  package static let lowest = QualityPosition(rawValue: 0)!

  /// The quality from 1 to 100.
  package var quality: Double { 1 + 99 * Double(rawValue) / Double(QualityPosition.maximum) }

  /// The vector at this position: linear between the rows of `table`, rounded.
  package func interpolate(_ table: Weights.Table) -> [Int32] {
    let row = min(rawValue / QualityPosition.stepsPerAnchor, QualityPosition.anchorCount - 2)
    let part = Int64(rawValue - row * QualityPosition.stepsPerAnchor)
    let whole = Int64(QualityPosition.stepsPerAnchor)
    return (0..<table.columns).map { c in
      let low = Int64(table.values[row * table.columns + c])
      let high = Int64(table.values[(row + 1) * table.columns + c])
      return Int32(truncatingIfNeeded: (low * (whole - part) + high * part + whole / 2) >> 8)
    }
  }
}

/// The quantisation step of every latent channel at one position.
package struct Gains: Sendable {
  /// Fraction bits of ``steps``.
  package static let stepFractionBits = 12
  /// Steps in units of an orthonormal transform of 8-bit samples, times 2¹²; at least 1.
  package let steps: [Int64]
  /// 1 / step, for the encoder.
  package let reciprocals: [Double]

  /// `logGains`: −log₂(step) · 2¹⁶ per channel.
  package init(logGains: [Int32]) {
    steps = logGains.map { logGain in
      let exponent = (Int64(Gains.stepFractionBits) << 16) - Int64(logGain)
      let whole = Int(exponent >> 16)
      let mantissa = Gains.exp2(fraction: UInt32(exponent & 0xFFFF))
      let shift = 30 - min(max(whole, 0), 28)
      return max(1, (mantissa + (1 << (shift - 1))) >> shift)
    }
    reciprocals = steps.map { 0x1p12 / Double($0) }
  }

  /// 2^(fraction · 2⁻¹⁶) · 2³⁰, by multiplying the powers 2^(2^−k) of the bits that are set.
  private static func exp2(fraction: UInt32) -> Int64 {
    var product: Int64 = 1 << 30
    for (k, root) in roots.enumerated() where fraction >> UInt32(15 - k) & 1 == 1 {
      product = (product * root + (1 << 29)) >> 30
    }
    return product
  }

  /// 2^(2^−k) · 2³⁰ for k = 1 ... 16; square roots are exact on every machine.
  private static let roots: [Int64] = {
    var root = 2.0
    return (0..<16).map { _ in
      root = root.squareRoot()
      return Int64((root * 0x1p30).rounded())
    }
  }()
}
