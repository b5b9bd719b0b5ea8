/// Decodes a bitstream that ``encode(_:_:progress:)`` wrote.
public func decode(
  _ bytes: [UInt8], _ options: DecoderOptions = DecoderOptions(), progress: ProgressHandler? = nil
) async throws(CodecError) -> Image {
  throw .unsupported("decode")
}
