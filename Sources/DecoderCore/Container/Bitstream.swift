/// A parsed bitstream: the header, and where every stream lies.
package struct Bitstream: Sendable {
  package let source: ByteSource
  package let header: Header
  /// Byte ranges by tile; they may reach past the end of a file that was cut short.
  package let latents: [Range<Int>]
  package let residuals: [Range<Int>]
  /// Given to every slice.
  package var isAbandoned: (@Sendable () -> Bool)?

  /// Bytes that are read first of a source that is not in memory; a header is seldom longer.
  private static let firstByteCount = 1 << 16

  package init(_ bytes: [UInt8], limits: DecoderLimits) throws(CodecError) {
    try self.init(ByteSource(bytes), limits: limits)
  }

  package init(_ source: ByteSource, limits: DecoderLimits) throws(CodecError) {
    self.source = source
    let (header, end) = try Bitstream.parse(source, limits: limits)
    self.header = header
    var position = end
    let place: (Header.StreamEntry) -> Range<Int> = { entry in
      let start = position
      let (end, overflow) = start.addingReportingOverflow(entry.byteCount)
      position = overflow ? .max : end
      return start..<position
    }
    latents = header.latents.map(place)
    residuals = header.residuals.map(place)
  }

  /// Reads as much of the source as its header takes.
  private static func parse(
    _ source: ByteSource, limits: DecoderLimits
  ) throws(CodecError) -> (header: Header, end: Int) {
    if let bytes = source.array { return try Header.parse(bytes, limits: limits) }
    var count = min(firstByteCount, source.count)
    while true {
      do throws(CodecError) {
        return try Header.parse(try source.prefix(count), limits: limits)
      } catch .truncated(let place) {
        guard count < source.count else { throw .truncated(at: place) }
        count = min(2 * count, source.count)
      }
    }
  }

  /// Throws unless the file reaches to the end of the streams that are needed: the latents' alone,
  /// or `all`.
  ///
  /// Where all are needed nothing may follow the last one.
  package func check(all: Bool) throws(CodecError) {
    let end =
      (latents.last ?? residuals.first.map { $0.lowerBound..<$0.lowerBound })?.upperBound ?? 0
    guard all else {
      guard header.hasLatents else { throw .noPreview }
      guard end <= source.count else { throw .truncated(at: source.count) }
      return
    }
    let last = residuals.last?.upperBound ?? end
    guard last <= source.count else { throw .truncated(at: source.count) }
    guard last == source.count else { throw .corrupt(field: "bytes after the end", at: last) }
  }

  /// The latents of tile `index`, after checking that they are there and intact.
  package func checkedLatents(_ index: Int) throws(CodecError) -> StreamSlice {
    try checked(latents[index], header.latents[index].checksum, "the latents of tile \(index)")
  }

  /// The residual of tile `index`, after checking that it is there and intact.
  package func checkedResidual(_ index: Int) throws(CodecError) -> StreamSlice {
    let name =
      header.source == nil ? "the residual of tile \(index)" : "stream \(index) of the source"
    return try checked(residuals[index], header.residuals[index].checksum, name)
  }

  private func checked(
    _ range: Range<Int>, _ checksum: UInt32, _ name: String
  ) throws(CodecError) -> StreamSlice {
    guard range.upperBound <= source.count else { throw .truncated(at: source.count) }
    var slice = try source.slice(range)
    slice.isAbandoned = isAbandoned
    guard Checksum.agree(Checksum.crc32(slice.bytes, in: slice.range), checksum) else {
      throw .checksumMismatch(stream: name)
    }
    return slice
  }
}
