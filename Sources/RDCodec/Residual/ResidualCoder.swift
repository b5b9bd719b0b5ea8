package import Entropy

/// The samples of one tile, planar.
package struct TileSamples: Sendable, Equatable {
  package var width: Int
  package var height: Int
  /// Bits per sample, 1 ... 16.
  package var depth: Int
  /// Whether the last plane is alpha.
  package var hasAlpha: Bool
  /// 1 ... 4 planes of width × height samples.
  package var planes: [[UInt16]]

  package init(width: Int, height: Int, depth: Int, hasAlpha: Bool, planes: [[UInt16]]) {
    self.width = width
    self.height = height
    self.depth = depth
    self.hasAlpha = hasAlpha
    self.planes = planes
  }
}

/// Codes the samples of a tile exactly, given P_dec(x|z) and the samples already coded.
package enum ResidualCoder {
  /// Encodes a tile; `bits` is the objective: −log₂ p of every symbol.
  package static func encode(
    _ samples: TileSamples, prediction: TilePrediction?, effort: Int
  ) -> (bytes: [UInt8], bits: Double) {
    fatalError("not written yet")
  }

  /// Decodes a tile of the given geometry.
  package static func decode(
    _ bytes: [UInt8], in range: Range<Int>, width: Int, height: Int, depth: Int, planeCount: Int,
    hasAlpha: Bool, prediction: TilePrediction?
  ) throws(CodecError) -> TileSamples {
    fatalError("not written yet")
  }
}
