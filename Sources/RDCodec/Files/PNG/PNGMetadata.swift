internal import DecoderCore

/// How chunks of PNG say what ``MetadataItem`` says.
///
/// A chunk that would not come back with the same meaning, byte for byte where it is not deflated,
/// has no neutral form: it stays as it is.
/// Source: PNG specification, third edition, section 11.3.
enum PNGMetadata {
  struct Chunk: Equatable {
    var type: String
    var payload: [UInt8]
  }

  /// The keyword of the text that is XMP.
  private static let xmpKeyword = Array("XML:com.adobe.xmp".utf8)

  /// What a chunk says. Nothing is inflated to more than `limit` bytes.
  static func content(_ type: String, _ payload: [UInt8], limit: Int) -> MetadataItem.Content {
    let other = MetadataItem.Content.other(.png, type: type, bytes: payload)
    switch type {
    case "iCCP", "zTXt": return deflated(type, payload, limit: limit) ?? other
    case "iTXt":
      guard let text = international(payload, limit: limit) else { return other }
      return xmp(text) ?? .text(text)
    default:
      guard let content = plain(type, payload),
        chunk(for: content) == Chunk(type: type, payload: payload)
      else { return other }
      return content
    }
  }

  /// The chunk for what an item says; nil where that is not known. PNG holds all else that
  /// ``MetadataItem/validate(in:)`` lets pass.
  static func chunk(for content: MetadataItem.Content) -> Chunk? {
    switch content {
    case .iccProfile(let name, let profile):
      let latin1 = Latin1.bytes(name) ?? []
      let name = latin1.isEmpty ? Array("ICC profile".utf8) : latin1
      return Chunk(type: "iCCP", payload: name + [0, 0] + Zlib.deflate(profile))
    case .exif(let bytes): return Chunk(type: "eXIf", payload: bytes)
    case .xmp(let text, let isCompressed):
      return chunk(
        for: .init(
          keyword: xmpKeyword, text: text, isInternational: true, isCompressed: isCompressed))
    case .cicp(let primaries, let transfer, let matrix, let isFullRange):
      return Chunk(type: "cICP", payload: [primaries, transfer, matrix, isFullRange])
    case .resolution(let x, let y, let isPerMetre):
      return Chunk(type: "pHYs", payload: bigEndian([x, y]) + [isPerMetre ? 1 : 0])
    case .gamma(let value): return Chunk(type: "gAMA", payload: bigEndian([value]))
    case .chromaticities(let values): return Chunk(type: "cHRM", payload: bigEndian(values))
    case .renderingIntent(let intent): return Chunk(type: "sRGB", payload: [intent])
    case .background(let samples):
      return Chunk(
        type: "bKGD",
        payload: samples.flatMap { [UInt8($0 >> 8), UInt8(truncatingIfNeeded: $0)] })
    case .backgroundIndex(let index): return Chunk(type: "bKGD", payload: [index])
    case .significantBits(let counts): return Chunk(type: "sBIT", payload: counts)
    case .text(let text): return chunk(for: text)
    case .modificationTime(let year, let month, let day, let hour, let minute, let second):
      let payload = [
        UInt8(year >> 8), UInt8(truncatingIfNeeded: year), month, day, hour, minute, second,
      ]
      return Chunk(type: "tIME", payload: payload)
    case .other(.png, let type, let bytes): return Chunk(type: type, payload: bytes)
    case .unknown: return nil
    }
  }

  /// Chunks without anything deflated, whose values a check of the way back completes.
  private static func plain(_ type: String, _ payload: [UInt8]) -> MetadataItem.Content? {
    let count = payload.count
    switch type {
    case "eXIf": return .exif(payload)
    case "cICP" where count == 4:
      return .cicp(
        primaries: payload[0], transfer: payload[1], matrix: payload[2], isFullRange: payload[3])
    case "pHYs" where count == 9:
      return .resolution(
        x: payload.bigEndian32(at: 0), y: payload.bigEndian32(at: 4), isPerMetre: payload[8] == 1)
    case "gAMA" where count == 4: return .gamma(payload.bigEndian32(at: 0))
    case "cHRM" where count == 32:
      return .chromaticities((0..<8).map { payload.bigEndian32(at: 4 * $0) })
    case "sRGB" where count == 1 && payload[0] <= 3: return .renderingIntent(payload[0])
    case "bKGD" where count == 1: return .backgroundIndex(payload[0])
    case "bKGD" where count == 2 || count == 6:
      return .background(
        stride(from: 0, to: count, by: 2).map {
          UInt16(payload[$0]) << 8 | UInt16(payload[$0 + 1])
        })
    case "sBIT" where (1...4).contains(count): return .significantBits(payload)
    case "tIME" where count == 7:
      return .modificationTime(
        year: UInt16(payload[0]) << 8 | UInt16(payload[1]), month: payload[2], day: payload[3],
        hour: payload[4], minute: payload[5], second: payload[6])
    case "tEXt":
      guard let (keyword, text) = split(payload[...], most: 79), !keyword.isEmpty else {
        return nil
      }
      return .text(.init(keyword: Latin1.utf8(keyword), text: Latin1.utf8(text)))
    default: return nil
    }
  }

