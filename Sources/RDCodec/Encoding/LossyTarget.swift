internal import DecoderCore

/// What a lossy file should come to; the encoder finds the quality for it.
public enum LossyTarget: Sendable, Equatable {
  /// The whole file has at most this many bits per pixel.
  case bitsPerPixel(Double)
  /// The whole file has at most this many bytes.
  case byteCount(Int)
  /// The image has at least this PSNR, in decibels: one MSE over all colour samples.
  case psnr(Double)
  /// The image scores at least this by SSIMULACRA 2.1: 100 is the image itself. Needs 8 pixels a side.
  case ssimulacra2(Double)

  /// How near to the limit the encoder comes where the image allows it: 1 % of the bytes, 0.1 dB,
  /// a quarter of a point.
  static let sizeTolerance = 0.01
  static let psnrTolerance = 0.1
  static let scoreTolerance = 0.25

  /// The most bytes that a file may have; nil for other targets.
  func byteCount(pixelCount: Int) -> Int? {
    switch self {
    case .bitsPerPixel(let bits):
      // Nothing where it is no number, and no more than an Int holds.
      bits > 0 ? Int(min(bits * Double(pixelCount) / 8, 0x1p60)) : 0
    case .byteCount(let count): count
    case .psnr, .ssimulacra2: nil
    }
  }

  /// Whether it limits the quality, not the size.
  var isQuality: Bool {
    switch self {
    case .psnr, .ssimulacra2: true
    case .bitsPerPixel, .byteCount: false
    }
  }
}
