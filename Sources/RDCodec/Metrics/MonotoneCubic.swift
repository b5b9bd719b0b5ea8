internal import DecoderCore

/// A piecewise cubic through given points that is monotone wherever they are (PCHIP).
///
/// Source: Fritsch and Butland, "A method for constructing local monotone piecewise cubic
/// interpolants", 1984; one-sided slopes at the two ends as in Moler, "Numerical Computing with
/// MATLAB", 2004, §3.6.
struct MonotoneCubic {
  private let x: [Double]
  private let y: [Double]
  private let slope: [Double]

  /// Takes two or more points with strictly increasing x.
  init(x: [Double], y: [Double]) {
    precondition(x.count >= 2 && x.count == y.count)
    self.x = x
    self.y = y
    let width = zip(x.dropFirst(), x).map(-)
    let secant = zip(zip(y.dropFirst(), y).map(-), width).map(/)
    let last = secant.count - 1
    guard last > 0 else {
      slope = [secant[0], secant[0]]
      return
    }
    let inner = (1...last).map { i in
      guard secant[i - 1] * secant[i] > 0 else { return 0.0 }
      let (w1, w2) = (2 * width[i] + width[i - 1], width[i] + 2 * width[i - 1])
      return (w1 + w2) / (w1 / secant[i - 1] + w2 / secant[i])
    }
    slope =
      [Self.endSlope(width[0], width[1], secant[0], secant[1])] + inner
      + [Self.endSlope(width[last], width[last - 1], secant[last], secant[last - 1])]
  }

  var domain: ClosedRange<Double> { x[0]...x[x.count - 1] }

  /// The integral from `low` to `high`, both inside ``domain``.
  func integral(_ low: Double, _ high: Double) -> Double {
    var sum = 0.0
    for i in 0..<x.count - 1 {
      let (from, to) = (max(low, x[i]), min(high, x[i + 1]))
      if from < to { sum += antiderivative(to, piece: i) - antiderivative(from, piece: i) }
    }
    return sum
  }

  /// The integral from the start of a piece, whose cubic is y + d·s + c·s² + b·s³.
  private func antiderivative(_ at: Double, piece i: Int) -> Double {
    let h = x[i + 1] - x[i]
    let secant = (y[i + 1] - y[i]) / h
    let c = (3 * secant - 2 * slope[i] - slope[i + 1]) / h
    let b = (slope[i] - 2 * secant + slope[i + 1]) / (h * h)
    let s = at - x[i]
    return s * (y[i] + s * (slope[i] / 2 + s * (c / 3 + s * b / 4)))
  }

  /// The slope at an end from the two nearest pieces, kept from changing the curve's direction.
  private static func endSlope(_ h0: Double, _ h1: Double, _ d0: Double, _ d1: Double) -> Double {
    let slope = ((2 * h0 + h1) * d0 - h0 * d1) / (h0 + h1)
    if slope * d0 <= 0 { return 0 }
    if d0 * d1 <= 0, abs(slope) > 3 * abs(d0) { return 3 * d0 }
    return slope
  }
}
