import RDCodec

extension Metric {
  static let msSSIM = Metric(
    key: "msSSIM", name: "MS-SSIM", decimals: 5,
    curve: Curve(
      key: "msSSIMDecibels", heading: "MS-SSIM, dB", unit: "dB",
      explanation:
        "MS-SSIM as &minus;10&nbsp;log<sub>10</sub>(1&nbsp;&minus;&nbsp;MS-SSIM)",
      level: { MSSSIM.decibels($0) }),
    value: { MSSSIM.mean($0, $1) })

  /// At the scale of the image.
  static let ssim = Metric(key: "ssim", name: "SSIM", value: { SSIM.mean($0, $1) })
}
