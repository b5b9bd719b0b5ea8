package import DecoderCore

/// The models that are built into the program.
extension EncoderModel {
  /// The model for squared error.
  package static let embedded = embedded(.psnr)
  private static let visual = embedded(.visual)

  private static func embedded(_ tuning: Tuning) -> Result<EncoderModel, CodecError> {
    Result { () throws(CodecError) in
      try EncoderModel(LearnedModel(BuiltIn.weights(tuning)), tuning: tuning)
    }
  }

  /// The model that an encoder uses.
  static func chosen(_ options: EncoderOptions) throws(CodecError) -> EncoderModel {
    if let given = options.model { return try EncoderModel(given) }
    return try (options.tuning == .visual ? visual : embedded).get()
  }

  /// The decoder's half of the model of this hash: `given` or one that is built in.
  static func find(_ hash: UInt32, given: LearnedModel? = nil) throws(CodecError) -> LatentModel {
    if let given, given.latents.hash == hash { return given.latents }
    // One after the other: to parse a model takes time.
    for model in [{ embedded }, { visual }] {
      let latents = try model().get().latents
      if latents.hash == hash { return latents }
    }
    throw .unknownModel(LatentModel.identifier(hash))
  }
}
