internal import DecoderCore
internal import Entropy

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
      let cost = weight * error * error + LatentRates.shared.bits(of: candidate, scale: scale)
      if cost < bestCost { (best, bestCost) = (candidate, cost) }
    }
    return Int16(truncatingIfNeeded: best)
  }
}

/// What latents cost under the prior, for the encoder's decisions.
final class LatentRates: Sendable {
  static let shared = LatentRates()

  private static let count = 64
  /// [scale][magnitude], in bits rounded to 1/256.
  private let table: [Float]

  private init() {
    table = (0..<ScaleTables.scaleCount).flatMap { scale in
      (0..<LatentRates.count).map { magnitude in
        let bits = ScaleTables.shared.bits(of: Int32(magnitude), scale: scale)
        return Float((bits * 256).rounded() / 256)
      }
    }
  }

  /// Derivatives of the bits that rounding `offset` (in 1/64 step) takes: by the offset, smoothed
  /// by the rounding, in bits per step; and by the scale's index, given the symbol.
  func slopes(offset: Int32, symbol: Int32, scale: Int) -> (offset: Float, scale: Float) {
    let magnitude = Float(min(offset.magnitude, 64 * 64)) * (1 / 64)
    let whole = Int(magnitude)
    let part = magnitude - Float(whole)
    // Between whole numbers v the difference bits(v + 1/2) − bits(v − 1/2) is near linear.
    let low = step(whole, scale: scale)
    let slope = low + part * (step(whole + 1, scale: scale) - low)
    let up = min(scale + 1, ScaleTables.scaleCount - 1)
    let down = max(scale - 1, 0)
    let change = (bits(of: symbol, scale: up) - bits(of: symbol, scale: down)) / Float(up - down)
    return (offset < 0 ? -slope : slope, change)
  }

  /// Half the change of the bits from v − 1 to v + 1.
  @inline(__always)
  private func step(_ v: Int, scale: Int) -> Float {
    let before = v == 0 ? 1 : v - 1
    return (bits(of: Int32(v + 1), scale: scale) - bits(of: Int32(before), scale: scale)) / 2
  }

  @inline(__always)
  func bits(of symbol: Int32, scale: Int) -> Float {
    let magnitude = Int(symbol.magnitude)
    if magnitude < LatentRates.count { return table[scale * LatentRates.count + magnitude] }
    return Float((ScaleTables.shared.bits(of: symbol, scale: scale) * 256).rounded() / 256)
  }
}
