/// Numbers of metrics, written beside an entry's own fields.
///
/// One that is not there is written as null, not left out.
struct MetricFields: Encodable {
  private var numbers: [(key: String, value: Double?)] = []
  private var texts: [(key: String, value: String)] = []

  /// What these metrics say of an image.
  init(_ distortion: Distortion, _ metrics: [Metric]) {
    numbers = metrics.map { ($0.key, distortion[$0]) }
  }

  init(_ point: BenchCurves.Point) {
    numbers = zip(Metric.drawn, point.levels).map { ($0.curve?.key ?? $0.key, $1) }
  }

  /// BD-rates, and why there is none.
  init(_ difference: BenchCurves.Difference) {
    for (metric, outcome) in zip(Metric.drawn, difference.outcomes) {
      numbers.append((metric.key, try? outcome.get()))
      if case .failure(let reason) = outcome {
        texts.append((metric.key + "Refusal", reason.description))
      }
    }
  }

  private struct Key: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }

    init(_ text: String) { stringValue = text }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    for (key, value) in numbers {
      // Synthesised code would leave it out.
      if let value {
        try container.encode(value, forKey: Key(key))
      } else {
        try container.encodeNil(forKey: Key(key))
      }
    }
    for (key, text) in texts { try container.encode(text, forKey: Key(key)) }
  }
}

/// An entry whose metrics are fields like its own.
struct Measured<Fields: Encodable>: Encodable {
  var fields: Fields
  var metrics: MetricFields

  func encode(to encoder: any Encoder) throws {
    try fields.encode(to: encoder)
    try metrics.encode(to: encoder)
  }
}
