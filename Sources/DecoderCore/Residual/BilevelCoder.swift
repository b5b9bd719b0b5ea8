internal import Entropy

/// Codes a plane of two ranks, pixel by pixel: pages of text, line art, dithers.
///
/// Each pixel is one decision, mixed from counters under neighbourhoods of several sizes and shapes,
/// the place in a dither's cell, what a repeated place says, and what stands at the tile's repeat
/// distances. Where the tile is a dither, its cells around take the place of the row before.
struct BilevelCoder: ~Copyable {
  private static let contextCount = 12
  private static let learningRate: Float = 0.01
  private static let startWeight: Float = 0.22
  /// Columns beside the plane, and rows above it.
  private static let side = 16
  private static let above = 6
  /// Columns to the right of a pixel that registers of rows above reach.
  private static let reach: UInt32 = 10
  /// Sets of weights by what repeats, and by what is around.
  private static let repeatSets = 4 * 3
  private static let aroundSets = 64

  private let width: Int
  private let stride: Int
  private let outside: UInt8
  private let period: DitherPeriod?
  private let shift: UInt64
  private let pixels: Buffer<UInt8>
  /// Places from each pixel to the one that it may repeat, and which of those came true.
  private let distances: Buffer<Int>
  private let agreements: Buffer<UInt8>
  private var repeats: RepeatFinder
  private let mixer: DecisionMixer
  /// The pixels before, and those of the rows above from `reach` columns to the right on; the last
  /// in the lowest bit.
  private let rows = Buffer<UInt32>(zeroed: above + 1)
  private var repeatHash: UInt64 = 0

  /// `outside`: the rank of all pixels around the plane.
  init(
    kernels: ResidualKernels, width: Int, height: Int, outside: Int, period: DitherPeriod?,
    repeats given: RepeatDistances
  ) {
    self.width = width
    self.period = period
    self.outside = UInt8(outside)
    stride = width + 2 * Self.side
    let count = stride * (height + Self.above)
    pixels = Buffer(repeating: UInt8(outside), count: count)
    agreements = Buffer(zeroed: given.distances.isEmpty ? 0 : count)
    distances = Buffer(zeroed: given.distances.count)
    for (index, distance) in given.distances.enumerated() {
      distances[index] = distance.rows * stride + distance.columns
    }
    let bits = min(20, max(12, Int.bitWidth - (width * height).leadingZeroBitCount))
    shift = UInt64(64 - bits)
    repeats = RepeatFinder(stride: stride, count: count, bits: bits)
    mixer = DecisionMixer(
      kernels: kernels, contexts: Self.contextCount, bits: max(bits, 16),
      setCount: Self.repeatSets + Self.aroundSets, rate: Self.learningRate)
    DecisionMixer.fill(
      mixer.weights.base,
      count: Self.repeatSets * DecisionMixer.stride(contexts: Self.contextCount),
      contexts: Self.contextCount, Self.startWeight)
  }

  /// Codes row `y` of the plane's ranks.
  mutating func codeRow<Coder: BinaryCoder & ~Copyable>(
    _ y: Int, _ ranks: UnsafeMutablePointer<UInt16>, with coder: inout Coder
  ) {
    let first: Int = (y &+ Self.above) &* stride &+ Self.side
    beginRow(first)
    for x in 0..<width {
      let bit = code(ranks[x] != 0, first &+ x, x: x, y: y, with: &coder)
      ranks[x] = bit ? 1 : 0
    }
  }

  @inline(__always)
  private func beginRow(_ first: Int) {
    rows[0] = outside == 0 ? 0 : .max
    for k in 1...Self.above {
      var row = rows[0]
      for x in 0..<Int(Self.reach) {
        row = row &<< 1 | UInt32(pixels[first &- k &* stride &+ x])
      }
      rows[k] = row
    }
  }

