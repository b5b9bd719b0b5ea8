internal import Entropy

/// The size of the cell of thresholds that an ordered dither or a halftone repeats.
package struct DitherPeriod: Equatable {
  package static let range = 2...64
  private static let bitCount = 6
  /// Places that periods are judged by, at most and at least.
  private static let placeCount = 4096
  private static let fewestPlaces = 256
  /// The fraction of places that equal the one a period before: of dithers 0.90 and more, of pages,
  /// line art and noise up to 0.68.
  private static let agreement = 0.85
  /// How much better a longer period has to be, which takes longer to learn.
  private static let advantage = 0.005

  /// In pixels, in ``range``.
  private(set) var columns: Int
  private(set) var rows: Int

  package init(columns: Int, rows: Int) {
    self.columns = columns
    self.rows = rows
  }

  /// The period of a plane; nil where it has none.
  package init?(of plane: UnsafePointer<UInt16>, width: Int, height: Int) {
    let places = Self.places(plane, width: width, height: height)
    /// The shortest of the best periods along one direction, in steps of `stride` places.
    func best(stride: Int, _ room: (Int) -> Int) -> Int? {
      var (best, result) = (Self.agreement - Self.advantage, Int?.none)
      for period in Self.range {
        var (count, equal) = (0, 0)
        for place in places where room(place) >= period {
          count += 1
          equal += plane[place] == plane[place - period * stride] ? 1 : 0
        }
        guard count >= Self.fewestPlaces else { break }
        let fraction = Double(equal) / Double(count)
        if fraction > best + Self.advantage { (best, result) = (fraction, period) }
      }
      return result
    }
    guard let columns = best(stride: 1, { $0 % width }),
      let rows = best(stride: width, { $0 / width })
    else { return nil }
    self.init(columns: columns, rows: rows)
  }

  /// Some of the places that differ from their left or upper neighbour.
  private static func places(
    _ plane: UnsafePointer<UInt16>, width: Int, height: Int
  ) -> [Int] {
    func forEachEdge(_ take: (Int) -> Void) {
      for y in 1..<max(height, 1) {
        for place in y * width + 1..<(y + 1) * width
        where plane[place] != plane[place - 1] || plane[place] != plane[place - width] {
          take(place)
        }
      }
    }
    var count = 0
    forEachEdge { _ in count += 1 }
    let step = max(1, count / placeCount)
    var places: [Int] = []
    count = 0
    forEachEdge {
      if count % step == 0 { places.append($0) }
      count += 1
    }
    return places
  }

  mutating func code<Coder: BinaryCoder & ~Copyable>(
    with coder: inout Coder
  ) throws(CodecError) {
    columns = Int(coder.codeUniform(UInt32(columns - 1), bitCount: Self.bitCount)) + 1
    rows = Int(coder.codeUniform(UInt32(rows - 1), bitCount: Self.bitCount)) + 1
    guard Self.range.contains(columns), Self.range.contains(rows) else {
      throw .corrupt(field: "period of a dither", at: coder.start)
    }
  }
}
