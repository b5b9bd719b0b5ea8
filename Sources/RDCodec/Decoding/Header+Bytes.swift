internal import DecoderCore

extension Header {
  /// As it stands in a file.
  func bytes() -> [UInt8] { bytes(deflate: Zlib.deflate) }
}
