internal import DecoderCore

/// What a lossy file should come to; the encoder finds the quality for it.
public enum LossyTarget: Sendable, Equatable {
  /// The whole file has at most this many bits per pixel.
  case bitsPerPixel(Double)
  /// The whole file has at most this many bytes.
  case byteCount(Int)
  /// The image has at least this PSNR, in decibels: one MSE over all colour samples.
  case psnr(Double)

  /// How near to the limit the encoder comes where the image allows it: 1 % of the bytes, 0.1 dB.
  static let sizeTolerance = 0.01
  static let psnrTolerance = 0.1

  /// The most bytes that a file may have; nil for other targets.
  func byteCount(pixelCount: Int) -> Int? {
    switch self {
    case .bitsPerPixel(let bits):
      // Nothing where it is no number, and no more than an Int holds.
      bits > 0 ? Int(min(bits * Double(pixelCount) / 8, 0x1p60)) : 0
    case .byteCount(let count): count
    case .psnr: nil
    }
  }
}
