/// A PBM, PGM, PPM (plain or raw) or PAM file.
struct NetpbmFile {
  let image: Image
  /// As in ``ReadImage/warnings``.
  let warnings: [String]

  /// Reads one image of any maxval, which becomes ``Image/statedPeak``.
  ///
  /// A PBM becomes 1-bit grey in which 1 is white. Throws ``CodecError/unsupported(_:)`` for files of
  /// several images and for tuple types other than grey and RGB.
  init(_ bytes: [UInt8], limits: DecoderLimits) throws(CodecError) {
    let header = try NetpbmHeader(bytes)
    try limits.check(header.width, header.height)
    try limits.check(memory: .reading(header.rows, fileByteCount: bytes.count))
    var end = header.byteCount
    var hasComments = header.hasComments
    var planes: [[UInt16]]
    switch header.encoding {
    case .plain:
      planes = try Self.plainPlanes(bytes, header, end: &end, hasComments: &hasComments)
    case .raw: planes = try Self.rawPlanes(bytes, header, end: &end)
    }
    let rest = bytes[end...].drop { $0 == 10 || $0 == 13 || $0 == 32 }
    if rest.count > 1, rest.first == UInt8(ascii: "P"), (49...55).contains(rest.dropFirst().first!)
    {
      throw .unsupported("several images in one Netpbm file")
    }
    if header.isBitmap { planes[0] = planes[0].map { 1 - $0 } }
    let image = Image(
      width: header.width, height: header.height, colorType: header.colorType,
      depth: header.depth, statedPeak: header.statedPeak, planes: planes)
    try image.validate()
    self.image = image
    warnings =
      (hasComments ? ["its comments are left out"] : [])
      + (rest.isEmpty ? [] : ["\(rest.count) bytes after the image are left out"])
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
    _ bytes: [UInt8], _ header: NetpbmHeader, end: inout Int, hasComments: inout Bool
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
        guard sample <= header.maxval else { throw .corrupt(field: "sample", at: start) }
        planes[channel][pixel] = UInt16(sample)
      }
    }
    end = scanner.position
    hasComments = hasComments || scanner.hasComments
    return planes
  }
}

extension Image {
  /// Reads a PBM, PGM, PPM or PAM file, without a word of what it leaves out.
  public init(netpbm bytes: [UInt8], limits: DecoderLimits = .default) throws(CodecError) {
    self = try NetpbmFile(bytes, limits: limits).image
  }
}
