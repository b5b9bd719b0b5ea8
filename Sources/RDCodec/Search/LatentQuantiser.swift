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
    let count = symbols.count
    precondition(means.count >= count && scales.count >= count && start + count <= y.values.count)
    LatentCosts.shared.withTables { costs in
      weights.withUnsafeBufferPointer { weights in
        factors.withUnsafeBufferPointer { factors in
          y.values.withUnsafeBufferPointer { y in
            means.withUnsafeBufferPointer { means in
              ck_round_position(
                &costs, weights.isEmpty ? nil : weights.baseAddress! + channel,
                factors.isEmpty ? nil : factors.baseAddress! + start, y.baseAddress! + start,
                means.baseAddress!, scales, &symbols, count)
            }
          }
        }
      }
    }
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
