extension TileCoder {
  /// The share of repeated pixels below which a tile is taken for a photograph, and above which
  /// for a drawing; between them both methods are tried.
  private static let photographShare = 0.15
  private static let drawingShare = 0.7

  /// The methods worth trying on the samples to be encoded.
  func likelyMethods() -> [ResidualMethod] {
    let share = repeatedShare()
    if share < Self.photographShare { return [.planar] }
    if share > Self.drawingShare { return [.candidates] }
    return [.planar, .candidates]
  }

  /// The share of pixels that equal their left or upper neighbour.
  private func repeatedShare() -> Double {
    var count = 0
    for y in 0..<geometry.height {
      for x in 0..<geometry.width {
        let place = y &* geometry.width &+ x
        let repeatsWest = x > 0 && pixel(place, equals: place &- 1)
        let repeatsNorth = y > 0 && pixel(place, equals: place &- geometry.width)
        if repeatsWest || repeatsNorth { count &+= 1 }
      }
    }
    return Double(count) / Double(max(geometry.pixelCount, 1))
  }
}
