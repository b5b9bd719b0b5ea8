import MachineLimit

/// Multiply-adds a second that this machine reaches in dot products.
struct Limits {
  let int16: Double
  let float: Double

  init() {
    var noise = Noise(state: 7)
    // Half of the smallest first cache that is about.
    let count = 64 * Int(ML_UNIT)
    let passes = 64
    let integers: [Int16] = noise.integers(count, in: -99...99)
    let floats = noise.floats(count / 2, size: 1)
    func perSecond(_ count: Int, _ pass: @escaping () -> Void) -> Double {
      let part = Part(name: "limit", sampleCount: passes) { for _ in 0..<passes { pass() } }
      return Double(passes * Int(ML_DOTS) * count) / part.seconds()
    }
    int16 = perSecond(count) { _ = ml_dots_int16(integers, count) }
    float = perSecond(count / 2) { _ = ml_dots_float(floats, count / 2) }
  }

  /// That of this kind.
  func perSecond(_ kind: Part.MultiplyAdds) -> Double {
    switch kind {
    case .int16: int16
    case .float: float
    }
  }
}
