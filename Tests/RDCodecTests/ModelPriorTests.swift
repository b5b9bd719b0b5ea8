import Entropy
import TestSupport
import Testing

@testable import DecoderCore
@testable import RDCodec

/// Latents as the prior codes them, and what the model sees of an image.
@Suite struct ModelPriorTests {
  @Test(arguments: [[2, 2], [2, 6], [8, 10]], [1.0, 37, 100])
  func decodesTheLatentsThatWereCoded(size: [Int], quality: Double) throws {
    let model = try EncoderModel.embedded.get()
    let (prior, latents) = (model.prior, model.shape.latents)
    let (height, width) = (size[0], size[1])
    let position = QualityPosition(quality: quality)
    for limit in [Int16(0), 200, 12000] {
      let y = Tensor.noise(
        height: height, width: width, channels: latents, limit: limit)
      var writer = LatentWriter(model.proposal(y))
      let z = prior.code(height: height, width: width, position: position, with: &writer)
      let stream = writer.finish()
      // Far from its mean a latent is an escape, which gets the coder's rounding as a gift.
      let excess = Double(8 * stream.bytes.count) - stream.bits
      #expect(excess <= 0.001 * stream.bits + 64)
      #expect(excess >= (limit > 200 ? -0.05 : -0.001) * stream.bits - 64)
      // Quantised to the nearest multiple of a step from the mean.
      #expect(zip(z.values, y.values).allSatisfy { abs(Int($0) - Int($1)) <= 32 })

      var reader = BinaryDecoder(StreamSlice(stream.bytes, in: stream.bytes.indices))
      let decoded = prior.code(height: height, width: width, position: position, with: &reader)
      let isExhausted = reader.isExhausted
      #expect(decoded == z && !isExhausted)
    }
  }

  @Test func aStreamThatEndsTooEarlyIsNoticed() throws {
    let model = try EncoderModel.embedded.get()
    let (prior, latents) = (model.prior, model.shape.latents)
    let position = QualityPosition(quality: 50)
    let y = Tensor.noise(height: 4, width: 4, channels: latents, limit: 5000)
    var writer = LatentWriter(model.proposal(y))
    _ = prior.code(height: 4, width: 4, position: position, with: &writer)
    let bytes = writer.finish().bytes
    var reader = BinaryDecoder(StreamSlice(bytes, in: 0..<bytes.count / 2))
    _ = prior.code(height: 4, width: 4, position: position, with: &reader)
    let isExhausted = reader.isExhausted
    #expect(isExhausted)
  }

  @Test(arguments: SyntheticImages.kinds)
  func theModelSeesEightBitColours(kind: SyntheticImages.Kind) {
    let image = SyntheticImages.image(kind, width: 19, height: 5)
    let colors = image.expandedToRGB()
    let planes = colors.planes.count < 3 ? [0, 0, 0] : [0, 1, 2]
    let maximum = Double(1 << colors.depth - 1)
    let pixels = ModelInput(image).pixels(rows: -4..<20, columns: -4..<36)
    let expected = Tensor.of(height: 24, width: 40, channels: 3) { y, x, c in
      // 19 × 5 pixels are padded to 32 × 16 by repeating the edge; beyond there is zero.
      guard (4..<20).contains(y), (4..<36).contains(x) else { return 0 }
      let place = min(y - 4, 4) * 19 + min(x - 4, 18)
      let sample = Double(colors.planes[planes[c]][place]) * 255 / maximum
      return Int((sample * 128).rounded()) - 128 * 128
    }
    #expect(pixels == expected)
  }

  @Test func latentsOfTilesFormOneMap() {
    let latents = 24
    let whole = Tensor.noise(height: 6, width: 10, channels: latents)
    let tiles = Tiling(width: 70, height: 41, tileWidthUnits: 2, tileHeightUnits: 1).tiles
    let parts = tiles.map { whole.cropped(rows: $0.latentRows, columns: $0.latentColumns) }
    #expect(LatentMap(parts, tiles: tiles, height: 6, width: 10, channels: latents).tensor == whole)
  }

  @Test func tilesOfTheDecoderMeetWithoutASeam() throws {
    let model = try EncoderModel.embedded.get()
    let position = QualityPosition(quality: 60)
    let gains = model.gains(at: position)
    let z = Tensor.noise(height: 6, width: 12, channels: model.shape.latents, limit: 300)
    let whole = model.decoder(
      LatentMap(z), rows: 0..<6, columns: 0..<12, position: position, gains: gains, hasScale: true)
    let part = model.decoder(
      LatentMap(z), rows: 0..<6, columns: 6..<12, position: position, gains: gains, hasScale: true)
    #expect(part.mean == whole.mean.cropped(rows: 0..<48, columns: 48..<96))
    #expect(part.scale == whole.scale?.cropped(rows: 0..<24, columns: 24..<48))
    let pixels = model.decoder(
      LatentMap(z), rows: 0..<6, columns: 0..<12, position: position, gains: gains, hasScale: false)
    #expect(pixels.mean == whole.mean && pixels.scale == nil)
  }
}
