internal import DecoderCore

/// By how much the chroma of some pixels misses what their colours ask for: the encoder's alone.
///
/// Where chroma is certain, what it is off by; elsewhere by how much channels ask for different
/// lumas. Pixels are looked at four side by side, rows end with pixels that miss nothing.
struct BlockMisses: ~Copyable {
  typealias Four = SIMD4<Float>

  /// What pixels of four ask for.
  private enum Kind: UInt8 { case sure, open, mixed }

  /// Up to 8 cells, enlarged, and what they have a part in around.
  private static let side = 20
  private static let rowLength = side / 4
  private static let count = side * rowLength

  private(set) var width = 0
  private(set) var height = 0
  private var fours = 0
  private var room: Float = 0
  private let kinds = Buffer<Kind>(zeroed: count)
  private let isOpen = Buffer<SIMD4<Int32>>(zeroed: count)
  /// Of both planes, one after the other: chroma where it is certain, less 128; what it is now, was at
  /// the start and at the best; by how much it misses.
  private let targets = Buffer<Four>(zeroed: 2 * count)
  private let values = Buffer<Four>(zeroed: 2 * count)
  private let starts = Buffer<Four>(zeroed: 2 * count)
  private let bests = Buffer<Four>(zeroed: 2 * count)
  private let misses = Buffer<Four>(zeroed: 2 * count)
  /// Bounds of luma by red, green, blue: each less what chroma adds there.
  private let lows = Buffer<Four>(zeroed: 3 * count)
  private let highs = Buffer<Four>(zeroed: 3 * count)
  /// [frequency][column] and [column][frequency]; [row][frequency].
  private let across = Buffer<Four>(zeroed: 8 * rowLength)
  private let columns = Buffer<SIMD8<Float>>(zeroed: side)
  private let down = Buffer<SIMD8<Float>>(zeroed: side)

  /// By how much channels' lumas may be apart: what the rounding of cells leaves. Tuned on one
  /// picture with 28 % of clamped pixels.
  private static let gapRoom: Float = 0.2
  /// What chroma adds to red, green and blue.
  private static let firstParts = SIMD3<Float>(0, -0.344_136, 1.772)
  private static let secondParts = SIMD3<Float>(1.402, -0.714_136, 0)
  private static let unbounded: Float = 4096

  /// For other pixels: what cosines come to in their columns and rows, eight for each.
  mutating func restart(
    _ width: Int, _ height: Int, _ across: [Float], _ down: [Float], room: Float
  ) {
    precondition(width <= Self.side && height <= Self.side, "a block's pixels")
    self.width = width
    self.height = height
    self.room = room
    fours = (width + 3) / 4
    for place in 0..<Self.count { (kinds[place], isOpen[place]) = (.sure, .zero) }
    for place in 0..<2 * Self.count { (targets[place], values[place]) = (.zero, .zero) }
    for place in 0..<8 * Self.rowLength { self.across[place] = .zero }
    for x in 0..<width {
      for u in 0..<8 {
        columns[x][u] = across[8 * x + u]
        self.across[u * Self.rowLength + x / 4][x & 3] = across[8 * x + u]
      }
    }
    for y in 0..<height {
      for v in 0..<8 { self.down[y][v] = down[8 * y + v] }
    }
  }

  func setValues(_ row: Int, _ column: Int, _ chroma: SIMD2<Float>) {
    let place = row * Self.rowLength + column / 4
    values[place][column & 3] = chroma.x
    values[Self.count + place][column & 3] = chroma.y
  }

  func setSure(_ row: Int, _ column: Int, _ chroma: SIMD2<Float>) {
    let place = row * Self.rowLength + column / 4
    targets[place][column & 3] = chroma.x
    targets[Self.count + place][column & 3] = chroma.y
  }

  func setOpen(_ row: Int, _ column: Int, _ color: SIMD3<UInt16>) {
    let place = row * Self.rowLength + column / 4
    for channel in 0..<3 {
      let (low, high) = Self.bounds(color[channel])
      lows[channel * Self.count + place][column & 3] = low
      highs[channel * Self.count + place][column & 3] = high
    }
    isOpen[place][column & 3] = -1
    // All four are open where the last one follows three of them.
    let isWhole = isOpen[place] == SIMD4(repeating: -1)
    kinds[place] = isWhole ? .open : .mixed
  }

  /// The lumas that a sample allows, before chroma.
  @inline(__always)
  private static func bounds(_ value: UInt16) -> (low: Float, high: Float) {
    (value > 0 ? Float(value) - 0.5 : -unbounded, value < 255 ? Float(value) + 0.5 : unbounded)
  }

  func keepStart() { starts.base.update(from: values.base, count: 2 * Self.count) }
  func keepBest() { bests.base.update(from: values.base, count: 2 * Self.count) }

  /// What the best values of a pixel are more than they were.
  func change(_ plane: Int, _ row: Int, _ column: Int) -> Float {
    let place = plane * Self.count + row * Self.rowLength + column / 4
    return bests[place][column & 3] - starts[place][column & 3]
  }

  /// Whether no luma goes with such chroma, less 128, of a pixel.
  static func isMissed(_ color: SIMD3<UInt16>, _ first: Float, _ second: Float) -> Bool {
    var (low, high) = (Float(-0.5), Float(255.5))
    for channel in 0..<3 {
      let rest = firstParts[channel] * first + secondParts[channel] * second
      let bounds = bounds(color[channel])
      low = max(low, bounds.low - rest)
      high = min(high, bounds.high - rest)
    }
    return low - high > gapRoom
  }

