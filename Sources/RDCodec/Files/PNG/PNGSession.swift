import CPNG
internal import DecoderCore

/// libpng's reader on its way through a file, called with and answering in Swift's types.
final class PNGSession {
  private let source: PNGSource
  private let reader: OpaquePointer
  /// Whether rows can be read only all at once; known with the header.
  private(set) var isInterlaced = false

  init(_ file: ByteSource, limits: DecoderLimits) throws(CodecError) {
    source = PNGSource(file)
    // A palette must pass even where the limits allow no metadata.
    var limits = cpng_limits(
      dimension: UInt32(clamping: max(limits.dimension, 1)), chunk_count: 1,
      chunk_byte_count: max(limits.metadataByteCount, Int(CPNG_PALETTE_SIZE)))
    let context = Unmanaged.passUnretained(source).toOpaque()
    guard let reader = cpng_reader_create(PNGSource.read, context, &limits) else {
      throw .outOfMemory("the PNG file")
    }
    self.reader = reader
  }

  deinit { cpng_reader_destroy(reader) }

  /// The image without planes and metadata.
  func readHeader() throws(CodecError) -> Image {
    var header = cpng_header()
    var palette = [UInt8](repeating: 0, count: Int(CPNG_PALETTE_SIZE))
    var message = PNGStatus.emptyMessage
    try check(cpng_reader_header(reader, &header, &palette, &message), message)
    guard let colorType = Image.ColorType(rawValue: header.color_type) else {
      throw .invalidImage("its colour type is \(header.color_type)")
    }
    isInterlaced = header.is_interlaced != 0
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

  /// The samples of the next rows, as many as `rows` has.
  func readRows(_ rows: PackedRows) throws(CodecError) -> [UInt8] {
    var output = [UInt8](repeating: 0, count: rows.byteCount)
    var message = PNGStatus.emptyMessage
    let status = cpng_reader_rows(
      reader, &output, UInt32(rows.height), rows.rowByteCount, &message)
    try check(status, message)
    return output
  }

  /// What libpng warned of, "; " between, once the file has been read to its end.
  func finish() throws(CodecError) -> String {
    var message = PNGStatus.emptyMessage
    try check(cpng_reader_finish(reader, &message), message)
    return PNGStatus.text(message)
  }

  private func check(_ status: cpng_status, _ message: [CChar]) throws(CodecError) {
    if let error = source.error { throw error }
    try PNGStatus.check(status, message, reading: source.file)
  }
}

/// Gives libpng the bytes of a file, in their order.
private final class PNGSource {
  let file: ByteSource
  /// What went wrong; libpng is then told that the file ends.
  private(set) var error: CodecError?
  private var position = 0
  private var buffer: [UInt8] = []
  /// Where the buffer's bytes stand in the file.
  private var start = 0

  init(_ file: ByteSource) { self.file = file }

  /// For libpng: copies the next bytes, and returns how many there were.
  static let read:
    @convention(c) (UnsafeMutableRawPointer?, UnsafeMutablePointer<UInt8>?, Int)
      -> Int = { context, target, count in
        Unmanaged<PNGSource>.fromOpaque(context!).takeUnretainedValue().read(target!, count)
      }

  private func read(_ target: UnsafeMutablePointer<UInt8>, _ count: Int) -> Int {
    var copied = 0
    while copied < count {
      if position >= start + buffer.count {
        let end = min(file.count, position + (1 << 16))
        guard position < end else { break }
        do { buffer = try file.bytes(in: position..<end) } catch {
          self.error = error
          break
        }
        start = position
      }
      let part = min(count - copied, start + buffer.count - position)
      buffer.withUnsafeBufferPointer {
        (target + copied).update(from: $0.baseAddress! + position - start, count: part)
      }
      position += part
      copied += part
    }
    return copied
  }
}
