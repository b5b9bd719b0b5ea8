internal import DecoderCore

/// How much of what latents change lies inside the image: those at its edges also describe pixels
/// that no decoder shows.
struct EdgeFractions: Sendable {
  /// For every row of latents, the fraction for each channel; nil where all lies inside.
  private let rows: [[Float]?]
  private let columns: [[Float]?]
  private let channels: Int

  init(_ input: ModelInput, _ synthesis: Convolution) {
    channels = synthesis.inputs
    let side = SynthesisKernel.side
    var rowProfiles: [[Double]] = []
    var columnProfiles: [[Double]] = []
    for channel in 0..<synthesis.inputs {
      var (byRow, byColumn) = (
        [Double](repeating: 0, count: side), [Double](repeating: 0, count: side)
      )
      for color in 0..<3 {
        let pixels = synthesis.kernel(channel: channel, color: color).pixels
        for i in pixels.indices {
          byRow[i / side] += pixels[i] * pixels[i]
          byColumn[i % side] += pixels[i] * pixels[i]
        }
      }
      rowProfiles.append(byRow)
      columnProfiles.append(byColumn)
    }
    rows = EdgeFractions.fractions(
      rowProfiles, pixelCount: input.height, latentCount: input.latentHeight)
    columns = EdgeFractions.fractions(
      columnProfiles, pixelCount: input.width, latentCount: input.latentWidth)
  }

  private static func fractions(
    _ profiles: [[Double]], pixelCount: Int, latentCount: Int
  ) -> [[Float]?] {
    (0..<latentCount).map { latent in
      // Kernels begin four pixels before their latent's block.
      let start = 8 * latent - 4
      let inside = (0..<SynthesisKernel.side).clamped(
        to: -min(start, 0)..<max(pixelCount - start, 0))
      guard inside.count < SynthesisKernel.side else { return nil }
      return profiles.map { profile in
        let whole = profile.reduce(0, +)
        return whole > 0 ? Float(profile[inside].reduce(0, +) / whole) : 1
      }
    }
  }

  /// `factors` of a tile's latents, all 1 if empty, times the fractions; empty if all are 1.
  func callAsFunction(_ tile: Tiling.Tile, times factors: [Float]) -> [Float] {
    let (tileRows, tileColumns) = (tile.latentRows, tile.latentColumns)
    let isInside =
      tileRows.allSatisfy { rows[$0] == nil } && tileColumns.allSatisfy { columns[$0] == nil }
    if isInside { return factors }
    var result = factors
    if result.isEmpty {
      result = [Float](repeating: 1, count: tileRows.count * tileColumns.count * channels)
    }
    var start = 0
    for row in tileRows {
      for column in tileColumns {
        if let fractions = rows[row] { for c in 0..<channels { result[start + c] *= fractions[c] } }
        if let fractions = columns[column] {
          for c in 0..<channels { result[start + c] *= fractions[c] }
        }
        start += channels
      }
    }
    return result
  }
}
