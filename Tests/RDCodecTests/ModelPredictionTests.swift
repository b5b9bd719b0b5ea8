import TestSupport
import Testing

@testable import DecoderCore
@testable import RDCodec

/// P_dec made row by row against what its parts say.
@Suite struct ModelPredictionTests {
  @Test(arguments: [0, 1, 2, 3], [Image.ColorType.rgb, .grey])
  func predictionIsThatOfTheOutput(shift: Int, colorType: Image.ColorType) throws {
    let model = try EncoderModel.embedded.get()
    let tiling = Tiling(width: 211, height: 150, tileWidthUnits: 6, tileHeightUnits: 4)
    let latentTiling = Header.latentTiling(tiling, shift: shift)
    let latents = Tensor.noise(
      height: LatentGeometry.latentCount(latentTiling.height),
      width: LatentGeometry.latentCount(latentTiling.width), channels: model.shape.latents,
      limit: 150)
    for range in [0...255, 20...4000] {
      let approximation = Approximation(
        model.latents, LatentMap(latents), latentTiling, position: QualityPosition(quality: 40),
        shift: shift, range: range)
      for tile in tiling.tiles {
        let expected = try #require(
          approximation(tile).prediction(
            height: tile.rows.count, width: tile.columns.count, colorType: colorType, range: range))
        let prediction = try #require(approximation.prediction(of: tile, colorType: colorType))
        #expect(prediction.means == expected.means)
        #expect(prediction.scales == expected.scales)
        let samples = expected.means.map { plane in
          plane.map { UInt16(min(($0 + 8) >> 4, Int32(range.upperBound))) }
        }
        #expect(approximation.samples(of: tile, colorType: colorType) == samples)
      }
    }
  }

  @Test func indicesHaveNoPrediction() throws {
    let model = try EncoderModel.embedded.get()
    let latents = Tensor(height: 2, width: 2, channels: model.shape.latents)
    let tiling = Tiling(width: 16, height: 16)
    let approximation = Approximation(
      model.latents, LatentMap(latents), tiling, position: .lowest, shift: 0)
    let prediction = approximation.prediction(of: tiling.tiles[0], colorType: .palette)
    #expect(prediction?.means == nil)
  }
}
