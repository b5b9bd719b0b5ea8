internal import CKernels
internal import DecoderCore
internal import Entropy

/// What latents cost under the prior, for the encoder's decisions.
final class LatentCosts: Sendable {
  static let shared = LatentCosts()

  private static let count = Int(CK_COST_MAGNITUDES)
  /// [scale][magnitude], in units of 2⁻⁸ bits.
  private let bits: [Int32]
  /// [scale][magnitude]: half the change of the bits from magnitude − 1 to + 1.
  private let steps: [Float]
  /// [scale][magnitude]: the change of the bits from a scale to the next.
  private let changes: [Float]
  /// [scale][distance below one step]: the slope by a mean, in the kernels' unit; and by the scale
  /// at magnitude 0.
  private let nearSlopes: [Int16]
  private let zeroChanges: [Int16]

  private init() {
    let (count, last) = (LatentCosts.count, ScaleTables.scaleCount - 1)
    let bits = (0...last).flatMap { scale in
      (0...count).map {
        Int32((ScaleTables.shared.bits(of: Int32($0), scale: scale) * 256).rounded())
      }
    }
    func bitsOf(_ magnitude: Int, _ scale: Int) -> Float {
      Float(bits[scale * (count + 1) + magnitude]) / 256
    }
    let places = (0...last).flatMap { scale in (0..<count).map { (scale, $0) } }
    self.bits = places.map { bits[$0 * (count + 1) + $1] }
    steps = places.map { scale, magnitude in
      (bitsOf(magnitude + 1, scale) - bitsOf(abs(magnitude - 1), scale)) / 2
    }
    changes = places.map { scale, magnitude in
      let (up, down) = (min(scale + 1, last), max(scale - 1, 0))
      return (bitsOf(magnitude, up) - bitsOf(magnitude, down)) / Float(up - down)
    }
    let unit = Float(1 << CK_SLOPE_BITS)
    func cut(_ value: Float) -> Int16 { Int16(min(max(value, -32767), 32767).rounded()) }
    let (steps, changes) = (steps, changes)
    nearSlopes = places.map { scale, distance in
      let low = steps[scale * count]
      return cut((low + Float(distance) / 64 * (steps[scale * count + 1] - low)) * unit / 64)
    }
    zeroChanges = (0...last).map { cut(changes[$0 * count] * unit / 8) }
  }

  /// Of a symbol, in units of 2⁻⁸ bits; magnitudes that tables do not have are rare.
  func bits(of symbol: Int32, scale: Int) -> Int32 {
    let magnitude = Int(symbol.magnitude)
    if magnitude < LatentCosts.count { return bits[scale * LatentCosts.count + magnitude] }
    return Int32((ScaleTables.shared.bits(of: symbol, scale: scale) * 256).rounded())
  }

  /// As kernels take them.
  func withTables<Result>(_ body: (inout ck_latent_costs) -> Result) -> Result {
    bits.withUnsafeBufferPointer { bits in
      steps.withUnsafeBufferPointer { steps in
        changes.withUnsafeBufferPointer { changes in
          nearSlopes.withUnsafeBufferPointer { nearSlopes in
            zeroChanges.withUnsafeBufferPointer { zeroChanges in
              var tables = ck_latent_costs(
                bits: bits.baseAddress!, steps: steps.baseAddress!, changes: changes.baseAddress!,
                near_slopes: nearSlopes.baseAddress!, zero_changes: zeroChanges.baseAddress!,
                first_scale: Int32(ScaleTables.firstLogScale),
                scale_count: Int32(ScaleTables.scaleCount))
              return body(&tables)
            }
          }
        }
      }
    }
  }
}
