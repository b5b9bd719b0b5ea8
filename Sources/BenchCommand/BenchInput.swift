import CommandSupport
import RDCodec

/// An image that bench measures, and the file that it came in.
struct BenchInput: Sendable {
  static let jpegFormat = "JPEG"

  /// As on the command line, or as found in a folder.
  var file: String
  /// "PNG", "PNM" or "JPEG".
  var format: String
  /// The bytes of a JPEG file.
  var jpeg: [UInt8]?
  var byteCount: Int
  var image: Image
  /// What reading the image took, once the bytes were in memory.
  var readSeconds: Double

  init(_ file: String, limits: DecoderLimits) throws {
    let bytes = try InputFile.read(file)
    self.file = file
    let isJPEG = bytes.starts(with: [0xFF, 0xD8])
    format = isJPEG ? Self.jpegFormat : bytes.first == UInt8(ascii: "P") ? "PNM" : "PNG"
    jpeg = isJPEG ? bytes : nil
    byteCount = bytes.count
    let start = ContinuousClock.now
    image = try readImage(bytes, limits: limits)
    readSeconds = (ContinuousClock.now - start).seconds
  }

  /// The bytes of the JPEG file, where it is kept as it is and not only its pixels.
  func keptJPEG(_ options: EncoderOptions) -> [UInt8]? {
    options.mode.isLossless && options.recoversSource ? jpeg : nil
  }
}
