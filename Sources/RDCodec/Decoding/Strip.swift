internal import DecoderCore

/// Turns the bitstream of an exact or nearly exact image into that of its preview, by leaving out
/// the residual.
///
/// The preview is decoded for the checksums of its samples, and nothing is encoded again.
/// The result decodes to what ``DecoderOptions/Layer/preview`` gives of the whole bitstream. Of a
/// lossy file, which has no other image, all stays. A file that was cut after its latents will do.
public func strip(
  _ bytes: [UInt8], _ options: DecoderOptions = DecoderOptions()
) async throws(CodecError) -> [UInt8] {
  let stream = try Bitstream(bytes, limits: options.limits)
  var header = stream.header
  guard header.content.hasSamples else {
    try stream.check(all: true)
    return bytes
  }
  try stream.check(all: false)
  let type = header.lossyType(hasAlpha: false)
  header.boxes.metadata = header.metadata(for: type)
  header.boxes.palette = []
  header.boxes.paletteAlphaCount = 0
  header.boxes.transparentColor = nil
  header.depth = header.lossyDepth
  header.colorType = type
  header.widening = .none
  header.content = .latentsOnly
  header.maximumError = 0
  header.source = nil
  header.residuals = []
  let latents = stream.latents[0].lowerBound..<stream.latents[stream.latents.count - 1].upperBound
  let stripped = header.bytes() + bytes[latents]
  return try await onFloatExecutor { () async throws(CodecError) in
    try await sealed(
      stripped, jobs: options.jobs, model: options.model, limits: options.limits)
  }
}
