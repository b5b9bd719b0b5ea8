/// A trade of time for size: what the plane coder's models are made of, from level 1 (fastest) to 6
/// (smallest).
///
/// A stream names its profile, so that the numbers here are part of the format.
package struct ResidualProfile: Equatable {
  /// What the stream's first byte says.
  package let id: Int
  /// Samples per block of the least squares: one solution each.
  package let blockWidth: Int
  /// How quickly each window of the least squares forgets: per block across, per row down.
  package let windows: [(across: Float, down: Float)]
  /// Whether each block is also fitted to the blocks to its left in the same row: 0.3 % smaller,
  /// and blocks cannot be solved eight at a time.
  package let solvesInRow: Bool
  /// Step size of each NLMS expert; at most three experts in all.
  package let rates: [Float]
  /// Contexts whose counters enter every decision: 4 or 8; 0 where a sample is one symbol of a
  /// fixed distribution.
  package let contextCount: Int
  /// Whether planes are coded by ``SingleExpertCoder``, the first window's prediction alone.
  package var hasSingleExpert = false
  /// How much worse on a few rows a method must be to be left out: the encoder's choice only.
  package let methodMargin: Double

  /// How planes of photographs are coded.
  package private(set) var wavefront = WavefrontProfile.mixed1

  /// The same for all but photographs.
  package func with(_ wavefront: WavefrontProfile) -> ResidualProfile {
    var profile = self
    profile.wavefront = wavefront
    return profile
  }

  /// What the first byte of a stream of this method says.
  package func id(for method: ResidualMethod) -> Int {
    method.isForOneBit ? 0 : method == .wavefront ? wavefront.id : id
  }

  /// Whether the encoder may choose what takes both sides far longer.
  package var isPatient: Bool { methodMargin > 1 }

  /// Whether the encoder codes drawings bit by bit as well, which takes it far longer.
  package var triesBitwise: Bool { contextCount > 0 }

  /// Whether they code all but photographs alike.
  package static func == (a: ResidualProfile, b: ResidualProfile) -> Bool { a.id == b.id }

  /// Fastest: a single expert, and symbols of one distribution.
  package static let level1 = ResidualProfile(
    id: 4, blockWidth: 16, windows: [(0.5, 0.85)], solvesInRow: false, rates: [],
    contextCount: 0, hasSingleExpert: true, methodMargin: 1)

  /// All experts, and symbols of one distribution.
  package static let level2 = ResidualProfile(
    id: 5, blockWidth: 8, windows: [(0.8, 0.85), (0.2, 0.75)], solvesInRow: false, rates: [0.032],
    contextCount: 0, methodMargin: 1)

  /// Mixed decisions; a second window is worth 0.2 % and costs 5 % of the time.
  package static let level3 = ResidualProfile(
    id: 0, blockWidth: 16, windows: [(0.5, 0.85)], solvesInRow: false, rates: [0.032],
    contextCount: 4, methodMargin: 1)

  /// The default: two windows, and twice the contexts.
  package static let level4 = ResidualProfile(
    id: 1, blockWidth: 16, windows: [(0.8, 0.85), (0.2, 0.75)], solvesInRow: false,
    rates: [0.032], contextCount: 8, methodMargin: 1)

  /// Smaller blocks.
  package static let level5 = ResidualProfile(
    id: 2, blockWidth: 4, windows: [(0.95, 0.85), (0.5, 0.75)], solvesInRow: false,
    rates: [0.032], contextCount: 8, methodMargin: 1.005)

  /// Smallest: blocks are fitted to their own row as well.
  package static let level6 = ResidualProfile(
    id: 3, blockWidth: 4, windows: [(0.95, 0.9), (0.6, 0.8)], solvesInRow: true,
    rates: [0.032], contextCount: 8, methodMargin: 1.01)

  package static let all = [level3, level4, level5, level6, level1, level2]

  /// Those of lower efforts, the highest first.
  package var lower: [ResidualProfile] {
    let rising = [Self.level1, .level2, .level3, .level4, .level5, .level6]
    return rising.prefix { $0 != self }.reversed()
  }

  /// The profile of an effort from 1 (fastest) to 9 (smallest).
  package static func forEffort(_ effort: Int) -> ResidualProfile {
    let profile =
      switch effort {
      case ...2: level1
      case 3: level2
      case 4: level3
      case 5...6: level4
      case 7...8: level5
      default: level6
      }
    return profile.with(.forEffort(effort))
  }
}
