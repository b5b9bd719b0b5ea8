import CPNG
internal import DecoderCore

/// Writes the chunks of a PNG through libpng, and its rows, without metadata: what is written waits
/// in memory until it is taken.
struct PNGWriter: ~Copyable, @unchecked Sendable {
  private let writer: OpaquePointer
  private let scaling: PNGScaling
  private let output: PNGOutput
  private var bands: PNGBands

  /// For an image of this kind, whose samples count later.
  init(
    _ image: borrowing Image, _ scaling: PNGScaling, _ options: ImageWriterOptions
  ) throws(CodecError) {
    self.scaling = scaling
    output = PNGOutput()
    bands = PNGBands(
      PackedRows(
        width: image.width, height: image.height, channelCount: image.colorType.channelCount,
        bitCount: scaling.depth),
      isPalette: image.colorType == .palette, options)
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
    let context = Unmanaged.passUnretained(output).toOpaque()
    guard let writer = cpng_writer_create(PNGOutput.write, context, &header, palette) else {
      throw .outOfMemory("the PNG file")
    }
    self.writer = writer
  }

  deinit { cpng_writer_destroy(writer) }

  /// Writes signature and IHDR.
  func writeSize() throws(CodecError) {
    try check { message in cpng_writer_size(writer, &message) }
  }

  /// Writes PLTE and tRNS, where there are such.
  func writePalette() throws(CodecError) {
    try check { message in cpng_writer_palette(writer, &message) }
  }

  /// Writes some rows of `image`, which may be all or a part.
  mutating func append(_ rows: Range<Int>, of image: borrowing Image) throws(CodecError) {
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
    for data in try bands.append(bytes) { try write("IDAT", data) }
  }

  /// Writes chunks as they are.
  func append(_ chunks: [UInt8]) { output.bytes += chunks }

  /// Writes IEND.
  func writeEnd() throws(CodecError) { try write("IEND", []) }

  /// Writes a chunk, or several where one cannot take so much.
  private func write(_ type: String, _ data: [UInt8]) throws(CodecError) {
    let most = Int(Int32.max)
    for start in stride(from: 0, to: max(data.count, 1), by: most) {
      try data.withUnsafeBufferPointer { bytes throws(CodecError) in
        let count = min(most, bytes.count - start)
        try check { message in
          cpng_writer_chunk(
            writer, type, bytes.baseAddress.map { $0 + start }, count, &message)
        }
      }
    }
  }

  /// What has been written since the last time.
  func takeBytes() -> [UInt8] {
    defer { output.bytes = [] }
    return output.bytes
  }

  private func check(_ call: (inout [CChar]) -> cpng_status) throws(CodecError) {
    var message = PNGStatus.emptyMessage
    let status = call(&message)
    try PNGStatus.check(status, message, byteCount: 0)
  }
}

/// Takes what libpng writes.
private final class PNGOutput {
  var bytes: [UInt8] = []

  /// For libpng.
  static let write: @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<UInt8>?, Int) -> Void =
    {
      context, source, count in
      Unmanaged<PNGOutput>.fromOpaque(context!).takeUnretainedValue()
        .bytes.append(contentsOf: UnsafeBufferPointer(start: source, count: count))
    }
}
