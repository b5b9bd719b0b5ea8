internal import Entropy

/// How far away parts of a picture repeat: tiled textures, icons, and copies of a window.
///
/// The encoder finds a few distances for a whole tile and signals them; both sides then ask at
/// every pixel which of them came true around it.
struct RepeatDistances: Equatable {
  /// Rows up and columns to the left (to the right where negative).
  struct Distance: Hashable {
    var rows: Int
    var columns: Int

    /// The number of a surface, which stands in the place of a distance; nil: it is one.
    var surface: Int? { rows == 0 && columns <= 0 ? -columns : nil }
  }

  /// Colours that continue a surface exactly.
  ///
  /// The first are sums of W, N, NW, NE, WW, NWW and NN: W + N − NW, 2 W − WW, 2 N − NN, W + NE − N,
  /// 2 (W − NW) + N + NWW − WW, of which the last also knows products of both places. The next
  /// repeat differences: W and what is added to it 2 … 64 columns before, N and what is added to it
  /// as many rows above. Then W ⊕ N ⊕ NW, bit by bit; the last are the first and the fifth, of which
  /// what passes the highest rank goes on from 0.
  static let surfaceCount = wrapping + wrapped.count
  static let sumCount = 5
  static let exclusiveOr = sumCount + 2 * periodCount
  static let wrapping = exclusiveOr + 1
  static let wrapped = [0, 4]
  private static let periodCount = 63

  /// The period of a surface that repeats differences, in columns or in rows.
  @inline(__always)
  static func period(_ surface: Int) -> (columns: Int, rows: Int) {
    let index = surface &- sumCount
    return index < periodCount ? (index &+ 2, 0) : (0, index &- periodCount &+ 2)
  }

  /// The surface in whose place another one stands in the first row, or in the first column.
  @inline(__always)
  static func surfaceAtEdge(_ surface: Int, x: Int, y: Int) -> Int {
    guard x == 0 || y == 0 else { return surface }
    let hasPeriod = (sumCount..<exclusiveOr).contains(surface)
    let period = hasPeriod ? period(surface) : (columns: 0, rows: 0)
    return y == 0 ? (period.columns > 0 ? surface : 1) : period.rows > 0 ? surface : 2
  }

  static let maximumCount = 4
  private static let bitCount = 12

  package private(set) var distances: [Distance] = []

  init() {}

  /// The distances that explain most of the pixels that equal neither neighbour.
  init(
    of colors: UnsafePointer<UInt64>, width: Int, height: Int, findsSurfaces: Bool
  ) {
    let search = Search(
      colors: colors, width: width, height: height, findsSurfaces: findsSurfaces)
    distances = search.best()
  }

  /// Codes the distances of a tile; surfaces are allowed where it has `planeCount` > 0.
  mutating func code<Coder: BinaryCoder & ~Copyable>(
    width: Int, height: Int, planeCount: Int, with coder: inout Coder
  ) throws(CodecError) {
    let count = Int(coder.codeUniform(UInt32(distances.count), bitCount: 3))
    guard count <= Self.maximumCount else {
      throw .corrupt(field: "number of repeat distances", at: coder.start)
    }
    let given = distances
    let offset = 1 << (Self.bitCount - 1)
    distances = try (0..<count).map { index throws(CodecError) in
      let old = index < given.count ? given[index] : Distance(rows: 0, columns: 0)
      let rows = Int(coder.codeUniform(UInt32(old.rows), bitCount: Self.bitCount))
      let columns =
        Int(coder.codeUniform(UInt32(old.columns + offset), bitCount: Self.bitCount)) - offset
      let distance = Distance(rows: rows, columns: columns)
      let isAllowed =
        distance.surface.map { $0 < Self.surfaceCount && planeCount > 0 }
        ?? (rows < height && abs(columns) < width)
      guard isAllowed else { throw .corrupt(field: "repeat distance", at: coder.start) }
      return distance
    }
  }
}

/// Finds distances by letting equal small neighbourhoods vote.
private struct Search {
  let colors: UnsafePointer<UInt64>
  let width: Int
  let height: Int
  let findsSurfaces: Bool
  /// The highest colour where it is one less than a power of two, as of one plane of all values;
  /// otherwise 0.
  private let wrap: UInt64

