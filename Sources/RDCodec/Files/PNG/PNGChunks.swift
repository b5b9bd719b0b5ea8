internal import DecoderCore

/// The chunks of a PNG file, as far as metadata needs them.
///
/// A chunk is a big-endian 32-bit length, four letters, that many bytes of payload, and the
/// CRC-32 of letters and payload. Source: PNG specification, section 5.3.
enum PNGChunks {
  static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  /// A chunk of a file, still in place.
  struct Chunk {
    var type: String
    /// From the length to the CRC.
    var range: Range<Int>
    var payload: Range<Int> { range.lowerBound + 8..<range.upperBound - 4 }

    func hasValidChecksum(in file: ByteSource) throws(CodecError) -> Bool {
      let bytes = try file.bytes(in: range.lowerBound + 4..<range.upperBound)
      return Checksum.agree(
        Checksum.crc32(bytes, in: 0..<bytes.count - 4), bytes.bigEndian32(at: bytes.count - 4))
    }

    var isAncillary: Bool { type.utf8.first! & 32 != 0 }

    /// Whether this is a chunk that an image may keep, if it is whole.
    var isMetadata: Bool {
      let isSafeToCopy = Array(type.utf8)[3] & 32 != 0
      return isAncillary && isSafeToCopy || PNGChunks.knownTypes.contains(type)
    }

    /// Whether this, a PLTE before the image data, is a palette that such an image may suggest.
    func isSuggestedPalette(in colorType: Image.ColorType) -> Bool {
      (colorType == .rgb || colorType == .rgba) && (3...768).contains(payload.count)
        && payload.count.isMultiple(of: 3)
    }
  }

  /// Width and height by IHDR, given the first 24 bytes and without any check; nil if IHDR is not
  /// where it must be.
  static func size(of bytes: [UInt8]) -> (width: Int, height: Int)? {
    guard bytes.count >= 24, bytes.starts(with: signature),
      bytes[12..<16].elementsEqual("IHDR".utf8)
    else { return nil }
    return (Int(bytes.bigEndian32(at: 16)), Int(bytes.bigEndian32(at: 20)))
  }

  /// The metadata of a PNG file whose header libpng has accepted, at most `limit` bytes as
  /// ``Boxes`` counts them.
  ///
  /// Kept are the known chunks that describe the image and unknown ones that are safe to copy
  /// (fourth letter in lower case), whatever their payload holds, and the palette that an RGB
  /// image may suggest. A chunk with a wrong CRC is left out, except tRNS: without it the image
  /// would look different, so that throws. Only in a file with a palette does a chunk stand
  /// before the palette.
  static func metadata(
    _ chunks: [Chunk], of file: ByteSource, colorType: Image.ColorType, limit: Int
  ) throws(CodecError) -> [MetadataItem] {
    let isGrey = colorType.isGrey
    let hasPalette = !isGrey && chunks.contains { $0.type == "PLTE" }
    var position: MetadataItem.Position = hasPalette ? .beforePalette : .beforeImageData
    var metadata: [MetadataItem] = []
    var byteCount = 0
    for chunk in chunks {
      switch chunk.type {
      case "PLTE" where position != .afterImageData:
        if chunk.isSuggestedPalette(in: colorType) {
          // Stands before tRNS when written again, as it must.
          let bytes = try file.bytes(in: chunk.payload)
          metadata.append(
            MetadataItem(.other(.png, type: "PLTE", bytes: bytes), position: position))
        }
        position = .beforeImageData
      case "IDAT":
        position = .afterImageData
      case "tRNS":
        guard try chunk.hasValidChecksum(in: file) else {
          throw .checksumMismatch(stream: "tRNS")
        }
      default:
        guard chunk.isMetadata, try chunk.hasValidChecksum(in: file) else { continue }
        let item = MetadataItem(
          PNGMetadata.content(
            chunk.type, try file.bytes(in: chunk.payload), limit: limit - byteCount),
          position: position)
        byteCount += Boxes.byteCount(ofContent: item.contentByteCount)
        guard byteCount <= limit else {
          throw .limitExceeded(.metadataByteCount, needed: byteCount, allowed: limit)
        }
        metadata.append(item)
      }
    }
    return metadata
  }

  /// The chunks after the signature, up to IEND or as far as they are whole.
  static func chunks(of file: ByteSource) throws(CodecError) -> [Chunk] {
    var chunks: [Chunk] = []
    var start = signature.count
    while file.count - start >= 12, chunks.last?.type != "IEND" {
      let head = try file.bytes(in: start..<start + 8)
      let length = Int(head.bigEndian32(at: 0))
      guard length <= file.count - start - 12 else { break }
      let type = String(decoding: head[4...], as: UTF8.self)
      chunks.append(Chunk(type: type, range: start..<start + 12 + length))
      start += 12 + length
    }
    return chunks
  }

  /// Known chunks that are not safe to copy blindly, but stay true as long as the samples do.
  private static let knownTypes: Set<String> = [
    "bKGD", "cHRM", "cICP", "cLLI", "gAMA", "hIST", "iCCP", "mDCV", "pCAL", "sBIT", "sCAL", "sPLT",
    "sRGB", "sTER", "tIME",
  ]

  /// The chunks for those of `metadata` that have this position.
  static func bytes(of metadata: [MetadataItem], _ position: MetadataItem.Position) -> [UInt8] {
    var output: [UInt8] = []
    for item in metadata where item.position == position {
      guard let chunk = PNGMetadata.chunk(for: item.content) else { continue }
      output.appendBigEndian32(UInt32(chunk.payload.count))
      let start = output.count
      output += Array(chunk.type.utf8)
      output += chunk.payload
      output.appendBigEndian32(Checksum.crc32(output, in: start..<output.count))
    }
    return output
  }
}

extension [UInt8] {
  func bigEndian32(at index: Int) -> UInt32 {
    self[index..<index + 4].reduce(0) { $0 << 8 | UInt32($1) }
  }

  fileprivate mutating func appendBigEndian32(_ value: UInt32) {
    for shift in [24, 16, 8, 0] { append(UInt8(truncatingIfNeeded: value >> shift)) }
  }
}
