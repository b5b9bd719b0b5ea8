import TestSupport
import Testing

@testable import DecoderCore
@testable import RDCodec

/// Small bitstreams, and damage to them.
enum ContainerFiles {
  /// Enough for every image here, little enough for damaged sizes to stay small.
  static let limits = DecoderLimits(
    dimension: 4096, pixelCount: 1 << 14, metadataByteCount: 1 << 12, memoryByteCount: 1 << 27)

  /// Decodes what may be made to do harm, by somebody who also made all checksums fit: it has to
  /// throw, or to give the image that its header says, in time and with bounded memory.
  static func decodeHostile(_ bytes: [UInt8], _ layer: DecoderOptions.Layer = .full) async {
    let start = ContinuousClock.now
    let options = DecoderOptions(layer: layer, limits: limits)
    if let image = try? await decode(bytes, options, checksContents: false, progress: nil),
      let header = try? Header.parse(bytes, limits: limits).header
    {
      #expect(image.width == header.width && image.height == header.height)
      #expect(image.planes.allSatisfy { $0.count == header.width * header.height })
    }
    #expect(ContinuousClock.now - start < .seconds(20))
  }

  /// Where fields stand in a lossless file whose sides are below 128 pixels.
  enum Offset {
    static let version = 4
    static let content = 5
    static let colorType = 6
    static let width = 7
    static let height = 8
    static let quality = 9
    static let source = 19
    static let boxes = 20
    /// Of a file that states its layout; the following fields are by four higher.
    static let replication = 9
    static let tileWidth = 11
    static let tileHeight = 12
  }

  /// A file of an image of 13 × 7 pixels.
  static func small(
    _ kind: SyntheticImages.Kind = .init(.rgb, 8),
    mode: EncoderOptions.Mode = .lossless(preview: nil)
  ) async throws -> [UInt8] {
    let image = SyntheticImages.image(kind, width: 13, height: 7, hasMetadata: true)
    var options = EncoderOptions(mode: mode, effort: 1, verify: false)
    options.keepsPreview = true
    return try await encode(image, options).bytes
  }

  /// The header of a file that is whole.
  static func header(of bytes: [UInt8]) throws -> (header: Header, end: Int) {
    try Header.parse(bytes, limits: .default)
  }

  /// The file with one byte of its header set, and a checksum that fits.
  static func setting(_ offset: Int, to value: UInt8, in bytes: [UInt8]) throws -> [UInt8] {
    let end = try header(of: bytes).end
    var damaged = bytes
    damaged[offset] = value
    return withChecksum(Array(damaged[..<(end - 4)])) + bytes[end...]
  }

  /// The file with one byte of its streams changed by `mask`, and checksums that fit.
  static func flipping(_ offset: Int, by mask: UInt8, in bytes: [UInt8]) throws -> [UInt8] {
    var damaged = bytes
    damaged[offset] ^= mask
    var (header, end) = try header(of: bytes)
    let repair = { (entry: inout Header.StreamEntry, start: inout Int) in
      entry.checksum = Checksum.crc32(damaged, in: start..<start + entry.byteCount)
      start += entry.byteCount
    }
    var start = end
    for tile in header.latents.indices { repair(&header.latents[tile], &start) }
    for tile in header.residuals.indices { repair(&header.residuals[tile], &start) }
    return header.bytes() + damaged[end...]
  }

  /// A lossy file with this header, and checksums of the samples that it then has.
  static func sealing(_ header: Header, _ streams: some Sequence<UInt8>) async throws -> [UInt8] {
    try await sealed(header.bytes() + streams, jobs: 1, model: nil)
  }

  /// Header fields with the header's checksum after them.
  static func withChecksum(_ fields: [UInt8]) -> [UInt8] {
    var writer = ByteWriter()
    writer.append(fields)
    writer.uint32(Checksum.crc32(fields, in: 0..<fields.count))
    return writer.bytes
  }
}