  init(colors: UnsafePointer<UInt64>, width: Int, height: Int, findsSurfaces: Bool) {
    self.colors = colors
    self.width = width
    self.height = height
    self.findsSurfaces = findsSurfaces
    var highest: UInt64 = 0
    for place in 0..<width * height { highest = max(highest, colors[place]) }
    wrap = highest & (highest &+ 1) == 0 ? highest : 0
  }

  private static let tableBits: UInt64 = 17
  /// Distances worth counting exactly.
  private static let finalists = 24
  /// A distance has to explain this many pixels more than those before it.
  private static let minimumGain = 256
  /// A surface, which models of samples know as well, has to explain this part of them, and of few
  /// pixels as many as pay for what it takes to say so.
  private static let surfaceFraction = 0.4
  /// The same of one that repeats differences: of products of both places 0.4 doubled the bytes.
  private static let periodFraction = 0.75
  private static let fewestPixels = 48
  /// Busy places that surfaces are judged by, and how many that repeat differences are kept.
  private static let surfacePlaces = 1024
  private static let periodFinalists = 4

  func best() -> [RepeatDistances.Distance] {
    guard width > 8 else { return [] }
    var busy = height > 2 ? busyPlaces() : []
    guard busy.count > 4 * Self.minimumGain else { return surfaceOfFew() }
    var candidates = voted(busy)
    let surfaces = findsSurfaces ? surfaces(busy) : []
    candidates += surfaces
    // The first column costs little, but where all else is known.
    if !surfaces.isEmpty { busy += (1..<height).map { $0 * width } }
    var isExplained = [Bool](repeating: false, count: busy.count)
    var result: [RepeatDistances.Distance] = []
    while result.count < RepeatDistances.maximumCount, !candidates.isEmpty {
      let gains = candidates.map { distance in
        busy.indices.count { !isExplained[$0] && comesTrue(distance, busy[$0]) }
      }
      let top = gains.indices.max { gains[$0] < gains[$1] }!
      // What is left is worth saying where it is nearly all.
      let left = isExplained.count { !$0 }
      let isRest =
        candidates[top].surface != nil && gains[top] >= Self.fewestPixels
        && 2 * gains[top] >= left
      guard isRest || gains[top] >= max(Self.minimumGain, busy.count / 64) else { break }
      let distance = candidates.remove(at: top)
      for index in busy.indices where comesTrue(distance, busy[index]) { isExplained[index] = true }
      result.append(distance)
    }
    return result
  }

  /// The surface that most of a few pixels lie on, those of the first row too.
  private func surfaceOfFew() -> [RepeatDistances.Distance] {
    guard findsSurfaces else { return [] }
    var places: [Int] = []
    for y in 0..<height {
      for place in y * width + 2..<(y + 1) * width - 1
      where colors[place] != colors[place - 1] && (y == 0 || colors[place] != colors[place - width])
      { places.append(place) }
    }
    let counts = surfaceCounts(places)
    let best = counts.indices.max { (counts[$0], $1) < (counts[$1], $0) }!
    guard counts[best] >= Self.fewestPixels,
      Double(counts[best]) > Self.surfaceFraction * Double(places.count)
    else { return [] }
    return [RepeatDistances.Distance(rows: 0, columns: -best)]
  }

  /// The surfaces that many of the busy places lie on.
  private func surfaces(_ busy: [Int]) -> [RepeatDistances.Distance] {
    let step = max(1, busy.count / Self.surfacePlaces)
    let places = stride(from: step / 2, to: busy.count, by: step).map { busy[$0] }
    let most = Int(Self.surfaceFraction * Double(places.count))
    let counts = surfaceCounts(places)
    // Of those that repeat differences the best are enough.
    let wrapping = RepeatDistances.wrapped.indices.map { RepeatDistances.wrapping + $0 }
    let sums =
      Array(0..<RepeatDistances.sumCount) + [RepeatDistances.exclusiveOr]
      + wrapping.filter {
        counts[$0] > counts[RepeatDistances.wrapped[$0 - RepeatDistances.wrapping]]
      }
    let periods = (RepeatDistances.sumCount..<RepeatDistances.exclusiveOr).sorted {
      (counts[$0], $1) > (counts[$1], $0)
    }.prefix(Self.periodFinalists)
    let nearlyAll = Int(Self.periodFraction * Double(places.count))
    return (sums.filter { counts[$0] > most } + periods.filter { counts[$0] > nearlyAll })
      .map { RepeatDistances.Distance(rows: 0, columns: -$0) }
  }

