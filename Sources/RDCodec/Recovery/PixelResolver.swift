internal import DecoderCore

/// Settles the coordinates of pixels whose colour leaves them open: the encoder's alone.
struct PixelResolver {
  let lattice: ColorLattice
  let width: Int
  let height: Int
  private(set) var coordinates: [[Int16]]
  let isSure: [Bool]

  /// What, in no unit, chroma costs per step away from what is expected and where it is an
  /// exception, and a correction by itself and per step. Tuned as those of `CellRefinement`.
  private static let stepCost = 3
  private static let exceptionCost = 8
  private static let correctionCost = 10
  private static let errorCost = 7
  /// How far chroma is looked for.
  private static let reach = 9

  private static let offsets: [(distance: Int, first: Int, second: Int)] = {
    let side = -reach...reach
    return side.flatMap { i in side.map { (abs(i) + abs($0), i, $0) } }
      .stablySorted { $0.0 }
  }()

  /// `made`: the chroma planes that cells give; without them chroma should be smooth.
  mutating func resolve(_ samples: [[UInt16]], made: [[Int16]]?) {
    for y in 0..<height {
      for x in 0..<width {
        let place = y * width + x
        let expected =
          made.map { SIMD2(Int($0[0][place]), Int($0[1][place])) } ?? aroundChroma(x, y)
        let color = SIMD3(
          Int(samples[0][place]), Int(samples[1][place]), Int(samples[2][place]))
        if isSure[place] {
          guard made != nil else { continue }
          let now = SIMD2(Int(coordinates[1][place]), Int(coordinates[2][place]))
          guard now != expected else { continue }
          // Perhaps the expected chroma gives the colour just as well.
          let k = SIMD3(0, expected.x, expected.y)
          guard let lumas = lattice.lumas(k, giving: color) else { continue }
          set(place, luma(lumas, x, y), expected)
        } else {
          settle(place, x, y, color, expected, hasCells: made != nil)
        }
      }
    }
  }

  /// The mean chroma of known neighbours.
  private func aroundChroma(_ x: Int, _ y: Int) -> SIMD2<Int> {
    var sum = SIMD2(0, 0)
    var count = 0
    func add(_ place: Int) {
      sum = sum &+ SIMD2(Int(coordinates[1][place]), Int(coordinates[2][place]))
      count += 1
    }
    let place = y * width + x
    if x > 0 { add(place - 1) }
    if y > 0 { add(place - width) }
    if x + 1 < width && isSure[place + 1] { add(place + 1) }
    if y + 1 < height && isSure[place + width] { add(place + width) }
    guard count > 0 else {
      return SIMD2(Int(coordinates[1][place]), Int(coordinates[2][place]))
    }
    let rounded = { (value: Int) in
      Int((Double(value) / Double(count)).rounded(.toNearestOrEven))
    }
    return SIMD2(rounded(sum.x), rounded(sum.y))
  }

  /// The luma of `range` that is nearest to what the pixels before suggest.
  private func luma(_ range: ClosedRange<Int>, _ x: Int, _ y: Int) -> Int {
    let place = y * width + x
    let plane = coordinates[0]
    let west = x > 0 ? Int(plane[place - 1]) : y > 0 ? Int(plane[place - width]) : nil
    let north = y > 0 ? Int(plane[place - width]) : west
    guard let west, let north else {
      // Black suits any luma from some value down.
      return abs(range.lowerBound) < abs(range.upperBound) ? range.lowerBound : range.upperBound
    }
    let corner = x > 0 && y > 0 ? Int(plane[place - width - 1]) : west
    let guess = min(max(west + north - corner, min(west, north)), max(west, north))
    return min(max(guess, range.lowerBound), range.upperBound)
  }

  private mutating func settle(
    _ place: Int, _ x: Int, _ y: Int, _ color: SIMD3<Int>, _ expected: SIMD2<Int>,
    hasCells: Bool
  ) {
    var best = (cost: Int.max, luma: 0, chroma: expected)
    for (distance, first, second) in Self.offsets {
      let base =
        distance == 0 ? 0 : Self.stepCost * distance + (hasCells ? Self.exceptionCost : 0)
      if base >= best.cost { break }
      let chroma = SIMD2(expected.x + first, expected.y + second)
      let k = SIMD3(0, chroma.x, chroma.y)
      if let lumas = lattice.lumas(k, giving: color) {
        best = (base, luma(lumas, x, y), chroma)
        break
      }
      let (luma, error) = nearestLuma(k, color)
      let cost = base + Self.correctionCost + Self.errorCost * error
      if cost < best.cost { best = (cost, luma, chroma) }
    }
    set(place, best.luma, best.chroma)
  }

  /// The luma whose colour is nearest, and the sum of its distances.
  private func nearestLuma(_ k: SIMD3<Int>, _ color: SIMD3<Int>) -> (luma: Int, error: Int) {
    var best = (luma: 0, error: Int.max)
    for channel in 0..<3 {
      let rest = Int(lattice.position(SIMD3(0, k.y, k.z), channel))
      let luma =
        ((color[channel] << ColorLattice.fractionBits) - rest)
        / lattice.matrix[channel].x
      for candidate in luma - 1...luma + 1 {
        var error = 0
        for c in 0..<3 {
          error += abs(lattice.sample(SIMD3(candidate, k.y, k.z), c) - color[c])
        }
        if error < best.error { best = (candidate, error) }
      }
    }
    return best
  }

  private mutating func set(_ place: Int, _ luma: Int, _ chroma: SIMD2<Int>) {
    coordinates[0][place] = Int16(clamping: luma)
    coordinates[1][place] = Int16(clamping: chroma.x)
    coordinates[2][place] = Int16(clamping: chroma.y)
  }
}
