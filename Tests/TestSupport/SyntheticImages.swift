package import RDCodec

/// Small seeded images of every kind: slopes, edges and noise in one.
package enum SyntheticImages {
  /// A colour type and depth, with or without transparency beside an alpha channel.
  package struct Kind: Sendable, Hashable, CustomStringConvertible {
    package var colorType: Image.ColorType
    package var depth: Int
    /// Whether a grey or RGB image has a transparent colour, a palette some alpha.
    package var isTransparent: Bool

    package init(_ colorType: Image.ColorType, _ depth: Int, isTransparent: Bool = false) {
      self.colorType = colorType
      self.depth = depth
      self.isTransparent = isTransparent
    }

    package var description: String {
      "\(colorType) \(depth)" + (isTransparent ? " transparent" : "")
    }
  }

  /// Every colour type, at the depths that PNG has and some that only PNM has.
  package static let kinds: [Kind] =
    [false, true].flatMap { isTransparent in
      [1, 2, 4, 8, 10, 16].map { Kind(.grey, $0, isTransparent: isTransparent) }
        + [8, 11, 16].map { Kind(.rgb, $0, isTransparent: isTransparent) }
        + [1, 2, 4, 8].map { Kind(.palette, $0, isTransparent: isTransparent) }
    } + [8, 16].flatMap { [Kind(.greyAlpha, $0), Kind(.rgba, $0)] }

  /// An image of `kind`: slopes across, a disc with a sharp edge, a band of noise below.
  ///
  /// A palette's indices use all its entries but the last, which no image shows.
  package static func image(
    _ kind: Kind, width: Int, height: Int, seed: UInt64 = 1, hasMetadata: Bool = false
  ) -> Image {
    var random = SplitMix64(seed: seed)
    let palette = kind.colorType == .palette ? makePalette(kind, &random) : []
    let limit = palette.isEmpty ? 1 << kind.depth : max(1, palette.count - 1)
    let planes = (0..<kind.colorType.channelCount).map { channel in
      makePlane(width: width, height: height, limit: limit, channel: channel, &random)
    }
    let hasKey = kind.isTransparent && (kind.colorType == .grey || kind.colorType == .rgb)
    return Image(
      width: width, height: height, colorType: kind.colorType, depth: kind.depth, planes: planes,
      palette: palette,
      paletteAlphaCount: kind.isTransparent ? (palette.count + 1) / 2 : 0,
      transparentColor: hasKey ? planes.map { $0[width * height / 2] } : nil,
      metadata: hasMetadata ? metadata(kind.colorType) : [])
  }

  /// An RGB image with the statistics of a photograph: soft shapes, fine grain, few sharp edges.
  package static func photograph(width: Int, height: Int, seed: UInt64 = 1) -> Image {
    var random = SplitMix64(seed: seed)
    // Values on grids of falling pitch and strength, blended linearly between grid points.
    var light = [Double](repeating: 110, count: width * height)
    for (pitch, strength) in [(48, 90.0), (20, 45.0), (9, 24.0), (4, 10.0)] {
      let columns = width / pitch + 2
      let grid = (0..<columns * (height / pitch + 2)).map { _ in
        Double.random(in: -strength...strength, using: &random)
      }
      for y in 0..<height {
        for x in 0..<width {
          let corner = y / pitch * columns + x / pitch
          let right = Double(x % pitch) / Double(pitch)
          let down = Double(y % pitch) / Double(pitch)
          let top = grid[corner] * (1 - right) + grid[corner + 1] * right
          let bottom =
            grid[corner + columns] * (1 - right) + grid[corner + columns + 1] * right
          light[y * width + x] += top * (1 - down) + bottom * down
        }
      }
    }
    let planes = [1.0, 0.9, 0.75].map { tint in
      light.indices.map { i in
        let edge = (i % width + i / width * 2) % 160 < 80 ? 25.0 : 0
        let grain = Double.random(in: -2...2, using: &random)
        return UInt16(min(max((light[i] + edge) * tint + grain, 0), 255))
      }
    }
    return Image(width: width, height: height, colorType: .rgb, depth: 8, planes: planes)
  }

  /// A chunk for every position that a file of this colour type has.
  /// A slope of grey under the thresholds of a Bayer matrix of 8 × 8, of one bit.
  package static func dither(width: Int, height: Int) -> [UInt16] {
    /// The bits of x ⊕ y and y in turn, the lowest first: the matrix's value in 64ths.
    func threshold(_ x: Int, _ y: Int) -> Int {
      (0..<3).reduce(0) { sum, bit in
        let (mixed, row) = ((x ^ y) >> bit & 1, y >> bit & 1)
        return sum | mixed << (5 - 2 * bit) | row << (4 - 2 * bit)
      }
    }
    return (0..<width * height).map { place in
      let (x, y) = (place % width, place / width)
      return 64 * (x + y) > (width + height) * (threshold(x % 8, y % 8) + 1) ? 1 : 0
    }
  }

  private static func metadata(_ colorType: Image.ColorType) -> [MetadataItem] {
    let first = colorType == .palette ? MetadataItem.Position.beforePalette : .beforeImageData
    return [
      MetadataItem(png: "gAMA", [0, 0, 177, 143], first),
      MetadataItem(png: "pHYs", [0, 0, 11, 19, 0, 0, 11, 19, 1], .beforeImageData),
      MetadataItem(png: "tEXt", Array("Comment\0synthetic".utf8), .afterImageData),
      MetadataItem(png: "eXIf", [], .afterImageData),
    ]
  }

  private static func makePalette(
    _ kind: Kind, _ random: inout SplitMix64
  ) -> [Image.PaletteEntry] {
    let count = 1 << kind.depth
    return (0..<count).map { index in
      Image.PaletteEntry(
        red: .random(in: 0...255, using: &random), green: .random(in: 0...255, using: &random),
        blue: .random(in: 0...255, using: &random),
        alpha: kind.isTransparent && index < (count + 1) / 2
          ? .random(in: 0...255, using: &random) : 255)
    }
  }

  private static func makePlane(
    width: Int, height: Int, limit: Int, channel: Int, _ random: inout SplitMix64
  ) -> [UInt16] {
    var plane: [UInt16] = []
    plane.reserveCapacity(width * height)
    for y in 0..<height {
      for x in 0..<width {
        let dx = 2 * x - width
        let dy = 2 * y - height
        let isInDisc = 4 * (dx * dx + dy * dy) < min(width, height) * min(width, height)
        let value =
          if 8 * y >= 7 * height {
            Int.random(in: 0..<limit, using: &random)
          } else if isInDisc {
            limit * (3 - channel) / 4
          } else {
            (limit * (x + (channel + 1) * y)) / (width + (channel + 1) * height)
              + Int.random(in: 0...limit / 32, using: &random)
          }
        plane.append(UInt16(min(max(value, 0), limit - 1)))
      }
    }
    return plane
  }
}
