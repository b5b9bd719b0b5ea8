internal import DecoderCore

/// Takes the rows of an image as soon as they are decoded, while those below are still on their way.
public protocol ImageRowReceiver: Sendable {
  /// `rows` of `image` are complete, and come after those of the last call; rows below are not
  /// complete yet, everything else of `image` is.
  func receive(_ rows: Range<Int>, of image: Image) throws(CodecError)
}
