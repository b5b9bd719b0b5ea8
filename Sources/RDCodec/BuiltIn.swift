/// What this version of the codec writes and reads.
public enum BuiltIn {
  /// The version of the format, the only one that is written and read.
  public static var formatVersion: Int { Int(Header.version) }

  /// What bitstreams call the built-in model for `tuning`: eight hexadecimal digits.
  public static func modelIdentifier(of tuning: Tuning) -> String {
    // The hash alone: to parse a model takes time.
    let weights = ModelKernels.embeddedWeights(tuning)
    return LatentModel.identifier(Zlib.crc32(weights, in: 0..<weights.count))
  }
}
