/// How the planes of a tile are coded in the wavefront: a trade of time for size.
///
/// A stream names its profile, so that the numbers here are part of the format (FORMAT.md §10.10).
package struct WavefrontProfile: Equatable, Sendable {
  /// From which neighbours a sample is predicted.
  enum Neighbors: Int {
    case few, some, many, most, all
  }

  /// What the stream's first byte says.
  package let id: Int
  let neighbors: Neighbors
  /// Columns per solution of the least squares.
  let blockWidth: Int
  /// How quickly its windows, one or two, forget: per block across, per row down.
  let windows: [(across: Float, down: Float)]
  /// Whether a sample is a few mixed decisions; else it is one symbol.
  package let isMixed: Bool

  package static func == (a: WavefrontProfile, b: WavefrontProfile) -> Bool { a.id == b.id }

  package static let symbols1 = WavefrontProfile(
    id: 0, neighbors: .few, blockWidth: 8, windows: [(0.45, 0.72)], isMixed: false)
  package static let symbols2 = WavefrontProfile(
    id: 1, neighbors: .some, blockWidth: 4, windows: [(0.7, 0.7)], isMixed: false)
  package static let symbols3 = WavefrontProfile(
    id: 2, neighbors: .many, blockWidth: 4, windows: [(0.7, 0.7)], isMixed: false)
  package static let symbols4 = WavefrontProfile(
    id: 3, neighbors: .most, blockWidth: 2, windows: [(0.85, 0.72)], isMixed: false)
  package static let mixed1 = WavefrontProfile(
    id: 4, neighbors: .most, blockWidth: 2, windows: [(0.85, 0.72)], isMixed: true)
  package static let mixed2 = WavefrontProfile(
    id: 5, neighbors: .all, blockWidth: 2, windows: [(0.95, 0.85), (0.7, 0.65)], isMixed: true)

  package static let all = [symbols1, symbols2, symbols3, symbols4, mixed1, mixed2]

  /// The profile of an effort from 1 (fastest) to 9 (smallest).
  package static func forEffort(_ effort: Int) -> WavefrontProfile {
    switch effort {
    case ...1: symbols1
    case 2: symbols2
    case 3: symbols3
    case 4: symbols4
    case 5...6: mixed1
    default: mixed2
    }
  }
}
