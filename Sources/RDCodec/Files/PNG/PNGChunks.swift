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

    func hasValidChecksum(in bytes: [UInt8]) -> Bool {
      Zlib.crc32(bytes, in: range.lowerBound + 4..<payload.upperBound)
        == bytes.bigEndian32(at: payload.upperBound)
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

  /// Width and height by IHDR, read without any check; nil if IHDR is not where it must be.
  static func size(of bytes: [UInt8]) -> (width: Int, height: Int)? {
    guard bytes.count >= 24, bytes.starts(with: signature),
      bytes[12..<16].elementsEqual("IHDR".utf8)
    else { return nil }
    return (Int(bytes.bigEndian32(at: 16)), Int(bytes.bigEndian32(at: 20)))
  }

  /// The metadata of a PNG file that libpng has accepted, at most `limit` bytes as ``Boxes`` counts them.
  ///
  /// Kept are the known chunks that describe the image and unknown ones that are safe to copy
  /// (fourth letter in lower case), whatever their payload holds, and the palette that an RGB
  /// image may suggest. A chunk with a wrong CRC is left out, except tRNS: without it the image
  /// would look different, so that throws. Only in a file with a palette does a chunk stand
  /// before the palette.
  static func metadata(
    of bytes: [UInt8], colorType: Image.ColorType, limit: Int
  ) throws(CodecError) -> [MetadataChunk] {
    let chunks = chunks(of: bytes)
    let isGrey = colorType.isGrey
    let hasPalette = !isGrey && chunks.contains { $0.type == "PLTE" }
    var position: MetadataChunk.Position = hasPalette ? .beforePalette : .beforeImageData
    var metadata: [MetadataChunk] = []
    var byteCount = 0
    for chunk in chunks {
      switch chunk.type {
      case "PLTE" where position != .afterImageData:
        if chunk.isSuggestedPalette(in: colorType) {
          // Stands before tRNS when written again, as it must.
          metadata.append(
            MetadataChunk(type: "PLTE", bytes: Array(bytes[chunk.payload]), position: position))
        }
        position = .beforeImageData
      case "IDAT":
        position = .afterImageData
      case "tRNS":
        guard chunk.hasValidChecksum(in: bytes) else { throw .checksumMismatch(stream: "tRNS") }
      default:
        guard chunk.isMetadata, chunk.hasValidChecksum(in: bytes) else { continue }
        byteCount += Boxes.byteCount(ofPayload: chunk.payload.count)
        guard byteCount <= limit else {
          throw .limitExceeded(.metadataByteCount, needed: byteCount, allowed: limit)
        }
        metadata.append(
          MetadataChunk(type: chunk.type, bytes: Array(bytes[chunk.payload]), position: position))
      }
    }
    return metadata
  }

  /// The PNG file `bytes`, which has no metadata yet, with `metadata` put where it belongs.
  static func insert(_ metadata: [MetadataChunk], into bytes: [UInt8]) -> [UInt8] {
    var output = signature
    var isBeforeImageData = true
    for chunk in chunks(of: bytes) {
      if chunk.type == "IDAT", isBeforeImageData {
        append(metadata, .beforeImageData, to: &output)
        isBeforeImageData = false
      }
      if chunk.type == "IEND" { append(metadata, .afterImageData, to: &output) }
      output += bytes[chunk.range]
      if chunk.type == "IHDR" { append(metadata, .beforePalette, to: &output) }
    }
    return output
  }

  /// The chunks after the signature, up to IEND or as far as they are whole.
  static func chunks(of bytes: [UInt8]) -> [Chunk] {
    var chunks: [Chunk] = []
    var start = signature.count
    while bytes.count - start >= 12, chunks.last?.type != "IEND" {
      let length = Int(bytes.bigEndian32(at: start))
      guard length <= bytes.count - start - 12 else { break }
      let type = String(decoding: bytes[start + 4..<start + 8], as: UTF8.self)
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

  private static func append(
    _ metadata: [MetadataChunk], _ position: MetadataChunk.Position, to output: inout [UInt8]
  ) {
    for chunk in metadata where chunk.position == position {
      output.appendBigEndian32(UInt32(chunk.bytes.count))
      let start = output.count
      output += Array(chunk.type.utf8)
      output += chunk.bytes
      output.appendBigEndian32(Zlib.crc32(output, in: start..<output.count))
    }
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
