extension Image {
  /// Writes PBM, PGM, PPM or PAM, raw.
  ///
  /// Throws ``CodecError/unsupported(_:)`` where the format cannot show the picture.
  func netpbmBytes(as format: ImageFormat) throws(CodecError) -> [UInt8] {
    try validate()
    let image: Image
    do {
      image = try fitting(format)
    } catch {
      let names = error.alternatives.map { ".\($0.rawValue)" }.joined(separator: " or ")
      throw .unsupported("\(error.problem); \(names) can")
    }
    if format == .pam { return Array(image.pamHeader.utf8) + image.rows(bitCount: nil) }
    let size = "\(width) \(height)\n"
    switch (image.colorType, image.depth) {
    case (.grey, 1) where format != .pgm:
      // In a bitmap 1 is black.
      var inverted = image
      inverted.planes[0] = image.planes[0].map { 1 - $0 }
      return Array("P4\n\(size)".utf8) + inverted.rows(bitCount: 1)
    case (.grey, _):
      return Array("P5\n\(size)\(image.peak)\n".utf8) + image.rows(bitCount: nil)
    default:
      return Array("P6\n\(size)\(image.peak)\n".utf8) + image.rows(bitCount: nil)
    }
  }

  private var pamHeader: String {
    let tupleType =
      switch colorType {
      case .grey: depth == 1 ? "BLACKANDWHITE" : "GRAYSCALE"
      case .greyAlpha: depth == 1 ? "BLACKANDWHITE_ALPHA" : "GRAYSCALE_ALPHA"
      case .rgb, .palette: "RGB"
      case .rgba: "RGB_ALPHA"
      }
    return """
      P7
      WIDTH \(width)
      HEIGHT \(height)
      DEPTH \(colorType.channelCount)
      MAXVAL \(peak)
      TUPLTYPE \(tupleType)
      ENDHDR

      """
  }

  /// The samples, in one byte or two where no number of bits is given.
  private func rows(bitCount: Int?) -> [UInt8] {
    PackedRows(
      width: width, height: height, channelCount: colorType.channelCount,
      bitCount: bitCount ?? (depth <= 8 ? 8 : 16)
    ).pack(planes)
  }
}
