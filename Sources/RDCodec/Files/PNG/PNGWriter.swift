internal import DecoderCore
import CPNG

/// libpng's writer, without metadata.
struct PNGWriter: ~Copyable, @unchecked Sendable {
  private let writer: OpaquePointer
  private let scaling: PNGScaling

  /// For an image of this kind, scaled; its planes may still be incomplete.
  init(_ image: borrowing Image, _ scaling: PNGScaling) throws(CodecError) {
    self.scaling = scaling
    var header = cpng_header()
    header.width = UInt32(image.width)
    header.height = UInt32(image.height)
    header.color_type = image.colorType.rawValue
    header.bit_depth = UInt8(scaling.depth)
    header.palette_count = UInt16(image.palette.count)
    header.palette_alpha_count = UInt16(image.paletteAlphaCount)
    if let color = image.transparentColor.map({ scaling($0[...]) }), let first = color.first,
      let last = color.last
    {
      header.has_transparent_color = 1
      header.transparent_color = (first, color.count == 3 ? color[1] : first, last)
    }
    var palette = image.palette.flatMap { [$0.red, $0.green, $0.blue, $0.alpha] }
    palette += Array(repeating: 0, count: Int(CPNG_PALETTE_SIZE) - palette.count)
    guard let writer = cpng_writer_create(&header, palette) else {
      throw .outOfMemory("the PNG file")
    }
    self.writer = writer
  }

  deinit { cpng_writer_destroy(writer) }

  func append(_ rows: Range<Int>, of image: borrowing Image) throws(CodecError) {
    let layout = PackedRows(
      width: image.width, height: rows.count, channelCount: image.colorType.channelCount,
      bitCount: scaling.depth)
    let bytes =
      scaling.isNone
      ? layout.pack(image.planes, from: rows.lowerBound)
      : layout.pack(
        image.planes.map {
          scaling($0[rows.lowerBound * image.width..<rows.upperBound * image.width])
        })
    var message = PNGStatus.emptyMessage
    let status = cpng_writer_append(
      writer, bytes, UInt32(rows.count), layout.rowByteCount, &message)
    try PNGStatus.check(status, message, byteCount: 0)
  }

  func finish() throws(CodecError) -> [UInt8] {
    var message = PNGStatus.emptyMessage
    var bytes: UnsafePointer<UInt8>?
    var count = 0
    let status = cpng_writer_finish(writer, &bytes, &count, &message)
    try PNGStatus.check(status, message, byteCount: 0)
    return Array(UnsafeBufferPointer(start: bytes, count: count))
  }
}