  /// By how much four pixels' chroma misses, in which direction of the two planes.
  @inline(__always)
  private func miss(_ place: Int, _ first: Four, _ second: Four) -> (Four, Four) {
    let kind = kinds[place]
    guard kind != .sure else { return sureMiss(place, first, second) }
    let (a, b) = openMiss(place, first, second)
    guard kind == .mixed else { return (a, b) }
    let (c, d) = sureMiss(place, first, second)
    let mask = isOpen[place] .!= 0
    return (c.replacing(with: a, where: mask), d.replacing(with: b, where: mask))
  }

  @inline(__always)
  private func sureMiss(_ place: Int, _ first: Four, _ second: Four) -> (Four, Four) {
    let a = first - targets[place]
    let b = second - targets[Self.count &+ place]
    return (a - limited(a), b - limited(b))
  }

  @inline(__always)
  private func limited(_ value: Four) -> Four {
    let raised = value.replacing(with: -room, where: value .< -room)
    return raised.replacing(with: room, where: raised .> room)
  }

  @inline(__always)
  private func openMiss(_ place: Int, _ first: Four, _ second: Four) -> (Four, Four) {
    var (low, high) = (Four(repeating: -0.5), Four(repeating: 255.5))
    // Which channel asks for most and least luma: its parts.
    var (lowFirst, lowSecond, highFirst, highSecond) = (Four.zero, Four.zero, Four.zero, Four.zero)
    for channel in 0..<3 {
      let (part, other) = (Self.firstParts[channel], Self.secondParts[channel])
      let rest = part * first + other * second
      let least = lows[channel &* Self.count &+ place] - rest
      let isMore = least .> low
      low.replace(with: least, where: isMore)
      lowFirst.replace(with: part, where: isMore)
      lowSecond.replace(with: other, where: isMore)
      let most = highs[channel &* Self.count &+ place] - rest
      let isLess = most .< high
      high.replace(with: most, where: isLess)
      highFirst.replace(with: part, where: isLess)
      highSecond.replace(with: other, where: isLess)
    }
    let gap = low - high - Self.gapRoom
    // Half a luma's gap weighs as much as half a step of chroma.
    let half = (gap * 0.5).replacing(with: 0, where: gap .<= 0)
    return (half * (highFirst - lowFirst), half * (highSecond - lowSecond))
  }

  /// Notes by how much each pixel misses; the sum of the squares, added up in the order of
  /// ``cost(_:_:_:below:)``, so that the way back to the best so far is not taken for a better one.
  func note() -> Float {
    var total: Float = 0
    for y in 0..<height {
      var sum = Four.zero
      for place in y &* Self.rowLength..<y &* Self.rowLength &+ fours {
        let (a, b) = miss(place, values[place], values[Self.count &+ place])
        (misses[place], misses[Self.count &+ place]) = (a, b)
        sum += a * a + b * b
      }
      total += (sum.x + sum.z) + (sum.y + sum.w)
    }
    return total
  }

  /// The same sum after a coefficient has changed by `step`; stops beyond `limit`.
  func cost(_ plane: Int, _ coefficient: Int, _ step: Float, below limit: Float) -> Float {
    let (v, u) = (coefficient >> 3, coefficient & 7)
    let (first, second): (Float, Float) = plane == 0 ? (step, 0) : (0, step)
    var total: Float = 0
    for y in 0..<height {
      let (a, b) = (first * down[y][v], second * down[y][v])
      var sum = Four.zero
      for x in 0..<fours {
        let place = y &* Self.rowLength &+ x
        let basis = across[u &* Self.rowLength &+ x]
        let (c, d) = miss(
          place, values[place] + a * basis, values[Self.count &+ place] + b * basis)
        sum += c * c + d * d
      }
      total += (sum.x + sum.z) + (sum.y + sum.w)
      if total >= limit { break }
    }
    return total
  }

  /// Changes a coefficient.
  func shift(_ plane: Int, _ coefficient: Int, _ step: Float) {
    let (v, u) = (coefficient >> 3, coefficient & 7)
    for y in 0..<height {
      let part = step * down[y][v]
      for x in 0..<fours {
        values[plane &* Self.count &+ y &* Self.rowLength &+ x] +=
          part * across[u &* Self.rowLength &+ x]
      }
    }
  }

  /// What misses come to in each coefficient, and the fraction of pixels that miss.
  func slopes(_ plane: Int) -> (sums: [Float], fraction: Float) {
    var sums = [SIMD8<Float>](repeating: .zero, count: 8)
    var active = 0
    for y in 0..<height {
      var line = SIMD8<Float>.zero
      var isActive = false
      for x in 0..<width {
        let place = plane &* Self.count &+ y &* Self.rowLength &+ x >> 2
        let value = misses[place][x & 3]
        guard value != 0 else { continue }
        active &+= 1
        isActive = true
        line += value * columns[x]
      }
      guard isActive else { continue }
      for v in 0..<8 { sums[v] += down[y][v] * line }
    }
    return (
      sums.flatMap { row in (0..<8).map { row[$0] } }, Float(active) / Float(width * height)
    )
  }
}
