/// The trained model as far as a decoder needs it: prior and decoder of the latents.
package struct LatentModel: Sendable {
  /// What it is built like.
  package let shape: ModelShape
  /// Names the model in a bitstream.
  package let hash: UInt32
  package let prior: Prior
  package let decoder: LatentDecoder
  private let logGain: Weights.Table

  package init(_ weights: Weights) throws(CodecError) {
    shape = weights.shape
    hash = weights.hash
    prior = try Prior(weights)
    decoder = try LatentDecoder(weights)
    logGain = try weights.table(
      "log_gain", rows: QualityPosition.anchorCount, columns: shape.latents)
  }

  /// The quantisation steps at `position`.
  package func gains(at position: QualityPosition) -> Gains {
    Gains(logGains: position.interpolate(logGain))
  }

  /// How a model is called in messages.
  package static func identifier(_ hash: UInt32) -> String {
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }
}

/// A trained model that was read from a file.
public struct LearnedModel: Sendable, Equatable {
  package let latents: LatentModel
  /// All layers, those of the encoder too.
  package let weights: Weights

  /// Reads a weights file (docs/FORMAT.md §7); throws where a layer that decoders need is missing
  /// or misshapen.
  public init(_ bytes: [UInt8]) throws(CodecError) { try self.init(Weights(bytes)) }

  package init(_ weights: Weights) throws(CodecError) {
    self.weights = weights
    latents = try LatentModel(weights)
  }

  /// What bitstreams call this model: the weights file's CRC-32 in hexadecimal digits.
  public var identifier: String { LatentModel.identifier(latents.hash) }

  public static func == (a: LearnedModel, b: LearnedModel) -> Bool {
    a.latents.hash == b.latents.hash
  }
}
