internal import CKernels

/// The trained model as far as a decoder needs it: prior and decoder of the latents.
package struct LatentModel: Sendable {
  /// What it is built like.
  package let shape: ModelShape
  /// Names the model in a bitstream.
  package let name: UInt64
  package let prior: Prior
  package let decoder: LatentDecoder
  private let logGain: Weights.Table

  package init(_ weights: Weights) throws(CodecError) {
    shape = weights.shape
    name = weights.name
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
  package static func identifier(_ name: UInt64) -> String {
    let digits = String(name, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
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
    let environment = ck_float_enter()
    defer { ck_float_leave(environment) }
    self.weights = weights
    latents = try LatentModel(weights)
  }

  /// What bitstreams call this model, in 16 hexadecimal digits: the first of the SHA-256 of all that
  /// is learned, the weights file and what residual coders start from.
  public var identifier: String { LatentModel.identifier(latents.name) }

  public static func == (a: LearnedModel, b: LearnedModel) -> Bool {
    a.latents.name == b.latents.name
  }
}
