import CPNG

/// libpng's reader, called with and answering in Swift's types.
struct PNGReader {
  private let limits: cpng_limits

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

  /// The samples in the layout `rows`, and what libpng warned of, "; " between.
  func readRows(
    _ bytes: [UInt8], _ rows: PackedRows
  ) throws(CodecError) -> (samples: [UInt8], remarks: String) {
    var limits = limits
    var output = [UInt8](repeating: 0, count: rows.byteCount)
    var message = PNGStatus.emptyMessage
    let status = cpng_read_rows(
      bytes, bytes.count, &limits, &output, rows.rowByteCount, &message)
    try PNGStatus.check(status, message, reading: bytes)
    return (output, PNGStatus.text(message))
  }
}
