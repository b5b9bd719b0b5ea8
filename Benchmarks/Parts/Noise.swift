/// SplitMix64: the same data on every machine.
struct Noise: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// Uniform in −1 ..< 1.
  mutating func float() -> Float { Float(next() >> 40) / 0x1p23 - 1 }

  /// Uniform in −`size` … `size`.
  mutating func floats(_ count: Int, size: Float) -> [Float] {
    (0..<count).map { _ in float() * size }
  }

  mutating func integers<Value: FixedWidthInteger>(
    _ count: Int, in range: ClosedRange<Value>
  ) -> [Value] {
    (0..<count).map { _ in .random(in: range, using: &self) }
  }

  /// A sample of a picture of smooth shapes and grain: about as predictable as a photograph.
  mutating func sample(x: Int, y: Int, plane: Int) -> Float {
    let shape = ((x / 37 + y / 29) & 3) * 24 + x % 384 / 8 + y / 6 + plane * 10
    let grain = (float() + float() + float()) * 4
    return min(max((Float(shape + 20) + grain).rounded(), 0), 255)
  }
}
