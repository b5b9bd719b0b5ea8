internal import DecoderCore

/// A plane of numbers, looked at four side by side: the encoder's alone.
struct PixelPlane<Element: BitwiseCopyable & SIMDScalar>: ~Copyable {
  private let values: Buffer<Element>
  private let stride: Int

  /// All 0.
  init(width: Int, height: Int) {
    // Four from any column of the last row on are there.
    stride = max(width, 4)
    values = Buffer(zeroed: stride * height + 4)
  }

  init(_ plane: [Element], width: Int, height: Int) {
    self.init(width: width, height: height)
    for y in 0..<height {
      for x in 0..<width { self[y, x] = plane[y * width + x] }
    }
  }

  subscript(row: Int, column: Int) -> Element {
    @inline(__always) get { values[row &* stride &+ column] }
    @inline(__always) nonmutating set { values[row &* stride &+ column] = newValue }
  }

  /// The four values from a column on.
  subscript(four row: Int, column: Int) -> SIMD4<Element> {
    @inline(__always) get {
      UnsafeRawPointer(values.base + (row &* stride &+ column))
        .loadUnaligned(as: SIMD4<Element>.self)
    }
    @inline(__always) nonmutating set {
      UnsafeMutableRawPointer(values.base + (row &* stride &+ column))
        .storeBytes(of: newValue, as: SIMD4<Element>.self)
    }
  }
}
