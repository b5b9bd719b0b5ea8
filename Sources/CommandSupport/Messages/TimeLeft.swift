/// How long a batch will still take, from how long it took so far.
package struct TimeLeft {
  /// Work of each file, in any unit; 0 for one that turned out to be none.
  package var weights: [Double]

  /// The fraction of the work that is done, 0 ... 1.
  package func fraction(done fractions: [Double]) -> Double {
    let whole = weights.reduce(0, +)
    guard whole > 0 else { return 1 }
    return zip(weights, fractions).reduce(0) { $0 + $1.0 * $1.1 } / whole
  }

  /// In words; nil where too little is done to tell.
  package static func text(fraction: Double, elapsed: Duration) -> String? {
    guard elapsed >= .seconds(2), fraction >= 0.01, fraction < 1 else { return nil }
    let seconds = Int((elapsed.seconds * (1 - fraction) / fraction).rounded(.up))
    return switch seconds {
    case ..<90: "\(seconds) s left"
    case ..<5400: "\((seconds + 30) / 60) min left"
    default: "\(seconds / 3600) h \(seconds % 3600 / 60) min left"
    }
  }
}