  @inline(__always)
  private mutating func code<Coder: BinaryCoder & ~Copyable>(
    _ bit: Bool, _ place: Int, x: Int, y: Int, with coder: inout Coder
  ) -> Bool {
    let here: UnsafeMutablePointer<UInt8> = pixels.base + place
    for k in 1...Self.above {
      rows[k] = rows[k] &<< 1 | UInt32(here[Int(Self.reach) &- k &* stride])
    }
    let around = setNeighborhoods(x: x, y: y)
    let found = repeats.look(place, repeatHash)
    let expected = pixels[found.place]
    let far = distantColors(place)
    let isKnown: UInt64 = found.confidence > 0 ? 1 : 0
    let repeated = UInt64(found.confidence &* 2) &+ UInt64(expected)
    setContext(9, repeated &* 64 &+ UInt64(around))
    setContext(10, hashed(UInt64(far.trust) &* 16 &+ UInt64(around & 15), 10))
    setContext(
      11, hashed(UInt64(far.colors) &* 4 &+ isKnown &* 2 &+ isKnown &* UInt64(expected), window11))
    var aroundSet = around
    if let period {
      let cells = cellColors(place, x: x, y: y, period)
      setContext(7, UInt64(cells))
      aroundSet = cells &>> 4
    }
    let set = found.confidence &* 3 &+ (far.support > 6 ? 2 : far.support > 3 ? 1 : 0)
    let result = mixer.code(bit, set: set, and: Self.repeatSets &+ aroundSet, with: &coder)
    let value: UInt8 = result ? 1 : 0
    here.pointee = value
    rows[0] = rows[0] &<< 1 | UInt32(value)
    var agreement: UInt8 = 0
    for k in 0..<distances.count where far.colors &>> k & 1 == Int(value) {
      agreement |= 1 &<< UInt8(k)
    }
    if distances.count > 0 { agreements[place] = agreement }
    repeats.learn(place, repeatHash, isRepeat: found.confidence > 0 && expected == value)
    return result
  }

  /// `left` to `right` columns of row `k` above.
  @inline(__always)
  private func window(_ k: Int, _ left: UInt32, _ right: UInt32) -> UInt64 {
    UInt64((rows[k] &>> (Self.reach &- right)) & ((1 &<< (left &+ right &+ 1)) &- 1))
  }

  /// The `count` pixels before.
  @inline(__always)
  private func before(_ count: UInt32) -> UInt64 { UInt64(rows[0] & ((1 &<< count) &- 1)) }

  private var window11: UInt64 { before(3) &<< 5 | window(1, 2, 2) }

  /// Sets the first nine contexts; returns the pixels next to this one: NN, WW, W, NW, N, NE.
  @inline(__always)
  private mutating func setNeighborhoods(x: Int, y: Int) -> Int {
    let near = window(2, 0, 0) &<< 5 | before(2) &<< 3 | window(1, 1, 1)
    let small = before(4) &<< 8 | window(1, 2, 2) &<< 3 | window(2, 1, 1)
    let middle = before(5) &<< 12 | window(1, 3, 3) &<< 5 | window(2, 2, 2)
    let wide =
      before(6) &<< 19 | window(1, 4, 4) &<< 10 | window(2, 3, 3) &<< 3 | window(3, 1, 1)
    let wider = Self.combine(
      before(8) &<< 20 | window(1, 5, 5) &<< 9 | window(2, 4, 4),
      window(3, 3, 3) &<< 3 | window(4, 1, 1))
    let widest = Self.combine(
      before(12) &<< 32 | window(1, 8, 8) &<< 15 | window(2, 7, 7),
      window(3, 5, 5) &<< 14 | window(4, 4, 4) &<< 5 | window(5, 2, 2))
    var column = before(2)
    for k in 1...Self.above { column = column &<< 3 | window(k, 1, 1) }
    let row = before(16) &<< 9 | window(1, 2, 6)
    let cell = UInt64(x & 15) &<< 4 | UInt64(y & 15)
    let density = (before(8) | window(1, 7, 8) &<< 8 | window(2, 7, 8) &<< 24).nonzeroBitCount
    setContext(0, near)
    setContext(1, small)
    setContext(2, hashed(middle, 2))
    setContext(3, hashed(wide, 3))
    setContext(4, hashed(wider, 4))
    setContext(5, hashed(widest, 5))
    setContext(6, hashed(column, 6))
    setContext(7, hashed(row, 7))
    setContext(8, hashed(cell &<< 8 | UInt64(density), 8))
    repeatHash = Self.combine(widest, wider)
    return Int(near)
  }

