/// A PNG file as it was read.
struct PNGFile {
  let image: Image
  /// As in ``ReadImage/warnings``.
  let warnings: [String]

  /// Reads every colour type and depth, interlaced or not.
  ///
  /// Samples stay as they are stored: no gamma, palette indices stay indices, and tRNS goes to
  /// ``Image/palette`` or ``Image/transparentColor``. The palette that an RGB image may suggest is
  /// metadata. Animation frames and bytes after IEND are left out.
  ///
  /// Throws ``CodecError/limitExceeded(_:needed:allowed:)`` before anything of the image is allocated.
  init(_ bytes: [UInt8], limits: DecoderLimits) throws(CodecError) {
    if let size = PNGChunks.size(of: bytes) { try limits.check(size.width, size.height) }
    let reader = PNGReader(limits: limits)
    var image = try reader.readHeader(bytes)
    let rows = image.packedRows
    try limits.check(memory: .reading(rows, fileByteCount: bytes.count))
    // Deflate makes at most 1032 bytes of one, so a file this short cannot hold the image.
    guard rows.byteCount / 1032 <= bytes.count else { throw .truncated(at: bytes.count) }
    let (packed, remarks) = try reader.readRows(bytes, rows)
    image.planes = rows.unpack(packed)
    image.metadata = try PNGChunks.metadata(
      of: bytes, colorType: image.colorType, limit: limits.metadataByteCount)
    try image.validate()
    self.image = image
    warnings = PNGWarnings(bytes, image, remarks).lines
  }
}

extension Image {
  /// Reads a PNG file, without a word of what it leaves out.
  public init(png bytes: [UInt8], limits: DecoderLimits = .default) throws(CodecError) {
    self = try PNGFile(bytes, limits: limits).image
  }

  /// Writes the image and its metadata as a PNG file that is not interlaced, with samples scaled where
  /// PNG has none of that depth; ``ImageFormat/losses(of:)`` says where that cannot be undone.
  ///
  /// Throws ``CodecError/invalidImage(_:)`` where ``validate()`` does.
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
