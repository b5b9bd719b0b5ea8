internal import CKernels
internal import DecoderCore

/// How an encoder rounds latents; a decoder does not care.
struct LatentQuantiser: Sendable {
  /// Per channel: what an error of one step costs, in bits. Empty: rate does not count.
  private let weights: [Float]
  /// For every latent of the tile, what its weight is multiplied by; empty: nothing.
  private let factors: [Float]

  /// To the nearest whole step from the mean.
  static let nearest = LatentQuantiser(weights: [])

  /// - Parameters:
  ///   - weights: per channel, what an error of one step costs, in bits.
  ///   - factors: for every latent of the tile, what its weight is multiplied by; empty: nothing.
  init(weights: [Float], factors: [Float] = []) {
    self.weights = weights
    self.factors = factors
  }

  /// The same for a tile whose latents' weights are multiplied by `factors`.
  func scaled(by factors: [Float]) -> LatentQuantiser {
    LatentQuantiser(weights: weights, factors: factors)
  }

  /// Rounds a position's latents `y.values[start...]`, the first of them `channel`, to whole steps
  /// from `means`.
  func quantise(
    _ y: Tensor, at start: Int, channel: Int, means: ArraySlice<Int16>, scales: [UInt8],
    to symbols: inout [Int16]
  ) {
    means.withUnsafeBufferPointer { means in
      y.values.withUnsafeBufferPointer { y in
        for c in symbols.indices {
          let offset = Int32(y[start + c]) - Int32(means[c])
          let nearest = (offset + 32) >> 6
          symbols[c] = Int16(truncatingIfNeeded: nearest)
          if nearest != 0, !weights.isEmpty {
            let factor = factors.isEmpty ? 1 : factors[start + c]
            symbols[c] = cheapest(
              offset: offset, nearest: nearest, weight: weights[channel + c] * factor,
              scale: Int(scales[c]))
          }
        }
      }
    }
  }

  /// The best of the nearest value, the next one towards zero, and zero.
  private func cheapest(offset: Int32, nearest: Int32, weight: Float, scale: Int) -> Int16 {
    let inner = nearest < 0 ? nearest + 1 : nearest - 1
    var best = nearest
    var bestCost = Float.infinity
    for candidate in inner == 0 ? [nearest, 0] : [nearest, inner, 0] {
      let error = Float(offset - candidate * 64) * (1 / 64)
      let cost =
        weight * error * error + Float(LatentCosts.shared.bits(of: candidate, scale: scale))
        * (1 / 256)
      if cost < bestCost { (best, bestCost) = (candidate, cost) }
    }
    return Int16(truncatingIfNeeded: best)
  }

  /// Fraction bits of slopes.
  static let slopeBits = Int(CK_SLOPE_BITS)

  /// Rounds `channels` of some positions of a tile, two apart, and tells how the bits change with
  /// their parameters; as `ck_round_latents` does it.
  ///
  /// - Parameters:
  ///   - start: of the first position's channels in `y`.
  ///   - packed: gets the coded latents, one position after the other.
  ///   - slopes: gets the slopes by `parameters`, times 2^``slopeBits``.
  /// - Returns: the bits in units of 2⁻⁸.
  func round(
    _ y: Tensor, at start: Int, channels: Range<Int>, parameters: UnsafePointer<Int16>,
    to z: inout Tensor, packed: UnsafeMutablePointer<Int16>, slopes: UnsafeMutablePointer<Int16>,
    count: Int
  ) -> Int64 {
    let channelCount = y.channels
    return LatentCosts.shared.withTables { costs in
      withUnsafePointer(to: costs) { costs in
        weights.withUnsafeBufferPointer { weights in
          factors.withUnsafeBufferPointer { factors in
            y.values.withUnsafeBufferPointer { y in
              z.values.withUnsafeMutableBufferPointer { z in
                var rounding = ck_rounding(
                  costs: costs,
                  weights: weights.isEmpty ? nil : weights.baseAddress! + channels.lowerBound,
                  channels: channels.count, stride: 2 * channelCount)
                return ck_round_latents(
                  &rounding, parameters, y.baseAddress! + start,
                  factors.isEmpty ? nil : factors.baseAddress! + start, z.baseAddress! + start,
                  packed, slopes, count)
              }
            }
          }
        }
      }
    }
  }
}
