internal import Entropy

/// Codes ranks of up to eight bits, binarised from the highest bit down, for drawings of few
/// colours.
///
/// Each bit is mixed from counters under hashed contexts: exact colours around, and what the plane
/// coders expect. Unlike distributions around a mean, counters learn which values occur at all.
package struct BitwiseValueCoder: ~Copyable {
  /// Most bits of a rank.
  package static let maximumBitCount = 8
  private static let contextCount = 12
  private static let learningRate: Float = 0.008
  private static let startWeight: Float = 0.2
  private static let errorClasses = 3
  /// Bits of a rank that say where in a shape a pixel is, whatever its noise.
  private static let shapeBits = 3

  /// What a pixel's ranks are coded from.
  struct Pixel {
    /// The colours around, as ``CandidateCoder`` keeps them.
    let here: UnsafeMutablePointer<UInt64>
    let stride: Int
    /// The colours that were asked for and are not it.
    let first: UInt64
    let second: UInt64
  }

  package let mixer: DecisionMixer
  private let planeCount: Int
  private let shift: UInt64
  private let hashes = Buffer<UInt64>(zeroed: contextCount)

  init(kernels: ResidualKernels, planeCount: Int, pixelCount: Int, start: DrawingStart) {
    self.planeCount = planeCount
    let bits = min(20, max(12, Int.bitWidth - pixelCount.leadingZeroBitCount + 2))
    shift = UInt64(64 - bits)
    mixer = DecisionMixer(
      kernels: kernels, contexts: Self.contextCount, bits: bits, setCount: Self.setCount,
      rate: Self.learningRate)
    mixer.weights.base.update(from: start.bitwiseWeights, count: Self.weightCount)
  }

  private static let setCount = 4 * maximumBitCount * errorClasses
  package static let weightCount = setCount * DecisionMixer.stride(contexts: contextCount)

  /// Weights before anything is learned.
  static func fillWeights(_ weights: UnsafeMutablePointer<Float>) {
    DecisionMixer.fill(weights, count: weightCount, contexts: contextCount, startWeight)
  }

  /// Codes the rank of plane `index` below `count`; `color` holds the planes before it.
  mutating func code<Coder: BinaryCoder & ~Copyable>(
    _ value: Int, plane index: Int, count: Int, bitCount: Int, color: UInt64, pixel: Pixel,
    expected: Int, expectedError: Float, with coder: inout Coder
  ) -> Int {
    let errorClass = expectedError < 1 ? 0 : expectedError < 6 ? 1 : 2
    setHashes(pixel, index, color, expected, errorClass)
    // Of one plane colours and ranks are the same, so that these two contexts would be the first.
    if planeCount == 1 && bitCount > Self.shapeBits {
      (hashes[2], hashes[7]) = Self.shapes(pixel, shift: UInt64(bitCount - Self.shapeBits))
    }
    var prefix = 1
    let set = (index &* Self.errorClasses &+ errorClass) &* Self.maximumBitCount
    for bit in stride(from: bitCount - 1, through: 0, by: -1) {
      let upper = ((prefix &<< 1 | 1) &<< bit) &- 1 &<< bitCount
      guard upper < count else {
        prefix = prefix &<< 1
        continue
      }
      for context in 0..<Self.contextCount {
        let slot = Self.combine(hashes[context], UInt64(prefix)) &>> shift
        mixer.slots[context] = UInt32(truncatingIfNeeded: slot)
      }
      let isSet = mixer.code(value &>> bit & 1 == 1, set: set &+ bit, with: &coder)
      prefix = prefix &<< 1 | (isSet ? 1 : 0)
    }
    return prefix &- 1 &<< bitCount
  }

  @inline(__always)
  private func setHashes(
    _ pixel: Pixel, _ index: Int, _ color: UInt64, _ expected: Int, _ errorClass: Int
  ) {
    let here = pixel.here
    let west = here[-1]
    let north = here[-pixel.stride]
    let northWest = here[-1 &- pixel.stride]
    let northEast = here[1 &- pixel.stride]
    let plane = UInt64(index)
    let known = Self.combine(color, plane)
    func rank(_ color: UInt64, _ plane: Int) -> Int {
      Int(truncatingIfNeeded: color &>> UInt64(16 &* plane) & 0xFFFF)
    }
    let w = rank(west, index)
    let n = rank(north, index)
    // The change of the plane before from each neighbour, carried over.
    let before = max(index &- 1, 0)
    let now = index > 0 ? rank(color, before) : 0
    let fromWest = w &+ (index > 0 ? now &- rank(west, before) : 0)
    let fromNorth = n &+ (index > 0 ? now &- rank(north, before) : 0)
    let gradient = w &+ n &- rank(northWest, index)
    hashes[0] = Self.combine(Self.combine(known, west), north)
    hashes[1] = Self.combine(
      Self.combine(hashes[0], northWest), Self.combine(northEast, here[-2]))
    hashes[2] = Self.combine(Self.combine(plane, 1), UInt64(w) &<< 20 | UInt64(n))
    hashes[3] = Self.combine(known, 2)
    hashes[4] = Self.combine(known, west &+ 3)
    hashes[5] = Self.combine(known, north &+ 4 &<< 50)
    hashes[6] = Self.combine(Self.combine(known, pixel.first), pixel.second)
    hashes[7] = Self.combine(
      Self.combine(plane, 5), UInt64(bitPattern: Int64(fromWest) &<< 20 &+ Int64(fromNorth)))
    hashes[8] = Self.combine(
      Self.combine(plane, 6), UInt64(bitPattern: Int64(gradient) &<< 20 &+ Int64(now)))
    hashes[9] = Self.combine(Self.combine(plane, 7), UInt64(expected &* 4 &+ errorClass))
    hashes[10] = Self.combine(
      Self.combine(known, 8), UInt64(bitPattern: Int64(expected &- fromWest)))
    hashes[11] = Self.combine(Self.combine(known, northEast), Self.combine(north, 9))
  }

  /// Hashes of six and of eleven neighbours, in eighths of the ranks' range: shapes that come again
  /// under noise, such as letters of a scan.
  @inline(__always)
  private static func shapes(_ pixel: Pixel, shift: UInt64) -> (small: UInt64, large: UInt64) {
    let here = pixel.here
    let above = here - pixel.stride
    let top = above - pixel.stride
    var packed: UInt64 = 0
    func add(_ rank: UInt64) { packed = packed &<< UInt64(shapeBits) | rank &>> shift }
    add(here[-1])
    add(here[-2])
    for x in -1...1 { add(above[x]) }
    add(top[0])
    let small = combine(packed, 10)
    add(here[-3])
    add(above[-2])
    add(above[2])
    add(top[-1])
    add(top[1])
    return (small, combine(packed, 11))
  }

  /// Source: the multiply–xorshift steps of SplitMix64.
  @inline(__always)
  private static func combine(_ a: UInt64, _ b: UInt64) -> UInt64 {
    var h = (a ^ b) &* 0x9E37_79B9_7F4A_7C15 &+ b
    h = (h ^ (h &>> 32)) &* 0xBF58_476D_1CE4_E5B9
    return h ^ (h &>> 29)
  }
}
