import TestSupport
import Testing

@testable import DecoderCore
@testable import RDCodec

/// Models of other shapes than those that are built in: the shape is data.
@Suite struct ModelShapeTests {
  private static let shapes = [OtherShape.small, OtherShape.large]

  @Test(arguments: shapes) func aShapeIsReadAsItWasWritten(shape: ModelShape) throws {
    var reader = ByteReader(shape.bytes)
    #expect(try ModelShape(&reader) == shape)
    #expect(reader.remaining == 0)
    let embedded = try EncoderModel.embedded.get().shape
    reader = ByteReader(embedded.bytes)
    #expect(try ModelShape(&reader) == embedded)
    #expect(embedded.latents == 192 && embedded.halo == 5)
  }

  @Test(arguments: shapes) func imagesOfAnotherShapeRoundTrip(shape: ModelShape) async throws {
    let model = try LearnedModel(OtherShape.weights(shape))
    #expect(model.latents.shape == shape)
    let image = SyntheticImages.image(.init(.rgb, 8), width: 75, height: 50)
    // Effort 5 takes gradients back through all layers; verification compares the latents.
    for (effort, quality) in [(1, 90.0), (1, 40), (5, 40), (2, nil)] {
      var options = quality.map { EncoderOptions.lossy(quality: $0) } ?? .lossless
      // A preview that is asked for stays, whatever it takes.
      if quality == nil { options.mode = .lossless(preview: 40) }
      options.effort = effort
      options.model = model
      options.allowsExact = false
      let encoded = try await encode(image, options)
      let decoded = try await decode(encoded.bytes, DecoderOptions(model: model))
      if quality == nil { #expect(decoded == image) }
      let info = try inspect(encoded.bytes)
      #expect(info.modelIdentifier == model.identifier)
      await #expect(throws: CodecError.unknownModel(model.identifier)) {
        try await decode(encoded.bytes)
      }
    }
  }

  @Test(arguments: shapes) func aRegionIsPartOfTheWhole(shape: ModelShape) throws {
    let model = try LearnedModel(OtherShape.weights(shape)).latents
    let position = QualityPosition(quality: 60)
    let gains = model.gains(at: position)
    let z = Tensor.noise(height: 14, width: 16, channels: shape.latents, limit: 300)
    let whole = model.decoder(
      LatentMap(z), rows: 0..<14, columns: 0..<16, position: position, gains: gains, hasScale: true)
    let part = model.decoder(
      LatentMap(z), rows: 6..<8, columns: 8..<10, position: position, gains: gains, hasScale: true)
    #expect(part.mean == whole.mean.cropped(rows: 48..<64, columns: 64..<80))
    #expect(part.scale == whole.scale?.cropped(rows: 24..<32, columns: 32..<40))
  }

  /// Each value of the description beyond its limits is refused where it stands.
  @Test func shapesBeyondTheLimitsAreRefused() throws {
    let bytes = OtherShape.small.bytes
    for start in stride(from: 0, to: 46, by: 2) {
      for value in [65535, 4097, 1025, 513] {
        var damaged = bytes
        (damaged[start], damaged[start + 1]) = (UInt8(value & 255), UInt8(value >> 8))
        var reader = ByteReader(damaged)
        #expect(throws: CodecError.self) { try ModelShape(&reader) }
      }
    }
    // No channels, groups or hidden features; an odd number of them; a neighbour too far away.
    for (start, value) in [(0, 0), (2, 0), (2, 12), (20, 3), (28, 0), (30, 0), (30, 12), (42, 0)] {
      var damaged = bytes
      damaged[start] = UInt8(value)
      var reader = ByteReader(damaged)
      #expect(throws: CodecError.self) { try ModelShape(&reader) }
    }
    for value in [3, 253] as [UInt8] {
      var damaged = bytes
      damaged[damaged.count - 1] = value
      var reader = ByteReader(damaged)
      #expect(
        throws: CodecError.corrupt(field: "model shape (neighbours)", at: bytes.count - 2)
      ) { try ModelShape(&reader) }
    }
    for count in bytes.indices {
      var reader = ByteReader(Array(bytes.prefix(count)))
      #expect(throws: CodecError.self) { try ModelShape(&reader) }
    }
  }

  /// Whatever the description says, the weights either fit it or are refused.
  @Test func damagedDescriptionsNeverTrap() throws {
    let bytes = OtherShape.weights(OtherShape.small)
    let size = OtherShape.small.bytes.count
    var random = SplitMix64(seed: 5)
    for _ in 0..<300 {
      var damaged = bytes
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let place = Int.random(in: 8..<8 + size, using: &random)
        damaged[place] = UInt8.random(in: 0...12, using: &random)
      }
      _ = try? LearnedModel(damaged)
    }
  }
}
