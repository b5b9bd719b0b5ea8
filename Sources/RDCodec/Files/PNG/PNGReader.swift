internal import DecoderCore

/// Reads a PNG file by rows.
///
/// Samples stay as they are stored: no gamma, palette indices stay indices, and tRNS goes to
/// ``Image/palette`` or ``Image/transparentColor``. The palette that an RGB image may suggest is
/// metadata. Animation frames and bytes after IEND are left out.
final class PNGReader: ImageFileReader {
  let header: Image
  private let file: ByteSource
  private let limits: DecoderLimits
  private let chunks: [PNGChunks.Chunk]
  private let rows: PackedRows
  private var session: PNGSession
  /// Rows that have been read.
  private var position = 0
  /// The samples of an interlaced file, whose rows are complete only together.
  private var wholeImage: [UInt8]?

  init(_ file: ByteSource, limits: DecoderLimits) throws(CodecError) {
    if let size = PNGChunks.size(of: try file.prefix(24)) {
      try limits.check(size.width, size.height)
    }
    let session = try PNGSession(file, limits: limits)
    var header = try session.readHeader()
    let rows = PackedRows(
      width: header.width, height: header.height, channelCount: header.colorType.channelCount,
      bitCount: header.depth)
    try limits.check(memory: .reading(rows, fileByteCount: file.count))
    // Deflate makes at most 1032 bytes of one, so a file this short cannot hold the image.
    guard rows.byteCount / 1032 <= file.count else { throw .truncated(at: file.count) }
    let chunks = try PNGChunks.chunks(of: file)
    header.planes = Array(repeating: [], count: rows.channelCount)
    header.metadata = try PNGChunks.metadata(
      chunks, of: file, colorType: header.colorType, limit: limits.metadataByteCount)
    self.header = header
    self.file = file
    self.limits = limits
    self.chunks = chunks
    self.rows = rows
    self.session = session
  }

  func readRows(_ count: Int, to planes: inout [[UInt16]]) throws(CodecError) -> Int {
    var part = rows
    part.height = min(count, rows.height - position)
    guard part.height > 0 else { return 0 }
    if session.isInterlaced {
      if wholeImage == nil { wholeImage = try session.readRows(rows) }
      part.unpack(wholeImage!, from: position * rows.rowByteCount, to: &planes)
    } else {
      part.unpack(try session.readRows(part), to: &planes)
    }
    position += part.height
    if position == rows.height { wholeImage = nil }
    return part.height
  }

  func rewind() throws(CodecError) {
    position = 0
    wholeImage = nil
    session = try PNGSession(file, limits: limits)
    _ = try session.readHeader()
  }

  func finish() throws(CodecError) -> [String] {
    precondition(position == rows.height, "rows are left")
    return try PNGWarnings(chunks, file, header, try session.finish()).lines
  }
}
