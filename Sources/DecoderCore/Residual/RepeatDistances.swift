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

  /// Colours that continue a surface exactly, as sums of W, N, NW, NE, WW and NN: W + N − NW,
  /// 2 W − WW, 2 N − NN, W + NE − N.
  static let surfaceCount = 4

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

  private static let tableBits: UInt64 = 17
  /// Distances worth counting exactly.
  private static let finalists = 24
  /// A distance has to explain this many pixels more than those before it.
  private static let minimumGain = 256
  /// A surface, which models of samples know as well, has to explain this part of them.
  private static let surfaceFraction = 0.4

  func best() -> [RepeatDistances.Distance] {
    guard width > 8, height > 2 else { return [] }
    let busy = busyPlaces()
    guard busy.count > 4 * Self.minimumGain else { return [] }
    var isExplained = [Bool](repeating: false, count: busy.count)
    var candidates = voted(busy)
    let most = Int(Self.surfaceFraction * Double(busy.count))
    for surface in 0..<(findsSurfaces ? RepeatDistances.surfaceCount : 0) {
      let distance = RepeatDistances.Distance(rows: 0, columns: -surface)
      if busy.count(where: { comesTrue(distance, $0) }) > most { candidates.append(distance) }
    }
    var result: [RepeatDistances.Distance] = []
    while result.count < RepeatDistances.maximumCount, !candidates.isEmpty {
      let gains = candidates.map { distance in
        busy.indices.count { !isExplained[$0] && comesTrue(distance, busy[$0]) }
      }
      let top = gains.indices.max { gains[$0] < gains[$1] }!
      let needed = max(Self.minimumGain, busy.count / 64)
      guard gains[top] >= needed else { break }
      let distance = candidates.remove(at: top)
      for index in busy.indices where comesTrue(distance, busy[index]) { isExplained[index] = true }
      result.append(distance)
    }
    return result
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

  /// Whether the pixel at `place`, which has a row above and two pixels to the left, continues a
  /// surface. Colours are added as whole numbers: hardly any other sum is equal.
  private func continues(_ surface: Int, _ place: Int) -> Bool {
    let here = colors + place
    let above = here - width
    switch surface {
    case 0: return here[0] == here[-1] &+ above[0] &- above[-1]
    case 1: return here[0] == 2 &* here[-1] &- here[-2]
    case 2: return place >= 2 * width && here[0] == 2 &* above[0] &- (above - width)[0]
    default: return here[0] == here[-1] &+ above[1] &- above[0]
    }
  }

  private func comesTrue(_ distance: RepeatDistances.Distance, _ place: Int) -> Bool {
    if let surface = distance.surface { return continues(surface, place) }
    let x = place % width - distance.columns
    let source = place - distance.rows * width - distance.columns
    return source >= 0 && x >= 0 && x < width && colors[source] == colors[place]
  }
}
