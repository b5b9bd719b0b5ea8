import CommandSupport

/// A range of values, and the round numbers in it.
struct PlotAxis {
  private var low: Double
  private var high: Double
  private var isLogarithmic: Bool
  private(set) var ticks: [Double]

  /// Nil without values.
  static func linear(_ values: [Double]) -> PlotAxis? {
    guard let least = values.min(), let most = values.max() else { return nil }
    let span = max(most - least, 1)
    let step = [1.0, 2, 5, 10, 20].first { span / $0 <= 8 } ?? 50
    let (low, high) = ((least / step).rounded(.down), (most / step).rounded(.up))
    let end = max(high, low + 1)
    return PlotAxis(
      low: low * step, high: end * step, isLogarithmic: false,
      ticks: (0...Int(end - low)).map { (low + Double($0)) * step })
  }

  static func logarithmic(_ values: [Double]) -> PlotAxis? {
    guard let least = values.min(), let most = values.max(), least > 0 else { return nil }
    let (low, high) = (least / 1.1, most * 1.1)
    // Closer ones where a short range has too few of the usual.
    let steps = [[1.0, 2, 5], [1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9]].map { steps in
      (-4...4).flatMap { power in steps.map { $0 * pow(10, Double(power)) } }
        .filter { low < $0 && $0 < high }
    }
    return PlotAxis(
      low: low, high: high, isLogarithmic: true, ticks: steps[0].count < 3 ? steps[1] : steps[0])
  }

  /// Where a value lies, 0 … 1.
  func fraction(_ value: Double) -> Double {
    isLogarithmic ? log(value / low) / log(high / low) : (value - low) / (high - low)
  }

  static func label(_ value: Double) -> String { short(value) }
}
