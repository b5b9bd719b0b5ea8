internal import CKernels
internal import DecoderCore

/// What this version of the codec writes and reads.
public enum BuiltIn {
  /// The version of the format, the only one that is written and read.
  public static var formatVersion: Int { Int(Header.version) }

  /// The SHA-256 of all that is learned for `tuning`, whose first 16 digits bitstreams hold: the
  /// model's weights and what the residual coders start from.
  public static func modelIdentifier(of tuning: Tuning) -> String {
    String(cString: embedded(tuning).digest)
  }

  private static func name(of tuning: Tuning) -> UInt64 {
    UInt64(modelIdentifier(of: tuning).prefix(16), radix: 16)!
  }

  /// How reports call the model that a bitstream names: in full where it is built in.
  static func identifier(_ name: UInt64) -> String {
    tuning(ofModel: name).map { modelIdentifier(of: $0) } ?? LatentModel.identifier(name)
  }

  /// The trained weights that are built into the program.
  package static func weights(_ tuning: Tuning) -> [UInt8] {
    let weights = embedded(tuning)
    return Array(UnsafeBufferPointer(start: weights.bytes, count: weights.size))
  }

  private static func embedded(_ tuning: Tuning) -> ck_weights {
    switch tuning {
    case .psnr: ck_weights_psnr()
    case .visual: ck_weights_visual()
    }
  }

  /// The model for `tuning`, parsed once.
  static func model(_ tuning: Tuning) throws(CodecError) -> LearnedModel {
    try (tuning == .visual ? visual : psnr).get()
  }

  /// The tuning whose model bitstreams call so.
  static func tuning(ofModel name: UInt64) -> Tuning? {
    for tuning in Tuning.allCases where self.name(of: tuning) == name { return tuning }
    return nil
  }

  private static let psnr = parsed(.psnr)
  private static let visual = parsed(.visual)

  private static func parsed(_ tuning: Tuning) -> Result<LearnedModel, CodecError> {
    Result { () throws(CodecError) in
      let weights = embedded(tuning)
      let bytes = UnsafeRawBufferPointer(start: weights.bytes, count: weights.size)
      return try LearnedModel(Weights(.memory(bytes), name: name(of: tuning)))
    }
  }
}
