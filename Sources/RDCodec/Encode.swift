/// A bitstream, and what its symbols cost by the objective and as written.
public struct EncodedImage: Sendable, Equatable {
  /// Bits of one layer.
  public struct Layer: Sendable, Equatable {
    /// −log₂ p summed over the coded symbols: R(z) or H(x|z).
    public var objectiveBits: Double
    /// Bits of the coded streams as they stand in the file.
    public var writtenBits: Int
    public init(objectiveBits: Double = 0, writtenBits: Int = 0) {
      self.objectiveBits = objectiveBits
      self.writtenBits = writtenBits
    }
  }

  /// The whole file.
  public var bytes: [UInt8]
  /// The latents z: the rate.
  public var rate: Layer
  /// The residual x given z: the distortion in bits; alpha of a lossy image counts here.
  public var residual: Layer
}

/// Encodes an image.
///
/// The bytes depend on the image and on the options except `jobs` and `verify`.
public func encode(
  _ image: Image, _ options: EncoderOptions = .lossless, progress: ProgressHandler? = nil
) async throws(CodecError) -> EncodedImage {
  throw .unsupported("encode")
}