  /// The pixels at the same place of the cells around, a bit each: two to the left, two above; the
  /// third and the fourth to the left, those above to the left and to the right.
  @inline(__always)
  private func cellColors(_ place: Int, x: Int, y: Int, _ period: DitherPeriod) -> Int {
    func color(_ left: Int, _ up: Int) -> Int {
      let column = x &- left &* period.columns
      let rows = up &* period.rows
      guard column >= 0, column < width, rows <= y else { return Int(outside) }
      return Int(pixels[place &- rows &* stride &+ (column &- x)])
    }
    let near = color(1, 0) &<< 3 | color(2, 0) &<< 2 | color(0, 1) &<< 1 | color(0, 2)
    let far = color(3, 0) &<< 3 | color(4, 0) &<< 2 | color(1, 1) &<< 1 | color(-1, 1)
    return near &<< 4 | far
  }

  /// What stands at the repeat distances, a bit each; how far to trust each; and the most support.
  @inline(__always)
  private func distantColors(_ place: Int) -> (colors: Int, trust: Int, support: Int) {
    guard distances.count > 0 else { return (0, 0, 0) }
    let here = agreements.base + place
    let above = here - stride
    var (colors, trust, most) = (0, 0, 0)
    for k in 0..<distances.count {
      let source = place &- distances[k]
      let color = Int(source >= 0 ? pixels[source] : outside)
      func came(_ offset: Int) -> Int { Int(here[offset] &>> UInt8(k) & 1) }
      let twice = came(-1) &+ Int(above[0] &>> UInt8(k) & 1)
      let once =
        Int(above[-1] &>> UInt8(k) & 1) &+ Int(above[1] &>> UInt8(k) & 1) &+ came(-2)
        &+ came(-2 &* stride)
      let support = 2 &* twice &+ once
      colors |= color &<< k
      trust = trust &* 8 &+ (support > 7 ? 3 : support > 5 ? 2 : support > 3 ? 1 : 0) &* 2 &+ color
      most = max(most, support)
    }
    return (colors, trust, most)
  }

  @inline(__always)
  private func setContext(_ index: Int, _ value: UInt64) {
    mixer.slots[index] = UInt32(truncatingIfNeeded: value)
  }

  @inline(__always)
  private func hashed(_ value: UInt64, _ salt: UInt64) -> UInt64 {
    Self.combine(value, salt) &>> shift
  }

  /// Source: the multiply–xorshift steps of SplitMix64.
  @inline(__always)
  private static func combine(_ a: UInt64, _ b: UInt64) -> UInt64 {
    var h = (a ^ b) &* 0x9E37_79B9_7F4A_7C15 &+ b
    h = (h ^ (h &>> 32)) &* 0xBF58_476D_1CE4_E5B9
    return h ^ (h &>> 29)
  }
}

extension TileCoder {
  /// Codes the one plane that is not constant; it has two ranks, and may be a dither.
  func codeBilevel<Coder: BinaryCoder & ~Copyable>(
    _ planes: [Int], isDither: Bool, _ kernels: ResidualKernels, with coder: inout Coder
  ) throws(CodecError) {
    guard isBilevel(planes) else { throw .corrupt(field: "residual method", at: coder.start) }
    let base = ranks.base + planes[0] * geometry.pixelCount
    var repeats = repeatDistances(planes, with: coder)
    try repeats.code(
      width: geometry.width, height: geometry.height, planeCount: 0, with: &coder)
    // The more frequent one.
    var ones = 0
    if coder.isEncoder { for place in 0..<geometry.pixelCount { ones += Int(base[place]) } }
    let outside = coder.codeUniform(2 * ones > geometry.pixelCount ? 1 : 0, bitCount: 1)
    let period = isDither ? try codePeriod(of: base, with: &coder) : nil
    var bilevel = BilevelCoder(
      kernels: kernels, width: geometry.width, height: geometry.height, outside: Int(outside),
      period: period, repeats: repeats)
    for y in 0..<geometry.height {
      if coder.isExhausted { throw .truncated(at: coder.start) }
      bilevel.codeRow(y, base + y * geometry.width, with: &coder)
    }
    if coder.isExhausted { throw .truncated(at: coder.start) }
  }

  /// The period of a dither; an encoder finds it in the plane's ranks.
  private func codePeriod<Coder: BinaryCoder & ~Copyable>(
    of ranks: UnsafePointer<UInt16>, with coder: inout Coder
  ) throws(CodecError) -> DitherPeriod {
    let found =
      coder.isEncoder
      ? DitherPeriod(of: ranks, width: geometry.width, height: geometry.height) : nil
    // Whoever asks for this method without need learns that one as well.
    var period = found ?? DitherPeriod(columns: 2, rows: 2)
    try period.code(with: &coder)
    return period
  }
}
