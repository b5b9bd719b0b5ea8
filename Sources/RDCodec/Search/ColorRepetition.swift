internal import DecoderCore
internal import Entropy

/// How often colours are those that last followed the same four neighbours: seldom in photographs,
/// often where textures, letters or pixel art repeat, however noisy they are.
struct ColorRepetition {
  /// The fraction of misses above which nothing repeats. Where not all is flat, photographs with
  /// skies of one colour had 0.64 and more, most of them 0.9 and more; text, tiles and hatches 0.2
  /// and less.
  private static let patternFraction = 0.5

  /// Pixels in flat surroundings and in others.
  private var counts = [0, 0]
  private var misses = [0, 0]

  /// `places` need a row above and a pixel on both sides.
  init(_ planes: [[UInt16]], width: Int, places: [Int]) {
    guard !places.isEmpty else { return }
    var last = [UInt64](repeating: .max, count: 1 << 16)
    var (flat, flatMisses, allMisses) = (0, 0, 0)
    PlanePointers.with(planes) { pixels in
      last.withUnsafeMutableBufferPointer { last in
        for place in places {
          let here = pixels.color(place)
          let left = pixels.color(place &- 1)
          var hash = left &* 0x9E37_79B9_7F4A_7C15
          var isFlat = true
          for column in -1...1 {
            let other = pixels.color(place &- width &+ column)
            isFlat = isFlat && other == left
            hash = (hash ^ hash >> 29 ^ other) &* 0x9E37_79B9_7F4A_7C15
          }
          let entry = Int(hash >> 48)
          let isMiss = last[entry] != here
          last[entry] = here
          allMisses &+= isMiss ? 1 : 0
          flat &+= isFlat ? 1 : 0
          flatMisses &+= isMiss && isFlat ? 1 : 0
        }
      }
    }
    counts = [flat, places.count - flat]
    misses = [flatMisses, allMisses - flatMisses]
  }

  var missCount: Int { misses[0] + misses[1] }

  /// Whether what is not flat repeats.
  var isPattern: Bool {
    counts[1] > 0 && Double(misses[1]) < Self.patternFraction * Double(counts[1])
  }

  /// Bits that signal which pixels are misses.
  var decisionBits: Double {
    zip(counts, misses).reduce(0.0) { sum, pair in
      let (total, missed) = (Double(pair.0), Double(pair.1))
      guard total > 1 else { return sum }
      let fraction = min(max(missed / total, 1 / total), 1 - 1 / total)
      let entropy =
        -fraction * DeterministicMath.logarithm2(fraction)
        - (1 - fraction) * DeterministicMath.logarithm2(1 - fraction)
      return sum + total * entropy
    }
  }
}
