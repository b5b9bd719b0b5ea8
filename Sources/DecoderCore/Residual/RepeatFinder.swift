/// Finds the place that the pixels before repeat, for textures and copied parts of a picture.
///
/// It follows one distance while the colours there keep coming true, then takes up the distance
/// that served the pixel above, or the last place with the same neighbourhood.
struct RepeatFinder: ~Copyable {
  /// Pixels in a row that came true, for full confidence.
  private static let sure = 16

  private let stride: Int
  /// The last place of each hashed neighbourhood.
  private let places: Buffer<Int32>
  /// The distance that served each pixel or one above it, 0: none.
  private let distances: Buffer<Int32>
  private let shift: UInt64
  private var distance = 0
  private var length = 0

  /// For an image of `count` places in rows of `stride`, the first two of them empty.
  init(stride: Int, count: Int, bits: Int) {
    self.stride = stride
    places = Buffer(zeroed: 1 << bits)
    distances = Buffer(zeroed: count)
    shift = UInt64(64 - bits)
  }

  /// The place that `place` is thought to repeat, and the confidence: 0 (none) ... 3.
  @inline(__always)
  mutating func look(_ place: Int, _ hash: UInt64) -> (place: Int, confidence: Int) {
    if length == 0 {
      distance = Int(distances[place &- stride])
      if distance == 0 {
        let found = Int(places[Int(hash &>> shift)])
        distance = found > 0 ? place &- found : 0
      }
    }
    guard distance > 0 else { return (place, 0) }
    return (place &- distance, length >= Self.sure ? 3 : length >= 4 ? 2 : 1)
  }

  /// Learns whether `place` repeated what `look` returned.
  @inline(__always)
  mutating func learn(_ place: Int, _ hash: UInt64, isRepeat: Bool) {
    length = isRepeat && distance > 0 ? min(length &+ 1, 4 * Self.sure) : length / 4
    distances[place] =
      length >= Self.sure ? Int32(truncatingIfNeeded: distance) : distances[place &- stride]
    places[Int(hash &>> shift)] = Int32(truncatingIfNeeded: place)
  }
}
