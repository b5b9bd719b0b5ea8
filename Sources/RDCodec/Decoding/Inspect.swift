internal import DecoderCore

/// Reads the header and the tile table.
public func inspect(
  _ bytes: [UInt8], limits: DecoderLimits = .default
) throws(CodecError) -> BitstreamInfo {
  try inspect(ByteSource(bytes), limits: limits)
}

/// Reads the header and the tile table, and nothing else of the source.
public func inspect(
  _ source: ByteSource, limits: DecoderLimits = .default
) throws(CodecError) -> BitstreamInfo {
  let stream = try Bitstream(source, limits: limits)
  var info = BitstreamInfo(stream)
  if stream.header.hasLatents {
    info.modelIdentifier = BuiltIn.identifier(stream.header.modelName)
  }
  return info
}
