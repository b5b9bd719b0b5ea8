/// A file format of uncompressed or losslessly compressed images that are read and written.
///
/// The raw value is the extension of its files.
public enum ImageFormat: String, Sendable, CaseIterable {
  case png
  /// Black and white (P4).
  case pbm
  /// Grey (P5).
  case pgm
  /// RGB (P6).
  case ppm
  /// Whichever of PBM, PGM and PPM the image is.
  case pnm
  /// Grey or RGB, with alpha or without (P7).
  case pam

  /// The format to write under this extension ("png", "PPM", …); nil for others.
  public init?(fileExtension: String) {
    self.init(rawValue: fileExtension.lowercased())
  }
}

/// An image file as it was read.
public struct ReadImage: Sendable {
  public var image: Image
  /// What the file has and the image has not, or what is wrong with it and passed over as viewers do:
  /// each in words that follow the file's name and a colon, "its animation of 3 frames is left out".
  public var warnings: [String]

  /// Reads a PNG, PNM or PAM file, told apart by its first bytes.
  public init(_ bytes: [UInt8], limits: DecoderLimits = .default) throws(CodecError) {
    // The first four bytes alone, so that a damaged signature gets the message of the PNG reader.
    if bytes.starts(with: PNGChunks.signature.prefix(4)) {
      let file = try PNGFile(bytes, limits: limits)
      (image, warnings) = (file.image, file.warnings)
    } else if bytes.first == UInt8(ascii: "P"), bytes.count > 1, (49...55).contains(bytes[1]) {
      let file = try NetpbmFile(bytes, limits: limits)
      (image, warnings) = (file.image, file.warnings)
    } else {
      throw .notImage(FileKind(bytes))
    }
  }
}

/// Reads a PNG, PNM or PAM file, told apart by its first bytes; ``ReadImage`` also says what is left out.
public func readImage(
  _ bytes: [UInt8], limits: DecoderLimits = .default
) throws(CodecError) -> Image {
  try ReadImage(bytes, limits: limits).image
}

/// Writes an image in the given format.
///
/// PNG keeps all there is, or scales samples of depths that it lacks. The others keep the picture; what they
/// cannot hold is left out, as ``ImageFormat/losses(of:)`` says. Throws ``CodecError/unsupported(_:)``
/// where ``ImageFormat/misfit(of:)`` has a reason why the picture itself would change.
public func writeImage(_ image: Image, as format: ImageFormat) throws(CodecError) -> [UInt8] {
  try format == .png ? image.pngBytes() : image.netpbmBytes(as: format)
}
