import RDCodec

/// The part of an image that a page shows.
struct PictureCrop: Sendable, Equatable {
  var columns: Range<Int>
  var rows: Range<Int>
  /// Whether it is all of the image.
  var isWhole: Bool

  /// The longer and the shorter side: a photograph of 0.4 megapixels fits whole.
  private static let maximumSides = (long: 768, short: 512)

  /// The middle of an image of this size.
  init(width: Int, height: Int) {
    let isWide = width >= height
    let sides = Self.maximumSides
    columns = Self.middle(of: width, isWide ? sides.long : sides.short)
    rows = Self.middle(of: height, isWide ? sides.short : sides.long)
    isWhole = columns.count == width && rows.count == height
  }

  private static func middle(of length: Int, _ most: Int) -> Range<Int> {
    let count = min(length, most)
    let start = (length - count) / 2
    return start..<start + count
  }

  /// The part of an image, for a screen: palette applied, 8 bits, no metadata.
  func cut(from image: Image) -> Image {
    var image = image.expandedToRGB()
    if image.depth != 8 {
      let peak = image.peak
      image = image.scaled { ($0 * 255 + peak / 2) / peak }
    }
    let width = image.width
    image.planes = image.planes.map { plane in
      rows.flatMap { plane[$0 * width + columns.lowerBound..<$0 * width + columns.upperBound] }
    }
    image.width = columns.count
    image.height = rows.count
    image.transparentColor = nil
    image.metadata = []
    return image
  }
}
