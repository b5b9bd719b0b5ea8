import TestSupport

@testable import DecoderCore
@testable import RDCodec

extension Tensor {
  /// Seeded values in −limit ... limit.
  static func noise(
    height: Int, width: Int, channels: Int, limit: Int16 = 2000, seed: UInt64 = 1
  ) -> Tensor {
    var random = SplitMix64(seed: seed)
    return Tensor(
      height: height, width: width, channels: channels,
      values: (0..<height * width * channels).map { _ in
        .random(in: -limit...limit, using: &random)
      })
  }

  /// The value at a position, 0 outside.
  func value(_ y: Int, _ x: Int, _ c: Int) -> Int {
    guard (0..<height).contains(y), (0..<width).contains(x) else { return 0 }
    return Int(values[(y * width + x) * channels + c])
  }

  /// A tensor of the values of `body` at every row, column and channel.
  static func of(
    height: Int, width: Int, channels: Int, _ body: (Int, Int, Int) -> Int
  ) -> Tensor {
    var result = Tensor(height: height, width: width, channels: channels)
    var place = 0
    for y in 0..<height {
      for x in 0..<width {
        for c in 0..<channels {
          result.values[place] = Int16(clamping: body(y, x, c))
          place += 1
        }
      }
    }
    return result
  }
}
