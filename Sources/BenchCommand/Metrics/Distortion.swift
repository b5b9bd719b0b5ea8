import RDCodec

/// What every metric says of a decoded image; nil where it is infinite or undefined.
struct Distortion: Sendable {
  /// By the metrics' keys.
  private var values: [String: Double] = [:]

  /// Nothing is known.
  init() {}

  init(of decoded: ColorPlanes, from original: ColorPlanes) {
    for metric in Metric.all {
      if let value = metric.value(original, decoded), value.isFinite { values[metric.key] = value }
    }
  }

  /// The means of every metric over the images that have one.
  init(meanOf distortions: [Distortion]) {
    for metric in Metric.all { values[metric.key] = mean(distortions.compactMap { $0[metric] }) }
  }

  subscript(metric: Metric) -> Double? { values[metric.key] }
}

/// Nil without values.
func mean(_ values: [Double]) -> Double? {
  values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
}
