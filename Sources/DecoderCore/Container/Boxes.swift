/// What a file says beside its samples: palette, transparent colour, largest sample, metadata;
/// deflated as one.
package struct Boxes: Equatable, Sendable {
  private enum Tag: UInt8 {
    case palette = 1
    case transparentColor = 2
    case metadata = 3
    case peak = 4
  }

  /// Bytes that palette, transparent colour and largest sample need at most.
  private static let fixedByteCount = 2048
  /// What a metadata item takes in memory beside its bytes, for the limit on metadata.
  private static let itemByteCount = 64

  /// What a metadata item with this many bytes of content takes at most of the limit on metadata.
  package static func byteCount(ofContent count: Int) -> Int { max(itemByteCount, count + 11) }

  package var palette: [Image.PaletteEntry] = []
  package var paletteAlphaCount = 0
  package var transparentColor: [UInt16]?
  /// As in ``Image/statedPeak``.
  var statedPeak: Int?
  package var metadata: [MetadataItem] = []

  package init(_ image: Image) {
    palette = image.palette
    paletteAlphaCount = image.paletteAlphaCount
    transparentColor = image.transparentColor
    statedPeak = image.statedPeak
    metadata = image.metadata
  }

  func write(to writer: inout ByteWriter, deflate: ([UInt8]) -> [UInt8]) {
    let plain = serialized()
    writer.varint(plain.count)
    guard !plain.isEmpty else { return }
    let deflated = deflate(plain)
    writer.varint(deflated.count)
    writer.append(deflated)
  }

  init(_ reader: inout ByteReader, limits: DecoderLimits) throws(CodecError) {
    let start = reader.position
    let plainCount = try reader.varint(limit: 1 << 40, field: "metadata length")
    guard plainCount > 0 else { return }
    guard plainCount - Boxes.fixedByteCount <= limits.metadataByteCount else {
      throw .limitExceeded(
        .metadataByteCount, needed: plainCount, allowed: limits.metadataByteCount)
    }
    let deflatedCount = try reader.varint(limit: 1 << 40, field: "metadata length")
    let deflated = try reader.bytes(deflatedCount)
    guard let plain = try? Inflate.bytes(of: deflated, limit: plainCount), plain.count == plainCount
    else { throw .corrupt(field: "metadata", at: start) }
    var itemAllowance = limits.metadataByteCount / Boxes.itemByteCount
    var inner = ByteReader(plain)
    while inner.remaining > 0 {
      guard let tag = Tag(rawValue: try inner.uint8()) else {
        throw .corrupt(field: "metadata box", at: start)
      }
      switch tag {
      case .palette: try readPalette(&inner)
      case .transparentColor:
        let count = Int(try inner.uint8())
        guard count == 1 || count == 3 else {
          throw .corrupt(field: "transparent colour", at: start)
        }
        var color: [UInt16] = []
        for _ in 0..<count { color.append(UInt16(try inner.uint16())) }
        transparentColor = color
      case .peak: statedPeak = try inner.uint16()
      case .metadata:
        itemAllowance -= 1
        guard itemAllowance >= 0 else {
          let needed = (metadata.count + 1) * Boxes.itemByteCount
          throw .limitExceeded(
            .metadataByteCount, needed: needed, allowed: limits.metadataByteCount)
        }
        metadata.append(try MetadataItem(&inner))
      }
    }
    guard palette.isEmpty || statedPeak == nil else {
      throw .corrupt(field: "largest sample of a palette image", at: start)
    }
  }

  private func serialized() -> [UInt8] {
    var writer = ByteWriter()
    if !palette.isEmpty {
      writer.uint8(Tag.palette.rawValue)
      writer.uint8(UInt8(palette.count - 1))
      writer.uint16(paletteAlphaCount)
      writer.append(palette.map { $0.red } + palette.map { $0.green } + palette.map { $0.blue })
      writer.append(palette.prefix(paletteAlphaCount).map { $0.alpha })
    }
    if let transparentColor {
      writer.uint8(Tag.transparentColor.rawValue)
      writer.uint8(UInt8(transparentColor.count))
      for value in transparentColor { writer.uint16(Int(value)) }
    }
    if let statedPeak {
      writer.uint8(Tag.peak.rawValue)
      writer.uint16(statedPeak)
    }
    for item in metadata {
      writer.uint8(Tag.metadata.rawValue)
      item.write(to: &writer)
    }
    return writer.bytes
  }

  private mutating func readPalette(_ reader: inout ByteReader) throws(CodecError) {
    let count = Int(try reader.uint8()) + 1
    let start = reader.position
    let alphaCount = try reader.uint16()
    guard alphaCount <= count else { throw .corrupt(field: "palette", at: start) }
    let colors = try reader.bytes(3 * count)
    let alpha = try reader.bytes(alphaCount)
    paletteAlphaCount = alphaCount
    palette = (0..<count).map { i in
      Image.PaletteEntry(
        red: colors[i], green: colors[count + i], blue: colors[2 * count + i],
        alpha: i < alphaCount ? alpha[i] : 255)
    }
  }
}
