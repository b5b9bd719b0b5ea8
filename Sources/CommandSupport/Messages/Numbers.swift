import Foundation

extension Duration {
  package var seconds: Double { self / .seconds(1) }
}

/// A number with so many decimals, whatever the locale.
package func fixed(_ value: Double, _ decimals: Int) -> String {
  String(format: "%.\(decimals)f", locale: nil, value)
}
