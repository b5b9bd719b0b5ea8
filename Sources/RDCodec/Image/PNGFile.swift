import CPNG

extension Image {
  /// Reads a PNG file: every colour type and depth, interlaced or not.
  ///
  /// Samples stay as they are stored: no gamma, palette indices stay indices, and tRNS goes to
  /// ``palette`` or ``transparentColor``. The palette that an RGB image may suggest is metadata.
  /// Animation frames are left out, and bytes after IEND are ignored.
  ///
  /// Throws ``CodecError/limitExceeded(_:needed:allowed:)`` before anything of the image is allocated.
  public init(png bytes: [UInt8], limits: DecoderLimits = .default) throws(CodecError) {
    if let size = PNGChunks.size(of: bytes) { try limits.check(size.width, size.height) }
    let reader = PNGReader(limits: limits)
    self = try reader.readHeader(bytes)
    let rows = packedRows
    try limits.check(memory: .reading(rows, fileByteCount: bytes.count))
    // Deflate makes at most 1032 bytes of one, so a file this short cannot hold the image.
    guard rows.byteCount / 1032 <= bytes.count else { throw .truncated(at: bytes.count) }
    planes = rows.unpack(try reader.readRows(bytes, rows))
    metadata = try PNGChunks.metadata(
      of: bytes, colorType: colorType, limit: limits.metadataByteCount)
    try validate()
  }

  /// Writes the image and its metadata as a PNG file that is not interlaced.
  ///
  /// Throws ``CodecError/unsupported(_:)`` where PNG has no samples of that depth, and
  /// ``CodecError/invalidImage(_:)`` where ``validate()`` does.
  public func pngBytes() throws(CodecError) -> [UInt8] {
    try validate()
    let stream = PNGStream()
    try stream.receive(0..<height, of: self)
    return try stream.finish()
  }

  /// How PNG lays out the samples.
  var packedRows: PackedRows {
    PackedRows(
      width: width, height: height, channelCount: colorType.channelCount, bitCount: depth)
  }
}

/// libpng's reader, called with and answering in Swift's types.
private struct PNGReader {
  let limits: cpng_limits

  init(limits: DecoderLimits) {
    // A palette must pass even where the limits allow no metadata.
    self.limits = cpng_limits(
      dimension: UInt32(clamping: max(limits.dimension, 1)), chunk_count: 1,
      chunk_byte_count: max(limits.metadataByteCount, Int(CPNG_PALETTE_SIZE)))
  }

  /// The image without planes and metadata.
  func readHeader(_ bytes: [UInt8]) throws(CodecError) -> Image {
    var limits = limits
    var header = cpng_header()
    var palette = [UInt8](repeating: 0, count: Int(CPNG_PALETTE_SIZE))
    var message = PNGStatus.emptyMessage
    let status = cpng_read_header(bytes, bytes.count, &limits, &header, &palette, &message)
    try PNGStatus.check(status, message, reading: bytes)
    guard let colorType = Image.ColorType(rawValue: header.color_type) else {
      throw .invalidImage("its colour type is \(header.color_type)")
    }
    let color = header.transparent_color
    return Image(
      width: Int(header.width), height: Int(header.height), colorType: colorType,
      depth: Int(header.bit_depth), planes: [],
      palette: (0..<Int(header.palette_count)).map { index in
        Image.PaletteEntry(
          red: palette[4 * index], green: palette[4 * index + 1], blue: palette[4 * index + 2],
          alpha: palette[4 * index + 3])
      },
      paletteAlphaCount: Int(header.palette_alpha_count),
      transparentColor: header.has_transparent_color == 0
        ? nil : colorType == .grey ? [color.0] : [color.0, color.1, color.2])
  }

  /// The samples in the layout `rows`.
  func readRows(_ bytes: [UInt8], _ rows: PackedRows) throws(CodecError) -> [UInt8] {
    var limits = limits
    var output = [UInt8](repeating: 0, count: rows.byteCount)
    var message = PNGStatus.emptyMessage
    let status = cpng_read_rows(
      bytes, bytes.count, &limits, &output, rows.rowByteCount, &message)
    try PNGStatus.check(status, message, reading: bytes)
    return output
  }
}
