internal import DecoderCore

/// How much of a picture stands elsewhere in it as well, pixel for pixel and however far away: tiled
/// textures, patterns, a part and its copy.
///
/// Looks at places that are chosen by what stands there, about one in 64, so that of two copies the
/// same places are chosen. Flat ones never are.
struct DistantRepeats {
  /// Below this fraction of known places little can be gained.
  private static let fraction = 0.08
  /// So few places say nothing.
  private static let leastCount = 24
  /// Pixels that choose a place, and pixels that are compared: so many in two rows.
  private static let choosing = 8
  private static let compared = 12
  /// How many hashes of 16 bits choose a place.
  private static let chosenHashes: UInt16 = 1 << 10

  /// Places that were looked at, and those of them that were known already.
  private(set) var count = 0
  private(set) var knownCount = 0

  init(_ planes: [[UInt16]], width: Int, height: Int) {
    guard width >= Self.compared + Self.choosing else { return }
    let bits = min(max(Int.bitWidth - (width * height / 32).leadingZeroBitCount, 8), 20)
    var known = [UInt64](repeating: 0, count: 1 << bits)
    let plane = planes[planes.count > 2 ? 1 : 0]
    PlanePointers.with(planes) { pixels in
      Self.choose(from: plane, width: width, height: height) { place in
        var hash = Self.hash(pixels, place)
        if place >= width { hash = (hash ^ Self.hash(pixels, place - width)) &* Self.factor }
        let slot = Int(hash >> UInt64(64 - bits))
        count += 1
        knownCount += known[slot] == hash ? 1 : 0
        known[slot] = hash
      }
    }
  }

  /// Whether it may pay to look for parts that repeat.
  var isWorthTrying: Bool {
    count >= Self.leastCount && Double(knownCount) > Self.fraction * Double(count)
  }

  /// Whether most of the picture repeats.
  var isMost: Bool { isWorthTrying && 2 * knownCount > count }

  private static let factor: UInt64 = 0x9E37_79B9_7F4A_7C15

  private static func hash(_ pixels: PlanePointers, _ place: Int) -> UInt64 {
    var hash: UInt64 = 1
    for x in 0..<compared {
      hash = (hash ^ pixels.color(place &+ x)) &* factor
      hash ^= hash >> 29
    }
    return hash &* factor
  }

  /// Calls `take` with the chosen places, which have ``compared`` pixels of their row after them.
  private static func choose(
    from plane: [UInt16], width: Int, height: Int, _ take: (Int) -> Void
  ) {
    let columns = width - max(compared, choosing)
    var hashes = [UInt16](repeating: 0, count: width)
    plane.withUnsafeBufferPointer { plane in
      hashes.withUnsafeMutableBufferPointer { hashes in
        let hash = hashes.baseAddress!
        for y in 0..<height {
          let row = plane.baseAddress! + y * width
          // The factors add up to zero: flat places have the hash 0x8000, which is not chosen.
          for x in 0..<columns {
            let first = row[x] &* 0x9E37 &+ row[x &+ 1] &* 0x79B9 &+ row[x &+ 2] &* 0x7F4B
            let second = row[x &+ 3] &* 0x7C15 &+ row[x &+ 4] &* 0xF39D &+ row[x &+ 5] &* 0x2545
            let third = row[x &+ 6] &* 0x5851 &+ row[x &+ 7] &* 0x7B7D
            hash[x] = (first &+ second &+ third) ^ 0x8000
          }
          for first in stride(from: 0, to: columns, by: 32) {
            let end = min(first + 32, columns)
            var chosen: UInt16 = 0
            for x in first..<end { chosen |= hash[x] < chosenHashes ? 1 : 0 }
            guard chosen > 0 else { continue }
            for x in first..<end where hash[x] < chosenHashes { take(y * width + x) }
          }
        }
      }
    }
  }
}
