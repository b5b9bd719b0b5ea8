import RDCodec

extension Metric {
  /// One MSE over all colour samples, in decibels.
  static let psnr = Metric(
    key: "psnr", name: "PSNR", decimals: 3,
    curve: Curve(
      key: "psnr", heading: "PSNR", unit: "dB",
      explanation: "PSNR of one MSE over all colour samples that can be seen",
      level: { $0 }),
    value: { PSNR.pooled($0, $1) })

  /// The mean of the channels' PSNRs.
  static let channelPSNR = Metric(
    key: "psnrChannelMean", name: "mean PSNR of channels", value: { PSNR.channelMean($0, $1) })
}
