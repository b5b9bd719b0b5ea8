internal import DecoderCore

/// An image's pixels as points of a lattice, as far as their colours determine them: the encoder's
/// alone.
struct LatticePixels {
  let width: Int
  let height: Int
  let lattice: ColorLattice
  /// Luma and two chroma coordinates of every pixel.
  private(set) var coordinates: [[Int16]]
  /// Whether a pixel's coordinates are certain: no sample at 0 or 255, and a near colour; or as good
  /// as certain.
  private(set) var isSure: [Bool]

  init(_ fit: LatticeFit, _ planes: [[UInt16]], width: Int, height: Int) {
    self.width = width
    self.height = height
    lattice = fit.lattice
    let count = width * height
    var luma = [Int16](repeating: 0, count: count)
    var first = luma
    var second = luma
    var sure = [Bool](repeating: false, count: count)
    // A lattice that gives nearly all colours gives all: look around where one is missed.
    let isExact = fit.exactFraction > 0.99
    let neighbors = Self.neighbors
    for place in 0..<count {
      let color = SIMD3(Int(planes[0][place]), Int(planes[1][place]), Int(planes[2][place]))
      let point = fit.coordinates(SIMD3<Double>(color))
      var k = SIMD3<Int>(clamping: point)
      if color.min() > 0 && color.max() < 255 {
        var distance = lattice.distance(k, color)
        if distance > 0 && isExact {
          for neighbor in neighbors where lattice.distance(k &+ neighbor, color) == 0 {
            k = k &+ neighbor
            distance = 0
            break
          }
        }
        sure[place] = distance <= 1
      } else if color.min() == color.max() && lattice == .jfif {
        // Black and white have hardly any chroma: of whole lumas only 0 and 255 give them.
        k = SIMD3(color.x, 128, 128)
        sure[place] = true
      }
      luma[place] = Int16(clamping: k.x)
      first[place] = Int16(clamping: k.y)
      second[place] = Int16(clamping: k.z)
    }
    coordinates = [luma, first, second]
    isSure = sure
  }

  /// Steps to the points around, the nearest first.
  static let neighbors: [SIMD3<Int>] = (0..<27).map {
    SIMD3($0 / 9 - 1, $0 / 3 % 3 - 1, $0 % 3 - 1)
  }
  .stablySorted { ($0 &* $0).wrappedSum() }
}

extension ColorLattice {
  /// The largest difference, over the channels, of the colour of `k` from `color`.
  @inline(__always)
  func distance(_ k: SIMD3<Int>, _ color: SIMD3<Int>) -> Int {
    max(
      abs(sample(k, 0) &- color.x), abs(sample(k, 1) &- color.y), abs(sample(k, 2) &- color.z))
  }

  /// The lumas that, with the chroma of `k`, give `color` exactly; every row's luma is positive.
  @inline(__always)
  func lumas(_ k: SIMD3<Int>, giving color: SIMD3<Int>) -> ClosedRange<Int>? {
    let (low, high) = lumaBounds(k, giving: color)
    return low <= high ? low...high : nil
  }

  /// By how much channels ask for different lumas: 0 where one suits all.
  @inline(__always)
  func lumaGap(_ k: SIMD3<Int>, giving color: SIMD3<Int>) -> Int {
    let (low, high) = lumaBounds(k, giving: color)
    return max(0, low &- high)
  }

  @inline(__always)
  private func lumaBounds(_ k: SIMD3<Int>, giving color: SIMD3<Int>) -> (low: Int, high: Int) {
    var low = -(1 << 20)
    var high = 1 << 20
    for channel in 0..<3 {
      let rest = Int(position(SIMD3(0, k.y, k.z), channel))
      let step = matrix[channel].x
      let value = color[channel]
      // value · 2¹⁶ ≤ rest + step · luma < (value + 1) · 2¹⁶, open where the colour is clamped.
      if value > 0 {
        low = max(low, Self.ceiling((value &<< Self.fractionBits) &- rest, step))
      }
      if value < 255 {
        high = min(high, Self.ceiling(((value &+ 1) &<< Self.fractionBits) &- rest, step) &- 1)
      }
    }
    return (low, high)
  }

  @inline(__always)
  private static func ceiling(_ a: Int, _ b: Int) -> Int {
    if b == 1 << fractionBits { return (a &+ b &- 1) &>> fractionBits }
    let quotient = a / b
    return quotient &* b < a ? quotient &+ 1 : quotient
  }
}

extension SIMD3<Int> {
  /// Rounded values, kept within what coordinates may be.
  fileprivate init(clamping v: SIMD3<Double>) {
    let limited = v.clamped(
      lowerBound: SIMD3<Double>(repeating: -30_000), upperBound: SIMD3<Double>(repeating: 30_000))
    self.init(Int(limited.x), Int(limited.y), Int(limited.z))
  }
}
