/// P_dec(x|z) over one tile: for each colour plane a mean and a scale per sample.
///
/// The mean is in sixteenths of a step of the image's own samples; the scale is ⌊4 · log₂(16 σ)⌋
/// clamped to 0 ... 63, where σ is the logistic's scale in steps of an 8-bit sample.
package struct TilePrediction: Sendable {
  /// One plane per colour channel of the tile (none for alpha or palette indices).
  package var means: [[Int32]]
  package var scales: [[UInt8]]

  package init(means: [[Int32]], scales: [[UInt8]]) {
    self.means = means
    self.scales = scales
  }
}
