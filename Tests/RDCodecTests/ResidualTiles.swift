import DecoderCore
import RDCodec
import TestSupport

/// Small tiles of several kinds, seeded.
enum ResidualTiles {
  enum Kind: CaseIterable {
    /// Equally likely values.
    case noise
    /// Slopes with a little noise, the planes alike.
    case photograph
    /// Rectangles of few colours.
    case drawing
    /// Few values, far apart.
    case sparse
    case constant
  }

  static func make(
    _ kind: Kind, width: Int, height: Int, depth: Int, planes: Int, hasAlpha: Bool = false,
    seed: UInt64 = 1
  ) -> TileSamples {
    var random = SplitMix64(seed: seed)
    let high = (1 << depth) - 1
    let noise = max(high / 32, 1)
    let colors = (0..<5).map { _ in
      (0..<planes).map { _ in Int.random(in: 0...high, using: &random) }
    }
    var result = [[UInt16]](
      repeating: [UInt16](repeating: 0, count: width * height), count: planes)
    for y in 0..<height {
      for x in 0..<width {
        let shared = Int.random(in: -noise...noise, using: &random)
        for plane in 0..<planes {
          let value =
            switch kind {
            case .noise: Int.random(in: 0...high, using: &random)
            case .photograph:
              high * (x + 2 * y + 10 * plane) / (3 * (width + height) + 10 * planes) + shared
            case .drawing: colors[(x / 5 + y / 3 * 2) % 5][plane]
            case .sparse: high / 7 * Int.random(in: 3...6, using: &random)
            case .constant: high / 2 + plane % 2
            }
          result[plane][y * width + x] = UInt16(min(max(value, 0), high))
        }
      }
    }
    return TileSamples(
      width: width, height: height, depth: depth, hasAlpha: hasAlpha, planes: result)
  }

  /// Decodes a tile of the size and depth of another.
  static func decode(
    _ bytes: [UInt8], like tile: TileSamples, prediction: TilePrediction? = nil
  ) throws -> TileSamples {
    try ResidualCoder.decode(
      StreamSlice(bytes, in: bytes.indices), width: tile.width, height: tile.height,
      depth: tile.depth, planeCount: tile.planes.count, hasAlpha: tile.hasAlpha,
      prediction: prediction)
  }

  /// A prediction near `tile`, with a scale that fits.
  static func prediction(of tile: TileSamples, seed: UInt64 = 2) -> TilePrediction {
    var random = SplitMix64(seed: seed)
    let colors = tile.planes.dropLast(tile.hasAlpha ? 1 : 0)
    return TilePrediction(
      means: colors.map { plane in
        plane.map { Int32($0) * 16 + Int32.random(in: -80...80, using: &random) }
      },
      scales: colors.map { plane in
        plane.map { _ in UInt8.random(in: 0...63, using: &random) }
      })
  }
}
