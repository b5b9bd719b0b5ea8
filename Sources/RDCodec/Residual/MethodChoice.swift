/// Which methods an encoder tries on a tile.
enum MethodChoice {
  /// The share of repeated pixels below which a tile is taken for a photograph, and above which
  /// for a drawing: photographs had up to 0.68, drawings from 0.1 on.
  private static let photographShare = 0.1
  private static let drawingShare = 0.75
  /// The share that decides where a trial would take too long.
  private static let hastyShare = 0.5
  /// Between them, this many rows from the middle are coded both ways, quickly.
  private static let stripHeight = 24

  /// The methods worth trying on all of `samples`.
  static func candidates(
    _ samples: TileSamples, profile: ResidualProfile, prediction: TilePrediction?,
    kernels: ResidualKernels
  ) -> [ResidualMethod] {
    let share = repeatedShare(samples)
    if share < photographShare { return [.planar] }
    if share > drawingShare { return [.candidates] }
    if profile.isLean { return share > hastyShare ? [.candidates] : [.planar] }
    guard samples.height > 4 * stripHeight else { return [.planar, .candidates] }
    let first = (samples.height - stripHeight) / 2 * samples.width
    let places = first..<first + stripHeight * samples.width
    var strip = samples
    strip.height = stripHeight
    strip.planes = samples.planes.map { Array($0[places]) }
    let stripPrediction = prediction.map { whole in
      TilePrediction(
        means: whole.means.map { Array($0[places]) }, scales: whole.scales.map { Array($0[places]) }
      )
    }
    let bits = [ResidualMethod.planar, .candidates].map { method in
      ResidualCoder.encode(
        strip, by: method, .fast, prediction: stripPrediction, kernels: kernels
      ).bits
    }
    if bits[1] > profile.methodMargin * bits[0] { return [.planar] }
    if bits[0] >= profile.methodMargin * bits[1] { return [.candidates] }
    return [.planar, .candidates]
  }

  /// The share of pixels that equal their left or upper neighbour in every plane.
  private static func repeatedShare(_ samples: TileSamples) -> Double {
    let width = samples.width
    var repeats = [UInt8](repeating: 3, count: samples.planes[0].count)
    for plane in samples.planes {
      for row in stride(from: 0, to: repeats.count, by: width) {
        for place in row..<row + width {
          let isWest = place > row && plane[place] == plane[place - 1]
          let isNorth = row > 0 && plane[place] == plane[place - width]
          repeats[place] &= (isWest ? 1 : 0) | (isNorth ? 2 : 0)
        }
      }
    }
    let count = repeats.reduce(0) { $0 + ($1 == 0 ? 0 : 1) }
    return Double(count) / Double(max(repeats.count, 1))
  }
}
