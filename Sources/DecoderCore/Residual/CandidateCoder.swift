internal import Entropy

/// Codes whole pixels as one of up to three likely colours, for drawings and screenshots.
///
/// Colours come from hashed neighbourhoods of several shapes, then from the neighbours; each is
/// asked for by one decision, mixed from adaptive counters. A pixel that is none of them is left
/// to the plane coders.
package struct CandidateCoder: ~Copyable {
  /// Neighbourhoods with a history each, then the repeated place.
  private static let shapes = 5
  private static let sources = 6
  private static let maximumCandidates = 3
  /// Contexts of the colours, and those of the repeat distances.
  private static let contextCount = 6
  private static let distanceContextCount = 2
  private static let setCount = 96
  private static let startWeight: Float = 0.3
  /// The contexts that are not hashed, and how many values each has: their counters start as
  /// learned.
  package static let learnedContexts = [
    (context: 0, size: 3 * 1024), (context: 1, size: 3 * 4096), (context: 2, size: 3 * 2048),
    (context: 6, size: 15 * 81), (context: 7, size: 3 * 4096),
  ]
  private static let hashedBits = 18
  private static let learningRate: Float = 0.005
  private static let border = 8

  private let width: Int
  private let stride: Int
  /// Colours of the whole tile, and by which candidate each pixel was coded (3: by none).
  private let colors: Buffer<UInt64>
  private let outcomes: Buffer<UInt8>
  /// Places from each pixel to the one that it may repeat, and which of those came true.
  private let distances: Buffer<Int>
  private let agreements: Buffer<UInt8>
  /// Of each plane: the highest rank.
  private let highs: Buffer<UInt64>
  private let distantColors = Buffer<UInt64>(zeroed: RepeatDistances.maximumCount)
  /// How many pixels around came true by each distance, 0 ... 8; W and N count twice.
  private let supports = Buffer<Int>(zeroed: RepeatDistances.maximumCount)
  private let shape0: ColorHistory
  private let shape1: ColorHistory
  private let shape2: ColorHistory
  private let shape3: ColorHistory
  private let shape4: ColorHistory
  private var repeats: RepeatFinder
  package let mixer: DecisionMixer
  private let hashes = Buffer<UInt64>(zeroed: shapes)
  private let known = Buffer<UInt64>(zeroed: sources)
  private let confidences = Buffer<Int>(zeroed: sources)
  private let candidates = Buffer<UInt64>(zeroed: maximumCandidates)

  init(
    kernels: ResidualKernels, width: Int, height: Int, repeats given: RepeatDistances,
    highs: [Int], start: DrawingStart
  ) {
    self.width = width
    self.highs = Buffer(zeroed: highs.count)
    for (index, high) in highs.enumerated() { self.highs[index] = UInt64(high) }
    stride = width + 2 * Self.border
    colors = Buffer(zeroed: stride * (height + 3))
    outcomes = Buffer(zeroed: stride * (height + 3))
    let bits = min(19, max(8, Int.bitWidth - (width * height).leadingZeroBitCount))
    shape0 = ColorHistory(bits: bits)
    shape1 = ColorHistory(bits: bits)
    shape2 = ColorHistory(bits: bits)
    shape3 = ColorHistory(bits: bits)
    shape4 = ColorHistory(bits: bits)
    repeats = RepeatFinder(stride: stride, count: stride * (height + 3), bits: bits)
    let stride = stride
    distances = Buffer(zeroed: given.distances.count)
    for (index, distance) in given.distances.enumerated() {
      // Those up to 0 are surfaces.
      distances[index] = distance.rows * stride + distance.columns
    }
    agreements = Buffer(zeroed: given.distances.isEmpty ? 0 : stride * (height + 3))
    let hasDistances = !given.distances.isEmpty
    let contexts = Self.contexts(hasDistances: hasDistances)
    mixer = DecisionMixer(
      kernels: kernels, contexts: contexts, bits: Self.hashedBits,
      setCount: Self.setCount * (hasDistances ? 4 : 1), rate: Self.learningRate)
    mixer.weights.base.update(
      from: start.candidateWeights(hasDistances: hasDistances), count: mixer.weights.count)
    var learned = start.counters.base
    for (context, size) in Self.learnedContexts {
      if context < contexts { mixer.counters(of: context).update(from: learned, count: size) }
      learned += size
    }
  }

  private var distanceCount: Int { distances.count }
  package var hasDistances: Bool { distanceCount > 0 }

  private static func contexts(hasDistances: Bool) -> Int {
    contextCount + (hasDistances ? distanceContextCount : 0)
  }

  package static func weightCount(hasDistances: Bool) -> Int {
    setCount * (hasDistances ? 4 : 1)
      * DecisionMixer.stride(contexts: contexts(hasDistances: hasDistances))
  }

  /// Weights before anything is learned.
  static func fillWeights(_ weights: UnsafeMutablePointer<Float>, hasDistances: Bool) {
    DecisionMixer.fill(
      weights, count: weightCount(hasDistances: hasDistances),
      contexts: contexts(hasDistances: hasDistances), startWeight)
  }

  /// What ``BitwiseValueCoder`` codes the pixel at (x, y) from, after ``code(_:x:y:with:)``.
  func pixel(x: Int, y: Int) -> BitwiseValueCoder.Pixel {
    BitwiseValueCoder.Pixel(
      here: colors.base + ((y &+ 2) &* stride &+ x &+ Self.border), stride: stride,
      first: candidates[0], second: candidates[1])
  }

  /// Codes whether the pixel at (x, y) has a likely colour; its colour, or nil if it has none.
  mutating func code<Coder: BinaryCoder & ~Copyable>(
    _ color: UInt64, x: Int, y: Int, with coder: inout Coder
  ) -> UInt64? {
    let place: Int = (y &+ 2) &* stride &+ x &+ Self.border
    let here: UnsafeMutablePointer<UInt64> = colors.base + place
    let outcome: UnsafeMutablePointer<UInt8> = outcomes.base + place
    hashNeighbors(here)
    look(place)
    if distanceCount > 0 { lookFar(place, x: x, y: y) }
    let west = here[-1]
    let north = here[-stride]
    let northEast = here[1 &- stride]
    let northWest = here[-1 &- stride]
    let count = collect(west, north, northEast)
    let past = past(outcome)
    for index in 0..<count {
      let candidate = candidates[index]
      var match = 0
      var trust = 0
      for source in 0..<Self.sources {
        let agrees = confidences[source] > 0 && known[source] == candidate
        match |= agrees ? 1 &<< source : 0
        trust = trust &* 4 &+ (agrees ? confidences[source] : 0)
      }
      var neighbors = candidate == west ? 1 : 0
      neighbors |= candidate == north ? 2 : 0
      neighbors |= candidate == northEast ? 4 : 0
      neighbors |= candidate == northWest ? 8 : 0
      let kind = (match != 0 ? 1 : 0) &+ (neighbors & 3 == 3 ? 2 : 0)
      setContext(0, UInt64(index &* 1024 &+ match &* 16 &+ neighbors))
      setContext(1, UInt64(index &* 4096 &+ trust))
      setContext(2, UInt64(index &* 2048 &+ past &+ kind))
      setContext(3, hashed(hashes[1], UInt64(index)))
      setContext(4, hashed(hashes[0], UInt64(index)))
      setContext(5, hashed(hashes[2], candidate &+ UInt64(index)))
      var set = index &* 32 &+ kind
      set &+= trust >= 3 &* 1024 ? 4 : 0
      set &+= outcome[-1] == 0 ? 8 : 0
      set &+= trust & 3 == 3 ? 16 : 0
      if distanceCount > 0 { set &+= setDistanceContexts(candidate, index) }
      if mixer.code(color == candidate, set: set, with: &coder) {
        outcome.pointee = UInt8(index)
        return candidate
      }
    }
    outcome.pointee = 3
    return nil
  }

  /// Notes the colour of the pixel at (x, y), whichever way it was coded.
  mutating func learn(_ color: UInt64, x: Int, y: Int) {
    let place: Int = (y &+ 2) &* stride &+ x &+ Self.border
    let here: UnsafeMutablePointer<UInt64> = colors.base + place
    here.pointee = color
    if distanceCount > 0 {
      var agreement: UInt8 = 0
      for k in 0..<distanceCount where distantColors[k] == color { agreement |= 1 &<< UInt8(k) }
      agreements[place] = agreement
    }
    let isRepeat = confidences[Self.shapes] > 0 && known[Self.shapes] == color
    repeats.learn(place, hashes[4], isRepeat: isRepeat)
    shape0.learn(color, hashes[0])
    shape1.learn(color, hashes[1])
    shape2.learn(color, hashes[2])
    shape3.learn(color, hashes[3])
    shape4.learn(color, hashes[4])
    if x == width &- 1 {
      for k in 1...Self.border { here[k] = color }
      let first = here[1 &- width]
      for k in 1...Self.border { here[stride &- width &+ 1 &- k] = first }
    }
  }

  /// How the pixels around were coded, as a multiple of 4 below 432.
  @inline(__always)
  private func past(_ outcome: UnsafeMutablePointer<UInt8>) -> Int {
    let west = min(Int(outcome[-1]), 3)
    let north = min(Int(outcome[-stride]), 2)
    let northEast = min(Int(outcome[1 &- stride]), 2)
    let westWest = min(Int(outcome[-2]), 2)
    return (((west &* 3 &+ north) &* 3 &+ northEast) &* 3 &+ westWest) &* 4
  }

  @inline(__always)
  private func setContext(_ index: Int, _ value: UInt64) {
    mixer.slots[index] = UInt32(truncatingIfNeeded: value)
  }

  @inline(__always)
  private func hashed(_ hash: UInt64, _ salt: UInt64) -> UInt64 {
    Self.combine(hash, salt) &>> UInt64(64 &- Self.hashedBits)
  }

  /// Source: the multiply–xorshift steps of SplitMix64.
  @inline(__always)
  private static func combine(_ a: UInt64, _ b: UInt64) -> UInt64 {
    var h = a ^ (b &* 0x9E37_79B9_7F4A_7C15)
    h = (h ^ (h &>> 32)) &* 0xBF58_476D_1CE4_E5B9
    return h ^ (h &>> 29)
  }

  /// Hashes the neighbourhoods of the pixel at `p`.
  @inline(__always)
  private func hashNeighbors(_ p: UnsafeMutablePointer<UInt64>) {
    let north = p[-stride]
    let west = Self.combine(p[-1], 1)
    let corner = Self.combine(west, north)
    let around = Self.combine(Self.combine(corner, p[-1 &- stride]), p[1 &- stride])
    let wide = Self.combine(Self.combine(around, p[-2]), p[-2 &* stride])
    var run = Self.combine(5, p[-1])
    for k in 2...7 { run = Self.combine(run, p[-k]) }
    let runAbove = Self.combine(run, north)
    var long = Self.combine(Self.combine(runAbove, p[-8]), p[1 &- stride])
    long = Self.combine(Self.combine(long, p[2 &- stride]), p[3 &- stride])
    hashes[0] = Self.combine(wide, p[2 &- stride])
    hashes[1] = Self.combine(around, 1)
    hashes[2] = Self.combine(corner, 2)
    hashes[3] = Self.combine(runAbove, 3)
    hashes[4] = long
  }

  @inline(__always)
  private mutating func look(_ place: Int) {
    look(0, shape0)
    look(1, shape1)
    look(2, shape2)
    look(3, shape3)
    look(4, shape4)
    let found = repeats.look(place, hashes[4])
    known[Self.shapes] = colors[found.place]
    confidences[Self.shapes] = found.confidence
  }

  @inline(__always)
  private func look(_ shape: Int, _ history: borrowing ColorHistory) {
    let found = history.look(hashes[shape])
    known[shape] = found.color
    confidences[shape] = found.confidence
  }

  /// Notes each distance's colour for the pixel at `place`, and how often it came true around.
  @inline(__always)
  private func lookFar(_ place: Int, x: Int, y: Int) {
    let here = agreements.base + place
    let above = here - stride
    let around = (Int(here[-1]), Int(above[0]), Int(above[-1]), Int(above[1]))
    let far = (Int(here[-2]), Int((above - stride)[0]))
    for k in 0..<distanceCount {
      let source = place &- distances[k]
      distantColors[k] =
        source >= place
        ? surfaceColor(place, source &- place, x: x, y: y) : source >= 0 ? colors[source] : 0
      let twice = (around.0 &>> k & 1) &+ (around.1 &>> k & 1)
      let once = (around.2 &>> k & 1) &+ (around.3 &>> k & 1)
      supports[k] = 2 &* twice &+ once &+ (far.0 &>> k & 1) &+ (far.1 &>> k & 1)
    }
  }

  /// The colour that continues surface `number` at `place`, along the edge in the first row and
  /// column: colours are added as whole numbers of 64 bits, and ranks of the sum that no sample has
  /// become the highest, or wrap around.
  @inline(__always)
  private func surfaceColor(_ place: Int, _ number: Int, x: Int, y: Int) -> UInt64 {
    let here = colors.base + place
    let above = here - stride
    let sum =
      switch RepeatDistances.surfaceAtEdge(number, x: x, y: y) {
      case 0, RepeatDistances.wrapping: here[-1] &+ above[0] &- above[-1]
      case 1: 2 &* here[-1] &- here[-2]
      case 2: 2 &* above[0] &- (above - stride)[0]
      case 3: here[-1] &+ above[1] &- above[0]
      case 4, RepeatDistances.wrapping + 1:
        2 &* (here[-1] &- above[-1]) &+ above[0] &+ above[-2] &- here[-2]
      case RepeatDistances.exclusiveOr: here[-1] ^ above[0] ^ above[-1]
      case let other: repeatedDifference(place, RepeatDistances.period(other))
      }
    var color: UInt64 = 0
    for plane in 0..<highs.count {
      let (rank, high) = (sum &>> UInt64(16 &* plane) & 0xFFFF, highs[plane])
      let wraps = number >= RepeatDistances.wrapping && high & (high &+ 1) == 0
      color |= (wraps ? rank & high : min(rank, high)) &<< UInt64(16 &* plane)
    }
    return color
  }

  /// W and what is added to it so many columns before, or N and what is added to it so many rows
  /// above; colours before the first are 0.
  @inline(__always)
  private func repeatedDifference(_ place: Int, _ period: (columns: Int, rows: Int)) -> UInt64 {
    let step: Int = period.columns > 0 ? 1 : stride
    let source: Int = place &- period.columns &- period.rows &* stride
    guard source >= step else { return 0 }
    return colors[place &- step] &+ colors[source] &- colors[source &- step]
  }

  /// Sets the contexts for the distances that `candidate` agrees with; returns the weights' part.
  @inline(__always)
  private func setDistanceContexts(_ candidate: UInt64, _ index: Int) -> Int {
    var agreeing = 0
    var support = 0
    var opposition = 0
    var trust = 0
    for k in 0..<distanceCount {
      let level = supports[k]
      let agrees = distantColors[k] == candidate
      agreeing &+= agrees ? 1 : 0
      support = max(support, agrees ? level : 0)
      opposition = max(opposition, agrees ? 0 : level)
      trust = trust &* 8 &+ (level &+ 1) / 3 &* 2 &+ (agrees ? 1 : 0)
    }
    setContext(6, UInt64(((index &* 5 &+ agreeing) &* 9 &+ support) &* 9 &+ opposition))
    setContext(7, UInt64(index &* 4096 &+ trust))
    return ((support > 5 ? 1 : 0) &+ (opposition > 5 ? 2 : 0)) &* Self.setCount
  }

  /// Lists the distinct colours to try; returns how many.
  @inline(__always)
  private func collect(_ west: UInt64, _ north: UInt64, _ northEast: UInt64) -> Int {
    var count = 0
    for k in 0..<distanceCount where supports[k] > 6 { add(distantColors[k], &count) }
    // In this order more pixels had the first colour than in others.
    if confidences[5] == 3 { add(known[5], &count) }
    if confidences[4] > 0 { add(known[4], &count) }
    if confidences[0] > 0 { add(known[0], &count) }
    if confidences[3] > 0 { add(known[3], &count) }
    if confidences[5] > 0 { add(known[5], &count) }
    for k in 0..<distanceCount where supports[k] > 2 { add(distantColors[k], &count) }
    if confidences[1] > 0 { add(known[1], &count) }
    if confidences[2] > 0 { add(known[2], &count) }
    add(west, &count)
    add(north, &count)
    add(northEast, &count)
    return count
  }

  @inline(__always)
  private func add(_ color: UInt64, _ count: inout Int) {
    guard count < Self.maximumCandidates else { return }
    for index in 0..<count where candidates[index] == color { return }
    candidates[count] = color
    count &+= 1
  }
}