  /// How many of `places` lie on each surface.
  private func surfaceCounts(_ places: [Int]) -> [Int] {
    (0..<RepeatDistances.surfaceCount).map { surface in
      places.count { continues(surface, $0) }
    }
  }

  /// Pixels unlike their left and upper neighbours.
  private func busyPlaces() -> [Int] {
    var places: [Int] = []
    for y in 1..<height {
      for place in y * width + 2..<(y + 1) * width - 1
      where colors[place] != colors[place - 1] && colors[place] != colors[place - width] {
        places.append(place)
      }
    }
    return places
  }

  private func voted(_ busy: [Int]) -> [RepeatDistances.Distance] {
    let last = Buffer<Int32>(zeroed: 1 << Int(Self.tableBits))
    var votes: [RepeatDistances.Distance: Int] = [:]
    for place in busy {
      let slot = Int(hash(place) &>> (64 &- Self.tableBits))
      let before = Int(last[slot])
      last[slot] = Int32(truncatingIfNeeded: place)
      guard before > 0 else { continue }
      let rows = place / width - before / width
      let columns = place % width - before % width
      guard rows + abs(columns) > 2, rows < 2048, abs(columns) < 2048 else { continue }
      votes[RepeatDistances.Distance(rows: rows, columns: columns), default: 0] += 1
    }
    return votes.sorted { a, b in
      (a.value, b.key.rows, b.key.columns) > (b.value, a.key.rows, a.key.columns)
    }.prefix(Self.finalists).map { $0.key }
  }

  /// A hash of the pixel and of six around it.
  private func hash(_ place: Int) -> UInt64 {
    let here = colors + place
    let above = here - width
    var hash: UInt64 = 0
    for color in [here[0], here[-1], here[-2], above[-1], above[0], above[1], here[1]] {
      hash = (hash ^ color) &* 0x9E37_79B9_7F4A_7C15
      hash ^= hash &>> 29
    }
    return hash &* 0x9E37_79B9_7F4A_7C15
  }

  /// Whether the pixel at `place` continues a surface, as the coder sees it but for the borders.
  /// Colours are added as whole numbers: hardly any other sum is equal.
  private func continues(_ surface: Int, _ place: Int) -> Bool {
    let color = continuation(of: surface, place)
    guard surface >= RepeatDistances.wrapping else { return colors[place] == color }
    return wrap > 0 && colors[place] == color & wrap
  }

  private func continuation(of surface: Int, _ place: Int) -> UInt64 {
    let (x, y) = (place % width, place / width)
    let here = colors + place
    func color(_ rows: Int, _ columns: Int) -> UInt64 {
      y >= rows && x >= columns ? (here - rows * width)[-columns] : 0
    }
    switch RepeatDistances.surfaceAtEdge(surface, x: x, y: y) {
    case 0, RepeatDistances.wrapping: return color(0, 1) &+ color(1, 0) &- color(1, 1)
    case 1: return 2 &* color(0, 1) &- color(0, 2)
    case 2: return 2 &* color(1, 0) &- color(2, 0)
    case 3: return color(0, 1) &+ color(1, -1) &- color(1, 0)
    case 4, RepeatDistances.wrapping + 1:
      return 2 &* (color(0, 1) &- color(1, 1)) &+ color(1, 0) &+ color(1, 2) &- color(0, 2)
    case RepeatDistances.exclusiveOr: return color(0, 1) ^ color(1, 0) ^ color(1, 1)
    case let number:
      let (columns, rows) = RepeatDistances.period(number)
      return columns > 0
        ? color(0, 1) &+ color(0, columns) &- color(0, columns + 1)
        : color(1, 0) &+ color(rows, 0) &- color(rows + 1, 0)
    }
  }

  private func comesTrue(_ distance: RepeatDistances.Distance, _ place: Int) -> Bool {
    if let surface = distance.surface { return continues(surface, place) }
    let x = place % width - distance.columns
    let source = place - distance.rows * width - distance.columns
    return source >= 0 && x >= 0 && x < width && colors[source] == colors[place]
  }
}
