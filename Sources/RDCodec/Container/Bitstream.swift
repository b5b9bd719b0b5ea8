/// A parsed bitstream: the header, and where every stream lies.
struct Bitstream: Sendable {
  let bytes: [UInt8]
  let header: Header
  /// Byte ranges by tile; they may reach past the end of a file that was cut short.
  let latents: [Range<Int>]
  let residuals: [Range<Int>]

  init(_ bytes: [UInt8], limits: DecoderLimits) throws(CodecError) {
    self.bytes = bytes
    let (header, end) = try Header.parse(bytes, limits: limits)
    self.header = header
    var position = end
    let place: (Header.StreamEntry) -> Range<Int> = { entry in
      defer { position += entry.byteCount }
      return position..<position + entry.byteCount
    }
    latents = header.latents.map(place)
    residuals = header.residuals.map(place)
  }

  /// Throws unless the file reaches to the end of the streams that `layer` needs.
  ///
  /// In the full layer nothing may follow the last stream.
  func check(for layer: DecoderOptions.Layer) throws(CodecError) {
    let end =
      (latents.last ?? residuals.first.map { $0.lowerBound..<$0.lowerBound })?.upperBound ?? 0
    switch layer {
    case .preview:
      guard header.hasLatents else { throw .noPreview }
      guard end <= bytes.count else { throw .truncated(at: bytes.count) }
    case .full:
      let end = residuals.last?.upperBound ?? end
      guard end <= bytes.count else { throw .truncated(at: bytes.count) }
      guard end == bytes.count else { throw .corrupt(field: "bytes after the end", at: end) }
    }
  }

  /// The range of tile `index`'s latents, after checking that they are there and intact.
  func checkedLatents(_ index: Int) throws(CodecError) -> Range<Int> {
    try checked(latents[index], header.latents[index].checksum, "the latents of tile \(index)")
  }

  /// The range of tile `index`'s residual, after checking that it is there and intact.
  func checkedResidual(_ index: Int) throws(CodecError) -> Range<Int> {
    let name =
      header.source == nil ? "the residual of tile \(index)" : "stream \(index) of the source"
    return try checked(residuals[index], header.residuals[index].checksum, name)
  }

  private func checked(
    _ range: Range<Int>, _ checksum: UInt32, _ name: String
  ) throws(CodecError) -> Range<Int> {
    guard range.upperBound <= bytes.count else { throw .truncated(at: bytes.count) }
    guard Zlib.crc32(bytes, in: range) == checksum else { throw .checksumMismatch(stream: name) }
    return range
  }
}
