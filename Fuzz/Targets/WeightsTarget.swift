import FuzzMemory
import TestSupport

@testable import DecoderCore
@testable import RDCodec

/// Weights files: they throw, or a bitstream that names them decodes to some image, and an image is
/// encoded with them or refused.
enum WeightsTarget {
  private static let image = SyntheticImages.image(.init(.rgb, 8), width: 20, height: 12)
  /// With latents, to be decoded with any model: exact, and lossy.
  private static let files: [[UInt8]] = [
    encoded(EncoderOptions(mode: .lossless(preview: 60), effort: 1, verify: false)),
    encoded(
      EncoderOptions(mode: .lossy(quality: 60), effort: 2, verify: false, allowsExact: false)),
  ]

  private static func encoded(_ options: EncoderOptions) -> [UInt8] {
    MainLoop.run { try! await encode(image, options).bytes }
  }

  /// Does at the start what takes long.
  static func prepare() { require(files.count == 2, "no files") }

  static func run(_ bytes: [UInt8]) {
    fuzz_memory_restart()
    let learned = try? LearnedModel(bytes)
    // Shapes are bounded, and all layers stand in the file.
    require(
      fuzz_memory_peak() <= 64 << 20 + 64 * bytes.count,
      "a model of \(bytes.count) bytes took \(fuzz_memory_peak())")
    guard let model = learned else { return }
    for file in files {
      var (header, end) = try! Header.parse(file, limits: .default)
      header.modelName = model.latents.name
      let other = header.bytes() + file[end...]
      for layer in DecoderOptions.Layer.allCases {
        _ = DecodeTarget.decoded(other, header, layer: layer, model: model)
      }
    }
    let options = EncoderOptions(
      mode: .lossless(preview: 50), effort: 1, verify: false, model: model)
    let result = MainLoop.attempt(cancelledAfter: 2) { () async throws(CodecError) in
      try await encode(image, options).bytes
    }
    guard case .success(let file) = result else { return }
    let copy = MainLoop.run { try? await decode(file, DecoderOptions(model: model)) }
    require(copy?.planes == image.planes, "with this model, the image does not come back")
  }
}
