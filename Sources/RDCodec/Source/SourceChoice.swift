/// Whether an image is coded as what its pixels came from: decided by what it costs.
enum SourceChoice {
  /// The source of an image, if it pays, and the residual's streams.
  static func streams(
    _ image: Image, _ tiling: Tiling, _ content: Header.Content, _ approximation: Approximation,
    _ options: EncoderOptions, plain: () async throws(CodecError) -> [CodedStream],
    step: @escaping @Sendable () -> Void
  ) async throws(CodecError) -> (source: ColorSource?, streams: [CodedStream]) {
    guard options.recoversSource, content == .lossless, image.colorType == .rgb,
      image.depth == 8,
      let recovered = LatticeRecovery.recover(
        image.planes, width: image.width, height: image.height)
    else { return (nil, try await plain()) }
    let streams = try await SourceStreams.encode(
      recovered, image, tiling, approximation, options, step: step)
    return (recovered.source, streams)
  }
}
