/// A trade of time for size: what the plane coder's models are made of.
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
  /// Whether planes are coded by ``LeanPlaneCoder``.
  package var isLean = false
  /// How much worse on a few rows a method must be to be left out: the encoder's choice only.
  package let methodMargin: Double

  /// Whether the encoder may choose what takes both sides far longer.
  package var isPatient: Bool { methodMargin > 1 }

  /// Whether the encoder codes drawings bit by bit as well, which takes it far longer.
  package var triesBits: Bool { contextCount > 0 }

  package static func == (a: ResidualProfile, b: ResidualProfile) -> Bool { a.id == b.id }

  /// For people who wait for the decoder: the first window's prediction is all there is.
  package static let lean = ResidualProfile(
    id: 4, blockWidth: 16, windows: [(0.5, 0.85)], solvesInRow: false, rates: [],
    contextCount: 0, isLean: true, methodMargin: 1)

  /// All experts, but symbols.
  package static let quick = ResidualProfile(
    id: 5, blockWidth: 8, windows: [(0.8, 0.85), (0.2, 0.75)], solvesInRow: false, rates: [0.032],
    contextCount: 0, methodMargin: 1)

  /// Mixed decisions; a second window is worth 0.2 % and costs 5 % of the time.
  package static let fast = ResidualProfile(
    id: 0, blockWidth: 16, windows: [(0.5, 0.85)], solvesInRow: false, rates: [0.032],
    contextCount: 4, methodMargin: 1)

  /// The default.
  package static let medium = ResidualProfile(
    id: 1, blockWidth: 16, windows: [(0.8, 0.85), (0.2, 0.75)], solvesInRow: false,
    rates: [0.032], contextCount: 8, methodMargin: 1)

  package static let small = ResidualProfile(
    id: 2, blockWidth: 4, windows: [(0.95, 0.85), (0.5, 0.75)], solvesInRow: false,
    rates: [0.032], contextCount: 8, methodMargin: 1.005)

  package static let smallest = ResidualProfile(
    id: 3, blockWidth: 4, windows: [(0.95, 0.9), (0.6, 0.8)], solvesInRow: true,
    rates: [0.032], contextCount: 8, methodMargin: 1.01)

  package static let all = [fast, medium, small, smallest, lean, quick]

  /// Those of lower efforts, the highest first.
  package var lower: [ResidualProfile] {
    let rising = [Self.lean, .quick, .fast, .medium, .small, .smallest]
    return rising.prefix { $0 != self }.reversed()
  }

  /// The profile of an effort from 1 (fastest) to 9 (smallest).
  package static func forEffort(_ effort: Int) -> ResidualProfile {
    switch effort {
    case ...2: lean
    case 3: quick
    case 4: fast
    case 5...6: medium
    case 7...8: small
    default: smallest
    }
  }
}
