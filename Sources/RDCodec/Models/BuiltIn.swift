internal import CKernels
internal import DecoderCore

/// What this version of the codec writes and reads.
public enum BuiltIn {
  /// The version of the format, the only one that is written and read.
  public static var formatVersion: Int { Int(Header.version) }

  /// What bitstreams call the built-in model for `tuning`: eight hexadecimal digits.
  public static func modelIdentifier(of tuning: Tuning) -> String {
    // The hash alone: to parse a model takes time.
    let weights = weights(tuning)
    return LatentModel.identifier(Checksum.crc32(weights, in: 0..<weights.count))
  }

  /// The trained weights that are built into the program.
  static func weights(_ tuning: Tuning) -> [UInt8] {
    let weights =
      switch tuning {
      case .psnr: ck_weights_psnr()
      case .visual: ck_weights_visual()
      }
    return Array(UnsafeBufferPointer(start: weights.bytes, count: weights.size))
  }
}
