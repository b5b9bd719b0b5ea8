internal import DecoderCore

/// What a lossy image is to be good at for its bits.
public enum Tuning: String, Sendable, CaseIterable {
  /// The least squared error.
  case psnr
  /// Structure as the eye sees it (MS-SSIM), at the price of squared error.
  case visual
}
