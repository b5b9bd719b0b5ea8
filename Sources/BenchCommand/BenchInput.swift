import CommandSupport
import RDCodec

/// An image that bench measures, and the file that it came in.
struct BenchInput: Sendable {
  /// As on the command line, or as found in a folder.
  var file: String
  /// "PNG" or "PNM".
  var format: String
  var byteCount: Int
  var image: Image
  /// What reading the image took, once the bytes were in memory.
  var readSeconds: Double

  init(_ file: String, limits: DecoderLimits) throws {
    let bytes = try InputFile.read(file)
    self.file = file
    format = bytes.first == UInt8(ascii: "P") ? "PNM" : "PNG"
    byteCount = bytes.count
    let start = ContinuousClock.now
    image = try readImage(bytes, limits: limits)
    readSeconds = (ContinuousClock.now - start).seconds
  }
}