  /// A name or keyword, the method, and the rest deflated.
  private static func deflated(
    _ type: String, _ payload: [UInt8], limit: Int
  ) -> MetadataItem.Content? {
    guard let (keyword, rest) = split(payload[...], most: 79), !keyword.isEmpty, rest.first == 0,
      let bytes = try? Inflate.bytes(of: Array(rest.dropFirst()), limit: limit)
    else { return nil }
    let name = Latin1.utf8(keyword)
    if type == "iCCP" { return .iccProfile(name: name, profile: bytes) }
    return .text(.init(keyword: name, text: Latin1.utf8(bytes), isCompressed: true))
  }

  /// The text of an iTXt; nil where anything in it is not as it should be.
  private static func international(_ payload: [UInt8], limit: Int) -> MetadataItem.Text? {
    guard let (keyword, rest) = split(payload[...], most: 79), !keyword.isEmpty, rest.count >= 2,
      let flag = rest.first, flag <= 1, rest.dropFirst().first == 0,
      let (language, next) = split(rest.dropFirst(2), most: .max),
      let (translated, last) = split(next, most: .max)
    else { return nil }
    var text = Array(last)
    if flag == 1 {
      guard let inflated = try? Inflate.bytes(of: text, limit: limit) else { return nil }
      text = inflated
    }
    guard isUTF8(language), isUTF8(translated), isUTF8(text) else { return nil }
    return .init(
      keyword: Latin1.utf8(keyword), text: text, language: Array(language),
      translatedKeyword: Array(translated), isInternational: true, isCompressed: flag == 1)
  }

  private static func xmp(_ text: MetadataItem.Text) -> MetadataItem.Content? {
    guard text.keyword == xmpKeyword, text.language.isEmpty, text.translatedKeyword.isEmpty else {
      return nil
    }
    return .xmp(text.text, isCompressed: text.isCompressed)
  }

  private static func chunk(for text: MetadataItem.Text) -> Chunk {
    let latin1 = Latin1.bytes(text.keyword) ?? []
    // What other converters call a text that has no keyword.
    let keyword = (latin1.isEmpty ? Array("Comment".utf8) : latin1) + [0]
    if !text.isInternational, let bytes = Latin1.bytes(text.text) {
      return text.isCompressed
        ? Chunk(type: "zTXt", payload: keyword + [0] + Zlib.deflate(bytes))
        : Chunk(type: "tEXt", payload: keyword + bytes)
    }
    return Chunk(
      type: "iTXt",
      payload: keyword + [text.isCompressed ? 1 : 0, 0] + text.language + [0]
        + text.translatedKeyword + [0]
        + (text.isCompressed ? Zlib.deflate(text.text) : text.text))
  }

  /// What stands before the first zero, of at most so many bytes, and what stands after it.
  private static func split(
    _ bytes: ArraySlice<UInt8>, most: Int
  ) -> (ArraySlice<UInt8>, ArraySlice<UInt8>)? {
    guard let end = bytes.firstIndex(of: 0), end - bytes.startIndex <= most else { return nil }
    return (bytes[..<end], bytes[(end + 1)...])
  }

  private static func isUTF8(_ bytes: some Collection<UInt8>) -> Bool {
    String(decoding: bytes, as: UTF8.self).utf8.elementsEqual(bytes)
  }

  private static func bigEndian(_ values: [UInt32]) -> [UInt8] {
    values.flatMap { value in
      [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> UInt32($0)) }
    }
  }
}

extension MetadataItem {
  /// What a chunk of a PNG file says.
  package init(png type: String, _ payload: [UInt8], _ position: Position) {
    self.init(
      PNGMetadata.content(type, payload, limit: DecoderLimits.default.metadataByteCount),
      position: position)
  }

  /// The type and the payload of the chunk that a PNG file gets for this, if any.
  package var pngChunk: (type: String, payload: [UInt8])? {
    PNGMetadata.chunk(for: content).map { ($0.type, $0.payload) }
  }
}
