internal import DecoderCore

/// Turns the bitstream of an exact or nearly exact image into that of its preview, by leaving out
/// the residual; nothing is decoded.
///
/// The result decodes to what ``DecoderOptions/Layer/preview`` gives of the whole bitstream. Of a
/// lossy file, which has no other image, all stays. A file that was cut after its latents will do.
public func strip(
  _ bytes: [UInt8], limits: DecoderLimits = .default
) throws(CodecError) -> [UInt8] {
  let stream = try Bitstream(bytes, limits: limits)
  var header = stream.header
  guard header.content.hasSamples else {
    try stream.check(all: true)
    return bytes
  }
  try stream.check(all: false)
  for tile in stream.latents.indices { _ = try stream.checkedLatents(tile) }
  let type = header.lossyType(hasAlpha: false)
  header.boxes.metadata = header.metadata(for: type)
  header.boxes.palette = []
  header.boxes.paletteAlphaCount = 0
  header.boxes.transparentColor = nil
  header.depth = header.lossyDepth
  header.colorType = type
  header.content = .latentsOnly
  header.maximumError = 0
  header.source = nil
  header.residuals = []
  let latents = stream.latents[0].lowerBound..<stream.latents[stream.latents.count - 1].upperBound
  return header.bytes() + bytes[latents]
}
