/// The content of a metadata box: a byte of kind and position, a size, and what the kind asks for.
extension MetadataItem {
  /// The low six bits of the first byte; of values that are missing here 0 is none, and others are
  /// ``MetadataItem/Content/unknown(kind:bytes:)``.
  private enum Kind: UInt8 {
    case iccProfile = 1
    case exif = 2
    case xmp = 3
    case cicp = 4
    case resolution = 5
    case gamma = 6
    case chromaticities = 7
    case renderingIntent = 8
    case background = 9
    case backgroundIndex = 10
    case significantBits = 11
    case text = 12
    case modificationTime = 13
    case other = 63
  }

  /// The one flag of XMP.
  private static let compressed: UInt8 = 1

  /// Bytes after the size.
  package var contentByteCount: Int { serializedContent().count }

  package func write(to writer: inout ByteWriter) {
    let bytes = serializedContent()
    writer.uint8(kind | position.rawValue << 6)
    writer.varint(bytes.count)
    writer.append(bytes)
  }

  package init(_ reader: inout ByteReader) throws(CodecError) {
    let start = reader.position
    let first = try reader.uint8()
    let kind = first & 63
    guard kind > 0, let position = Position(rawValue: first >> 6) else {
      throw .corrupt(field: "kind of metadata", at: start)
    }
    let count = try reader.varint(limit: 1 << 31, field: "metadata length")
    var inner = ByteReader(try reader.bytes(count))
    guard let known = Kind(rawValue: kind) else {
      self.init(.unknown(kind: kind, bytes: try inner.rest()), position: position)
      return
    }
    guard let content = try Self.content(known, &inner), inner.remaining == 0 else {
      throw .corrupt(field: "metadata", at: start)
    }
    self.init(content, position: position)
  }

  private var kind: UInt8 {
    let kind: Kind
    switch content {
    case .iccProfile: kind = .iccProfile
    case .exif: kind = .exif
    case .xmp: kind = .xmp
    case .cicp: kind = .cicp
    case .resolution: kind = .resolution
    case .gamma: kind = .gamma
    case .chromaticities: kind = .chromaticities
    case .renderingIntent: kind = .renderingIntent
    case .background: kind = .background
    case .backgroundIndex: kind = .backgroundIndex
    case .significantBits: kind = .significantBits
    case .text: kind = .text
    case .modificationTime: kind = .modificationTime
    case .other: kind = .other
    case .unknown(let kind, _): return kind
    }
    return kind.rawValue
  }

  private func serializedContent() -> [UInt8] {
    var writer = ByteWriter()
    switch content {
    case .iccProfile(let name, let profile):
      writer.string(name)
      writer.append(profile)
    case .exif(let bytes), .unknown(_, let bytes): return bytes
    case .xmp(let text, let isCompressed):
      writer.uint8(isCompressed ? Self.compressed : 0)
      writer.append(text)
    case .cicp(let primaries, let transfer, let matrix, let isFullRange):
      return [primaries, transfer, matrix, isFullRange]
    case .resolution(let x, let y, let isPerMetre):
      writer.uint32(x)
      writer.uint32(y)
      writer.uint8(isPerMetre ? 1 : 0)
    case .gamma(let value): writer.uint32(value)
    case .chromaticities(let values): for value in values { writer.uint32(value) }
    case .renderingIntent(let value): return [value]
    case .background(let samples): for sample in samples { writer.uint16(Int(sample)) }
    case .backgroundIndex(let index): return [index]
    case .significantBits(let counts): return counts
    case .text(let text): text.write(to: &writer)
    case .modificationTime(let year, let month, let day, let hour, let minute, let second):
      writer.uint16(Int(year))
      writer.append([month, day, hour, minute, second])
    case .other(let origin, let type, let bytes):
      writer.uint8(origin.rawValue)
      writer.append(Array(type.utf8))
      writer.append(bytes)
    }
    return writer.bytes
  }

  /// Nil where a value is none that the kind may have.
  private static func content(
    _ kind: Kind, _ reader: inout ByteReader
  ) throws(CodecError) -> Content? {
    switch kind {
    case .iccProfile:
      let name = try reader.string()
      return .iccProfile(name: name, profile: try reader.rest())
    case .exif: return .exif(try reader.rest())
    case .xmp:
      let flags = try reader.uint8()
      guard flags <= compressed else { return nil }
      return .xmp(try reader.rest(), isCompressed: flags == compressed)
    case .cicp:
      let codes = try reader.bytes(4)
      return .cicp(
        primaries: codes[0], transfer: codes[1], matrix: codes[2], isFullRange: codes[3])
    case .resolution:
      let (x, y) = (try reader.uint32(), try reader.uint32())
      let unit = try reader.uint8()
      return unit <= 1 ? .resolution(x: x, y: y, isPerMetre: unit == 1) : nil
    case .gamma: return .gamma(try reader.uint32())
    case .chromaticities:
      var values: [UInt32] = []
      for _ in 0..<8 { values.append(try reader.uint32()) }
      return .chromaticities(values)
    case .renderingIntent:
      let intent = try reader.uint8()
      return intent <= 3 ? .renderingIntent(intent) : nil
    case .background:
      guard reader.remaining == 2 || reader.remaining == 6 else { return nil }
      var samples: [UInt16] = []
      while reader.remaining > 0 { samples.append(UInt16(try reader.uint16())) }
      return .background(samples)
    case .backgroundIndex: return .backgroundIndex(try reader.uint8())
    case .significantBits:
      guard reader.remaining >= 1, reader.remaining <= 4 else { return nil }
      return .significantBits(try reader.rest())
    case .text:
      guard let text = try Text(&reader) else { return nil }
      return .text(text)
    case .modificationTime:
      let year = UInt16(try reader.uint16())
      let rest = try reader.bytes(5)
      return .modificationTime(
        year: year, month: rest[0], day: rest[1], hour: rest[2], minute: rest[3], second: rest[4])
    case .other:
      guard let origin = Origin(rawValue: try reader.uint8()) else { return nil }
      let type = try reader.bytes(4)
      for byte in type where !(65...90).contains(byte & ~32) { return nil }
      return .other(
        origin, type: String(decoding: type, as: UTF8.self), bytes: try reader.rest())
    }
  }
}

extension MetadataItem.Text {
  private static let compressed: UInt8 = 1
  private static let international: UInt8 = 2

  fileprivate func write(to writer: inout ByteWriter) {
    writer.uint8(
      (isCompressed ? Self.compressed : 0) | (isInternational ? Self.international : 0))
    writer.string(keyword)
    if isInternational {
      writer.string(language)
      writer.string(translatedKeyword)
    }
    writer.append(text)
  }

  fileprivate init?(_ reader: inout ByteReader) throws(CodecError) {
    let flags = try reader.uint8()
    guard flags <= Self.compressed | Self.international else { return nil }
    isCompressed = flags & Self.compressed != 0
    isInternational = flags & Self.international != 0
    keyword = try reader.string()
    language = isInternational ? try reader.string() : []
    translatedKeyword = isInternational ? try reader.string() : []
    text = try reader.rest()
  }
}

extension ByteWriter {
  /// Bytes after their number.
  fileprivate mutating func string(_ bytes: [UInt8]) {
    varint(bytes.count)
    append(bytes)
  }
}

extension ByteReader {
  fileprivate mutating func string() throws(CodecError) -> [UInt8] {
    try bytes(try varint(limit: 1 << 31, field: "length of a text"))
  }

  fileprivate mutating func rest() throws(CodecError) -> [UInt8] { try bytes(remaining) }
}
