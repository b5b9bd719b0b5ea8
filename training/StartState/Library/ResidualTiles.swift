internal import DecoderCore
internal import RDCodec

/// What the residual coder gets of an image at default options, tile by tile.
func residualTiles(
  of image: Image
) async throws(CodecError) -> [(samples: TileSamples, prediction: TilePrediction?)] {
  let model = try EncoderModel.embedded.get()
  let layer = LatentLayer.preview(width: image.width, height: image.height)
  let position = layer.position
  let tiling = Tiling(
    width: image.width, height: image.height, isDrawing: MethodChoice.isDrawing(image))
  let latentTiling = Header.latentTiling(tiling, shift: layer.shift)
  let input = ModelInput(image, shift: layer.shift)
  let search = LatentSearch(
    model, input, latentTiling, position, .single)
  let coded = try await codeLatents(search, jobs: 1)
  let approximation = Approximation(
    model.latents, coded.map, latentTiling, position: position, shift: layer.shift,
    range: image.colorRange ?? 0...image.peak)
  return tiling.tiles.map { residualTile(image, $0, approximation) }
}
