extension Duration {
  package var seconds: Double { self / .seconds(1) }
}

/// A number with so many decimals.
package func fixed(_ value: Double, _ decimals: Int) -> String {
  printed("%.\(decimals)f", value)
}

/// A number with up to six digits, and an exponent where it needs one.
package func short(_ value: Double) -> String { printed("%g", value) }

/// What C's printf makes of a number; the program keeps to the locale "C".
private func printed(_ format: String, _ value: Double) -> String {
  withVaList([value]) { arguments in
    // The largest number has 309 digits before its point.
    var text = [CChar](repeating: 0, count: 512)
    vsnprintf(&text, text.count, format, arguments)
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
