internal import DecoderCore

/// The samples that the metrics compare: an image's colour, without alpha and without a palette.
package struct ColorPlanes: Sendable {
  package let width: Int
  package let height: Int
  /// Bits per sample; 8 for a palette image, whatever the depth of its indices.
  package let depth: Int
  /// The largest possible sample.
  let peak: Int
  /// What errors are measured by: the span of ``Image/colorRange``, or the largest possible sample.
  package let span: Double
  /// One plane of width × height samples (grey) or three (red, green, blue).
  package private(set) var planes: [[UInt16]]

  package init(_ image: Image) {
    let direct = image.expandedToRGB()
    width = direct.width
    height = direct.height
    depth = direct.depth
    peak = direct.peak
    span = direct.colorRange.map { Double($0.upperBound - $0.lowerBound) } ?? Double(peak)
    planes = Array(direct.planes.prefix(direct.colorType.isGrey ? 1 : 3))
  }

  /// Grey as three equal planes, for codecs that give back nothing else; all metrics stay the same.
  package var asRGB: ColorPlanes {
    guard planes.count == 1 else { return self }
    var copy = self
    copy.planes = [[UInt16]](repeating: planes[0], count: 3)
    return copy
  }

  /// Two images such that sample i of one stands for the same thing as sample i of the other: grey
  /// against RGB becomes RGB. Nil where size, depth or peak differ.
  static func comparable(_ a: ColorPlanes, _ b: ColorPlanes) -> (ColorPlanes, ColorPlanes)? {
    guard a.width == b.width, a.height == b.height, a.depth == b.depth,
      a.peak == b.peak
    else { return nil }
    return a.planes.count == b.planes.count ? (a, b) : (a.asRGB, b.asRGB)
  }
}
