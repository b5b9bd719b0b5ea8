extension Image {
  /// Reads a PBM, PGM, PPM (plain or raw) or PAM file whose maxval is 2^n − 1.
  ///
  /// A PBM becomes 1-bit grey in which 1 is white. Comments are left out. Throws
  /// ``CodecError/unsupported(_:)`` for other maxvals and for files of several images.
  public init(netpbm bytes: [UInt8], limits: DecoderLimits = .default) throws(CodecError) {
    let header = try NetpbmHeader(bytes)
    try limits.check(header.width, header.height)
    try limits.check(memory: .reading(header.rows, fileByteCount: bytes.count))
    var end = header.byteCount
    var planes: [[UInt16]]
    switch header.encoding {
    case .plain: planes = try Self.plainPlanes(bytes, header, end: &end)
    case .raw: planes = try Self.rawPlanes(bytes, header, end: &end)
    }
    let rest = bytes[end...].drop { $0 == 10 || $0 == 13 || $0 == 32 }.prefix(2)
    if rest.first == UInt8(ascii: "P"), let digit = rest.last, (49...55).contains(digit) {
      throw .unsupported("several images in one Netpbm file")
    }
    if header.isBitmap { planes[0] = planes[0].map { 1 - $0 } }
    self.init(
      width: header.width, height: header.height, colorType: header.colorType,
      depth: header.depth, planes: planes)
    try validate()
  }

  /// Writes PGM or PPM, or PAM where there is alpha; a palette is applied first.
  ///
  /// These formats hold neither metadata nor a transparent colour: both are left out.
  public func netpbmBytes() throws(CodecError) -> [UInt8] {
    try validate()
    let image = expandedToRGB()
    switch image.colorType {
    case .grey: return image.netpbmBytes(header: "P5\n\(width) \(height)\n\(image.maxval)\n")
    case .rgb: return image.netpbmBytes(header: "P6\n\(width) \(height)\n\(image.maxval)\n")
    case .greyAlpha, .rgba, .palette: return image.netpbmBytes(header: image.pamHeader)
    }
  }

  /// Writes PAM; a palette is applied first, metadata and transparent colour are left out.
  public func pamBytes() throws(CodecError) -> [UInt8] {
    try validate()
    let image = expandedToRGB()
    return image.netpbmBytes(header: image.pamHeader)
  }

  private static func rawPlanes(
    _ bytes: [UInt8], _ header: NetpbmHeader, end: inout Int
  ) throws(CodecError) -> [[UInt16]] {
    let rows = header.rows
    guard rows.byteCount <= bytes.count - end else { throw .truncated(at: bytes.count) }
    defer { end += rows.byteCount }
    return rows.unpack(bytes, from: end)
  }

  private static func plainPlanes(
    _ bytes: [UInt8], _ header: NetpbmHeader, end: inout Int
  ) throws(CodecError) -> [[UInt16]] {
    let channelCount = header.colorType.channelCount
    let pixelCount = header.width * header.height
    var scanner = NetpbmScanner(bytes, at: end)
    // A number takes a digit and, except the last, white space; a bit takes a digit.
    let leastCount = header.isBitmap ? pixelCount : 2 * pixelCount * channelCount - 1
    guard leastCount <= scanner.remainingCount else { throw .truncated(at: bytes.count) }
    let plane = [UInt16](repeating: 0, count: pixelCount)
    var planes = Array(repeating: plane, count: channelCount)
    for pixel in 0..<pixelCount {
      for channel in 0..<channelCount {
        let start = scanner.position
        let sample = header.isBitmap ? try scanner.bit() : try scanner.number("sample")
        guard sample < 1 << header.depth else { throw .corrupt(field: "sample", at: start) }
        planes[channel][pixel] = UInt16(sample)
      }
    }
    end = scanner.position
    return planes
  }

  private var maxval: Int { (1 << depth) - 1 }

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
      MAXVAL \(maxval)
      TUPLTYPE \(tupleType)
      ENDHDR

      """
  }

  private func netpbmBytes(header: String) -> [UInt8] {
    let rows = PackedRows(
      width: width, height: height, channelCount: colorType.channelCount,
      bitCount: depth <= 8 ? 8 : 16)
    return Array(header.utf8) + rows.pack(planes)
  }
}
