/// The trained model: encoder, prior and decoder of the latents.
struct LatentModel: Sendable {
  /// What it is built like.
  let shape: ModelShape
  /// Names the model in a bitstream.
  let hash: UInt32
  /// The distortion that it was trained for; decoders do not care.
  let tuning: Tuning
  let encoder: LatentEncoder
  let prior: Prior
  let decoder: LatentDecoder
  private let logGain: Weights.Table

  init(_ weights: Weights, tuning: Tuning = .psnr) throws(CodecError) {
    shape = weights.shape
    hash = weights.hash
    self.tuning = tuning
    encoder = try LatentEncoder(weights)
    prior = try Prior(weights)
    decoder = try LatentDecoder(weights)
    logGain = try weights.table(
      "log_gain", rows: QualityPosition.anchorCount, columns: shape.latents)
  }

  /// The quantisation steps at `position`.
  func gains(at position: QualityPosition) -> Gains {
    Gains(logGains: position.interpolate(logGain))
  }

  /// The model for squared error that is built into the program.
  static let embedded = embedded(.psnr)
  private static let visual = embedded(.visual)

  private static func embedded(_ tuning: Tuning) -> Result<LatentModel, CodecError> {
    Result { () throws(CodecError) in
      try LatentModel(Weights(ModelKernels.embeddedWeights(tuning)), tuning: tuning)
    }
  }

  /// The model of this hash: `given` or one that is built in.
  static func find(_ hash: UInt32, given: LearnedModel? = nil) throws(CodecError) -> LatentModel {
    if let given, given.latents.hash == hash { return given.latents }
    // One after the other: to parse a model takes time.
    let first = try embedded.get()
    if first.hash == hash { return first }
    let second = try visual.get()
    if second.hash == hash { return second }
    throw .unknownModel(identifier(hash))
  }

  /// The model that an encoder uses.
  static func chosen(_ options: EncoderOptions) throws(CodecError) -> LatentModel {
    if let given = options.model { return given.latents }
    return try (options.tuning == .visual ? visual : embedded).get()
  }

  /// How a model is called in messages.
  static func identifier(_ hash: UInt32) -> String {
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }
}

/// A trained model that was read from a file.
public struct LearnedModel: Sendable, Equatable {
  let latents: LatentModel

  /// Reads a weights file (docs/FORMAT.md §7); throws where a layer is missing or misshapen.
  public init(_ bytes: [UInt8]) throws(CodecError) {
    latents = try LatentModel(Weights(bytes))
  }

  /// What bitstreams call this model: the weights file's CRC-32 in hexadecimal digits.
  public var identifier: String { LatentModel.identifier(latents.hash) }

  public static func == (a: LearnedModel, b: LearnedModel) -> Bool {
    a.latents.hash == b.latents.hash
  }
}
