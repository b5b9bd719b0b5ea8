internal import DecoderCore
internal import Entropy

extension QualityPosition {
  /// λ at the lowest and at the highest position, as the embedded model was trained with
  /// (training/model.py, `lambda_of`).
  private static let lambdas = (low: 0.0001, high: 0.3)

  /// What the encoder minimises here is R + λ D: bits per pixel, and λ times the squared error per
  /// sample in steps of 8 bits.
  var lambda: Double {
    let fraction = Double(rawValue) / Double(QualityPosition.maximum)
    let (low, high) = QualityPosition.lambdas
    return low * DeterministicMath.power(high / low, fraction)
  }

  /// The nearest position to a λ; what lies outside counts as the nearer end.
  init(lambda: Double) {
    let (low, high) = QualityPosition.lambdas
    let reached = DeterministicMath.logarithm(min(max(lambda, low), high) / low)
    let fraction = min(reached / DeterministicMath.logarithm(high / low), 1)
    self.init(rawValue: Int((fraction * Double(QualityPosition.maximum)).rounded()))!
  }
}
