internal import DecoderCore

/// Takes an image from the top as it is decoded, some rows at a time; nobody has to hold all of
/// them.
public protocol ImageRowReceiver: Sendable {
  /// Comes first: all of the image but its samples. Its planes are there, and empty.
  func begin(_ image: Image) throws(CodecError)

  /// The next rows: an image of the whole one's width and of at least one row, with all of its
  /// planes and nothing else that counts.
  ///
  /// Decoding ends with what this throws.
  func receive(_ rows: Image) throws(CodecError)
}
