internal import DecoderCore

/// Reads a PBM, PGM, PPM (plain or raw) or PAM file of any maxval, which becomes
/// ``Image/statedPeak``.
///
/// A PBM becomes 1-bit grey in which 1 is white. Throws ``CodecError/unsupported(_:)`` for files of
/// several images and for tuple types other than grey and RGB.
final class NetpbmReader: ImageFileReader {
  let header: Image
  private let file: ByteSource
  private let layout: NetpbmHeader
  /// Rows that have been read.
  private var position = 0
  /// What is left of a plain file, in memory: a number may take any space.
  private var plain: NetpbmScanner?

  init(_ file: ByteSource, limits: DecoderLimits) throws(CodecError) {
    let layout = try Self.layout(of: file)
    try limits.check(layout.width, layout.height)
    let rows = layout.rows
    try limits.check(memory: .reading(rows, fileByteCount: file.count))
    let samples = layout.width * layout.height * layout.colorType.channelCount
    let leastByteCount =
      switch layout.encoding {
      case .raw: rows.byteCount
      // A number takes a digit and, except the last, white space; a bit takes a digit.
      case .plain: layout.isBitmap ? samples : 2 * samples - 1
      }
    guard leastByteCount <= file.count - layout.byteCount else {
      throw .truncated(at: file.count)
    }
    header = Image(
      width: layout.width, height: layout.height, colorType: layout.colorType,
      depth: layout.depth, statedPeak: layout.statedPeak,
      planes: Array(repeating: [], count: rows.channelCount))
    self.file = file
    self.layout = layout
    try rewind()
  }

  func readRows(_ count: Int, to planes: inout [[UInt16]]) throws(CodecError) -> Int {
    var rows = layout.rows
    rows.height = min(count, layout.height - position)
    guard rows.height > 0 else { return 0 }
    if plain != nil {
      try readPlain(rows, to: &planes)
    } else {
      let start = layout.byteCount + position * rows.rowByteCount
      rows.unpack(try file.bytes(in: start..<start + rows.byteCount), to: &planes)
    }
    if layout.isBitmap {
      let first = planes[0].count - rows.width * rows.height
      for index in first..<planes[0].count { planes[0][index] = 1 - planes[0][index] }
    }
    position += rows.height
    return rows.height
  }

  func rewind() throws(CodecError) {
    position = 0
    guard layout.encoding == .plain else { return }
    plain = NetpbmScanner(try file.bytes(in: 0..<file.count), at: layout.byteCount)
  }

  func finish() throws(CodecError) -> [String] {
    precondition(position == layout.height, "rows are left")
    let end = plain?.position ?? layout.byteCount + layout.rows.byteCount
    let rest = try Self.skippingSpace(in: file, from: end)
    let start = try file.bytes(in: rest..<min(rest + 2, file.count))
    if start.count == 2, start[0] == UInt8(ascii: "P"), (49...55).contains(start[1]) {
      throw .unsupported("several images in one Netpbm file")
    }
    let count = file.count - rest
    let hasComments = layout.hasComments || plain?.hasComments ?? false
    return (hasComments ? ["its comments are left out"] : [])
      + (count == 0 ? [] : ["\(count) bytes after the image are left out"])
  }

  /// The header, however long its comments are.
  private static func layout(of file: ByteSource) throws(CodecError) -> NetpbmHeader {
    var count = 1 << 12
    while true {
      let start = try file.prefix(count)
      do { return try NetpbmHeader(start) } catch {
        guard start.count < file.count else { throw error }
        count *= 16
      }
    }
  }

  private func readPlain(
    _ rows: PackedRows, to planes: inout [[UInt16]]
  ) throws(CodecError) {
    guard var scanner = plain else { return }
    // Not copied with every number that is taken.
    plain = nil
    defer { plain = scanner }
    for _ in 0..<rows.width * rows.height {
      for channel in 0..<rows.channelCount {
        let start = scanner.position
        let sample = layout.isBitmap ? try scanner.bit() : try scanner.number("sample")
        guard sample <= layout.maxval else { throw .corrupt(field: "sample", at: start) }
        planes[channel].append(UInt16(sample))
      }
    }
  }

  /// Where the first byte stands that is no end of a line and no space.
  private static func skippingSpace(
    in file: ByteSource, from start: Int
  ) throws(CodecError) -> Int {
    var position = start
    while position < file.count {
      let bytes = try file.bytes(in: position..<min(position + (1 << 16), file.count))
      for byte in bytes {
        guard byte == 10 || byte == 13 || byte == 32 else { return position }
        position += 1
      }
    }
    return position
  }
}
