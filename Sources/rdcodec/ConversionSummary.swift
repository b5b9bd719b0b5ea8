import CommandSupport
import RDCodec

/// What a conversion did, in one line.
struct ConversionSummary {
  var conversion: Conversion
  var image: Image
  var inputByteCount: Int
  var outputByteCount: Int
  /// Bytes of whichever of the two is the .rdc file.
  var bitstreamByteCount: Int
  /// Pixels that the .rdc file holds, where `image` is a part of them.
  var bitstreamPixelCount: Int?
  /// Whether the output's fraction of the input's bytes says anything: an image that is restored is
  /// no loss.
  var showsFraction = true
  var duration: Duration

  var line: String {
    let pixels = Double(image.pixelCount)
    let bitstreamPixels = Double(bitstreamPixelCount ?? image.pixelCount)
    let percent = 100 * Double(outputByteCount) / Double(max(1, inputByteCount))
    let fraction = showsFraction ? " (\(fixed(percent, 1)) %)" : ""
    let seconds = duration.seconds
    return [
      "\(InputFile.displayName(conversion.input)): \(image.width) x \(image.height)",
      "\(image.planes.count) x \(image.depth) bits",
      "\(inputByteCount) -> \(outputByteCount) bytes\(fraction)",
      "\(fixed(Double(bitstreamByteCount) * 8 / bitstreamPixels, 3)) bpp",
      "\(fixed(seconds, 2)) s",
      "\(fixed(pixels / seconds / 1e6, 2)) MP/s",
    ].joined(separator: ", ")
  }
}
