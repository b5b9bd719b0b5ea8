package import DecoderCore

/// The models that are built into the program, with what only encoders need of them.
extension EncoderModel {
  /// The model for squared error.
  package static let embedded = embedded(.psnr)
  private static let visual = embedded(.visual)

  private static func embedded(_ tuning: Tuning) -> Result<EncoderModel, CodecError> {
    Result { () throws(CodecError) in
      try EncoderModel(BuiltIn.model(tuning), tuning: tuning)
    }
  }

  /// The model that an encoder uses.
  static func chosen(_ options: EncoderOptions) throws(CodecError) -> EncoderModel {
    if let given = options.model { return try EncoderModel(given) }
    return try (options.tuning == .visual ? visual : embedded).get()
  }
}

extension LatentModel {
  /// The model of this name: `given` or one that is built in.
  static func find(_ name: UInt64, given: LearnedModel? = nil) throws(CodecError) -> LatentModel {
    if let given, given.latents.name == name { return given.latents }
    guard let tuning = BuiltIn.tuning(ofModel: name) else {
      throw .unknownModel(identifier(name))
    }
    return try BuiltIn.model(tuning).latents
  }
}
