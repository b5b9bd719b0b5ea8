import DecoderCore
import RDCodec
import TestSupport
import Testing

/// Small images of every kind, filled with seeded noise.
enum ImageFixtures {
  /// A colour type and depth that PNG has.
  struct Kind: CustomTestStringConvertible, Sendable {
    var colorType: Image.ColorType
    var depth: Int
    var testDescription: String { "\(colorType) \(depth)" }
  }

  static let pngKinds: [Kind] =
    [1, 2, 4, 8, 16].map { Kind(colorType: .grey, depth: $0) }
    + [1, 2, 4, 8].map { Kind(colorType: .palette, depth: $0) }
    + [Image.ColorType.rgb, .greyAlpha, .rgba].flatMap { type in
      [8, 16].map { Kind(colorType: type, depth: $0) }
    }

  /// An image of the given kind; grey and RGB get a transparent colour, palettes some alpha.
  static func image(
    _ kind: Kind, width: Int = 13, height: Int = 7, seed: UInt64 = 1
  ) -> Image {
    var random = SplitMix64(seed: seed)
    let colorType = kind.colorType
    let entryCount = colorType == .palette ? (1 << kind.depth) - (kind.depth > 1 ? 1 : 0) : 0
    let limit = colorType == .palette ? entryCount : 1 << kind.depth
    let alphaCount = entryCount / 2
    let palette = (0..<entryCount).map { index in
      Image.PaletteEntry(
        red: .random(in: 0...255, using: &random), green: .random(in: 0...255, using: &random),
        blue: .random(in: 0...255, using: &random),
        alpha: index < alphaCount ? .random(in: 0...255, using: &random) : 255)
    }
    let planes = (0..<colorType.channelCount).map { _ in
      (0..<width * height).map { _ in UInt16(Int.random(in: 0..<limit, using: &random)) }
    }
    let hasTransparentColor = colorType == .grey || colorType == .rgb
    return Image(
      width: width, height: height, colorType: colorType, depth: kind.depth, planes: planes,
      palette: palette, paletteAlphaCount: alphaCount,
      transparentColor: hasTransparentColor ? planes.map { $0[width * height / 2] } : nil)
  }

  /// Metadata for every position that a file with or without a palette has.
  static func metadata(hasPalette: Bool) -> [MetadataItem] {
    let first = hasPalette ? MetadataItem.Position.beforePalette : .beforeImageData
    return [
      MetadataItem(png: "gAMA", [0, 0, 177, 143], first),
      MetadataItem(png: "iCCP", Array("broken on purpose".utf8), first),
      MetadataItem(png: "pHYs", [0, 0, 11, 19, 0, 0, 11, 19, 1], .beforeImageData),
      MetadataItem(png: "tEXt", Array("Comment\0after".utf8), .afterImageData),
    ]
  }
}
