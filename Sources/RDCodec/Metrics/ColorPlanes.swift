/// The samples that the metrics compare: an image's colour, without alpha and without a palette.
package struct ColorPlanes: Sendable {
  package let width: Int
  package let height: Int
  /// Bits per sample; 8 for a palette image, whatever the depth of its indices.
  package let depth: Int
  /// One plane of width × height samples (grey) or three (red, green, blue).
  package let planes: [[UInt16]]

  package init(_ image: Image) {
    width = image.width
    height = image.height
    switch image.colorType {
    case .grey, .greyAlpha:
      depth = image.depth
      planes = Array(image.planes.prefix(1))
    case .rgb, .rgba:
      depth = image.depth
      planes = Array(image.planes.prefix(3))
    case .palette:
      depth = 8
      planes = [\Image.PaletteEntry.red, \.green, \.blue].map { component in
        let table = image.palette.map { UInt16($0[keyPath: component]) }
        // An index beyond the palette shows as black, as PNG viewers show it.
        return image.planes[0].map { Int($0) < table.count ? table[Int($0)] : 0 }
      }
    }
  }

  /// The largest sample, 2^depth − 1.
  var peak: Double { Double(1 << depth - 1) }

  /// Whether sample i of one image stands for the same thing as sample i of the other.
  func isComparable(to other: ColorPlanes) -> Bool {
    width == other.width && height == other.height && depth == other.depth
      && planes.count == other.planes.count
  }
}
