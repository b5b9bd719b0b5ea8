/// A file format of uncompressed or losslessly compressed images that are read and written.
public enum ImageFormat: String, Sendable, CaseIterable {
  case png
  /// PGM or PPM, or PAM where there is alpha; PBM is read only.
  case pnm
  case pam

  /// The format to write under this extension ("png", "PPM", …); nil for others.
  public init?(fileExtension: String) {
    switch fileExtension.lowercased() {
    case "png": self = .png
    case "pnm", "pgm", "ppm": self = .pnm
    case "pam": self = .pam
    default: return nil
    }
  }
}

/// Reads a PNG, PNM or PAM file, told apart by its first bytes.
public func readImage(
  _ bytes: [UInt8], limits: DecoderLimits = .default
) throws(CodecError) -> Image {
  // The first four bytes alone, so that a damaged signature gets the message of the PNG reader.
  if bytes.starts(with: PNGChunks.signature.prefix(4)) {
    return try Image(png: bytes, limits: limits)
  }
  if bytes.first == UInt8(ascii: "P"), bytes.count > 1, (49...55).contains(bytes[1]) {
    return try Image(netpbm: bytes, limits: limits)
  }
  throw .notImage(FileKind(bytes))
}

/// What ``readImage(_:limits:)`` leaves out of a file that it reads: types of PNG chunks, each once.
///
/// These are animation frames (`acTL`, `fcTL`, `fdAT`), unknown chunks that PNG forbids to copy blindly, and
/// chunks with a wrong CRC.
public func chunksLeftOut(of bytes: [UInt8]) -> [String] {
  bytes.starts(with: PNGChunks.signature) ? PNGChunks.leftOut(of: bytes) : []
}

/// Writes an image in the given format.
///
/// PNG keeps all there is; PNM and PAM keep the samples, with a palette applied.
public func writeImage(_ image: Image, as format: ImageFormat) throws(CodecError) -> [UInt8] {
  switch format {
  case .png: try image.pngBytes()
  case .pnm: try image.netpbmBytes()
  case .pam: try image.pamBytes()
  }
}
