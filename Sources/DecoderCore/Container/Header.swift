/// Everything of a bitstream that precedes the streams (docs/FORMAT.md §2 to §5).
package struct Header: Equatable, Sendable {
  package static let signature: [UInt8] = [0x8F, 0x52, 0x44, 0x43]
  package static let version: UInt8 = 9

  /// What the residual streams hold.
  package enum Content: UInt8, Sendable {
    /// Nothing: the file is the lossy image.
    case latentsOnly = 0
    /// The exact alpha plane of a lossy image.
    case latentsAndAlpha = 1
    /// Every sample.
    case lossless = 2
    /// Every sample, rounded to a lattice: within `maximumError` of the image's own.
    case lattice = 3
    /// Steps from x̂ that lead to within `maximumError` of the image's samples.
    case steps = 4

    /// Whether samples within a bound were coded, not every one exactly.
    package var isNearLossless: Bool { self == .lattice || self == .steps }
    /// Whether the file has a full image beside the lossy one.
    package var hasSamples: Bool { self == .lossless || isNearLossless }
  }

  /// The length of one stream, which lies in the file after those before it, and its CRC-32.
  package struct StreamEntry: Equatable, Sendable {
    package var byteCount: Int
    package var checksum: UInt32

    package init(
      byteCount: Int, checksum: UInt32
    ) {
      self.byteCount = byteCount
      self.checksum = checksum
    }
  }

  package var content: Content
  /// How far samples may be from the image's own; 0 unless `content` is nearly lossless.
  package var maximumError = 0
  package var colorType: Image.ColorType
  package var depth: Int
  package var width: Int
  package var height: Int
  /// The samples that stand for black and white in the latents; nil: zero and the largest possible
  /// one.
  package var colorRange: ClosedRange<Int>?
  /// How often each coded column and row is repeated; both layers hold the image without that.
  package var replication: PixelReplication
  /// What the image has beyond the coded one, whose type and depth are ``colorType`` and ``depth``.
  package var widening = Widening.none
  package var tiling: Tiling
  /// The latents describe the image reduced by 2^latentShift in width and height.
  package var latentShift: Int
  /// A lossless file may have none: then shift, position and the model's name are zero.
  package var hasLatents = true
  package var position: QualityPosition
  package var modelName: UInt64
  /// What turns the learned decoder's image into the lossy one; in files without samples only.
  package var filter: WienerFilter?
  /// What the residual's planes are, where they are not the image's own.
  package var source: ImageSource?
  /// Palette, transparent colour and metadata.
  package var boxes: Boxes
  package var latents: [StreamEntry]
  /// Empty where `content` is `.latentsOnly`.
  package var residuals: [StreamEntry]
  /// What streams have to decode to.
  package var contents: Contents

  /// CRC-32 of what is decoded, tile by tile: intact bytes may be decoded wrongly.
  package struct Contents: Equatable, Sendable {
    /// Of z, for each of its tiles: ``Tensor/checksum``.
    package var latents: [UInt32]
    /// Of the samples, for each tile: ``SampleChecksums``.
    package var samples: [UInt32]

    package init(latents: [UInt32], samples: [UInt32]) {
      self.latents = latents
      self.samples = samples
    }
  }

  package init(
    content: Content, maximumError: Int = 0, colorType: Image.ColorType, depth: Int, width: Int,
    height: Int, colorRange: ClosedRange<Int>? = nil, replication: PixelReplication,
    widening: Widening = .none, tiling: Tiling, latentShift: Int, hasLatents: Bool = true,
    position: QualityPosition,
    modelName: UInt64, filter: WienerFilter? = nil, source: ImageSource? = nil, boxes: Boxes,
    latents: [StreamEntry], residuals: [StreamEntry], contents: Contents
  ) {
    self.content = content
    self.maximumError = maximumError
    self.colorType = colorType
    self.depth = depth
    self.width = width
    self.height = height
    self.colorRange = colorRange
    self.replication = replication
    self.widening = widening
    self.tiling = tiling
    self.latentShift = latentShift
    self.hasLatents = hasLatents
    self.position = position
    self.modelName = modelName
    self.filter = filter
    self.source = source
    self.boxes = boxes
    self.latents = latents
    self.residuals = residuals
    self.contents = contents
  }

  /// The tiles of the latents: of the reduced image, with the same tile size in its pixels.
  package var latentTiling: Tiling { Header.latentTiling(tiling, shift: latentShift) }

  package static let maximumLatentShift = 5
  /// The latent shift of a file without latents.
  private static let noLatents = 15
  /// Of the content: repetitions and tile sizes follow.
  private static let layoutFlag: UInt8 = 0x80
  /// Of the content: a colour range follows.
  private static let rangeFlag: UInt8 = 0x40
  /// Of the colour type: what the image has beyond it follows.
  private static let wideningFlag: UInt8 = 0x80

  package static func latentTiling(_ tiling: Tiling, shift: Int) -> Tiling {
    Tiling(
      width: LatentGeometry.reduced(tiling.width, shift: shift),
      height: LatentGeometry.reduced(tiling.height, shift: shift),
      tileWidthUnits: tiling.tileWidthUnits, tileHeightUnits: tiling.tileHeightUnits)
  }

  /// As it stands in a file; `deflate` makes zlib streams.
  package func bytes(deflate: ([UInt8]) -> [UInt8]) -> [UInt8] {
    var writer = ByteWriter()
    writer.append(Header.signature)
    writer.uint8(Header.version)
    let isOrdinary =
      replication.isNone && tiling == Tiling(width: tiling.width, height: tiling.height)
    writer.uint8(
      content.rawValue | (isOrdinary ? 0 : Header.layoutFlag)
        | (colorRange == nil ? 0 : Header.rangeFlag))
    writer.uint8(
      colorType.rawValue | UInt8(depth - 1) << 3 | (widening.isNone ? 0 : Header.wideningFlag))
    if !widening.isNone { writer.uint8(widening.rawValue) }
    if let packing = widening.packing { writer.uint32(packing.rawValue) }
    writer.varint(width)
    writer.varint(height)
    if !isOrdinary {
      writer.uint8(UInt8(replication.columns))
      writer.uint8(UInt8(replication.rows))
      Header.write(side: tiling.tileWidthUnits, to: &writer)
      Header.write(side: tiling.tileHeightUnits, to: &writer)
    }
    if let colorRange {
      writer.uint16(colorRange.lowerBound)
      writer.uint16(colorRange.upperBound)
    }
    writer.uint16((hasLatents ? latentShift : Header.noLatents) << 12 | position.rawValue)
    if hasLatents { writer.uint64(modelName) }
    if content.isNearLossless { writer.uint8(UInt8(maximumError)) }
    if !content.hasSamples { writer.append(WienerFilter.bytes(of: filter)) }
    if content == .lossless { ImageSource.write(source, to: &writer) }
    boxes.write(to: &writer, deflate: deflate)
    for entry in latents + residuals {
      writer.varint(entry.byteCount)
      writer.uint32(entry.checksum)
    }
    for checksum in contents.latents + contents.samples { writer.uint32(checksum) }
    writer.uint32(Checksum.crc32(writer.bytes, in: 0..<writer.bytes.count))
    return writer.bytes
  }

  /// Parses the start of `bytes`; returns the header and where the streams begin.
  package static func parse(
    _ bytes: [UInt8], limits: DecoderLimits
  ) throws(CodecError) -> (header: Header, end: Int) {
    var reader = ByteReader(bytes)
    guard bytes.starts(with: signature) else {
      if !bytes.isEmpty && signature.starts(with: bytes) { throw .truncated(at: bytes.count) }
      throw .notBitstream(FileKind(bytes))
    }
    _ = try reader.bytes(signature.count)
    let version = try reader.uint8()
    guard version == Header.version else {
      throw .otherVersion(Int(version))
    }
    var (hasLayout, hasRange) = (false, false)
    let content = try value(&reader, "content") { byte in
      hasLayout = byte & layoutFlag != 0
      hasRange = byte & rangeFlag != 0
      return Content(rawValue: byte & ~(layoutFlag | rangeFlag))
    }
    var isWider = false
    let (colorType, depth) = try value(&reader, "colour type") { byte in
      isWider = byte & wideningFlag != 0
      return Image.ColorType(rawValue: byte & 7).map { ($0, Int(byte >> 3 & 15) + 1) }
    }
    let wideningStart = reader.position
    var widening =
      isWider
      ? try value(&reader, "widening") { byte in
        Widening(rawValue: byte).flatMap { $0.fits(colorType, depth: depth) ? $0 : nil }
      } : .none
    guard !isWider || content == .lossless else {
      throw .corrupt(field: "widening", at: wideningStart)
    }
    let contentStart = wideningStart - 2
    if widening.packing != nil {
      let start = reader.position
      guard let packing = Widening.Packing(rawValue: try reader.uint32()) else {
        throw .corrupt(field: "packed numbers", at: start)
      }
      widening.packing = packing
    }
    if colorType == .palette && ![1, 2, 4, 8].contains(depth) {
      throw .corrupt(field: "depth of a palette image", at: wideningStart - 1)
    }
    if colorType == .palette && content != .lossless {
      throw .corrupt(field: "content of a palette image", at: contentStart)
    }
    if content == .latentsAndAlpha && !colorType.hasAlpha {
      throw .corrupt(field: "content of an image without alpha", at: contentStart)
    }
    let (width, height) = try size(&reader, limits: limits)
    let (replication, tiling) = try layout(&reader, width, height, isOrdinary: !hasLayout)
    let rangeStart = reader.position
    let colorRange =
      hasRange ? try range(&reader, limit: 1 << depth, isAllowed: colorType != .palette) : nil
    let start = reader.position
    let scaleAndPosition = try reader.uint16()
    let shift = scaleAndPosition >> 12
    let hasLatents = shift != noLatents
    guard hasLatents ? shift <= maximumLatentShift : content == .lossless else {
      throw .corrupt(field: "scale of the latents", at: start + 1)
    }
    guard hasLatents || colorRange == nil else {
      throw .corrupt(field: "colour range", at: rangeStart)
    }
    guard let position = QualityPosition(rawValue: scaleAndPosition & 0xFFF),
      hasLatents || position == .lowest
    else { throw .corrupt(field: "quality", at: start) }
    let latentShift = hasLatents ? shift : 0
    let modelName = hasLatents ? try reader.uint64() : 0
    var maximumError = 0
    if content.isNearLossless {
      maximumError = try value(&reader, "maximum error") {
        PredictionSteps.errorRange.contains(Int($0)) ? Int($0) : nil
      }
    }
    let filterStart = reader.position
    let filter = content.hasSamples ? nil : try WienerFilter.optional(&reader)
    guard filter == nil || latentShift == 0 else {
      throw .corrupt(field: "filter of a reduced image", at: filterStart)
    }
    let source =
      content == .lossless
      ? try ImageSource.optional(
        &reader, colors: depth == 8 ? colorType : nil, width: tiling.width,
        height: tiling.height) : nil
    let boxes = try Boxes(&reader, limits: limits)
    if let colorRange, let peak = boxes.statedPeak, colorRange.upperBound > peak {
      throw .corrupt(field: "colour range", at: rangeStart)
    }
    let paletteHasAlpha = boxes.paletteAlphaCount > 0
    guard widening.colorType(of: colorType, paletteHasAlpha: paletteHasAlpha) != nil else {
      throw .corrupt(field: "widening", at: wideningStart)
    }
    // Every entry takes at least five bytes, and a tile's checksum four, so that the tables cannot be
    // larger than the file.
    let latentCount = hasLatents ? latentTiling(tiling, shift: latentShift).tileCount : 0
    let entryCount =
      latentCount
      + (source?.streamCount(tiling) ?? (content == .latentsOnly ? 0 : tiling.tileCount))
    guard
      entryCount <= reader.remaining / 5,
      latentCount + tiling.tileCount <= (reader.remaining - 5 * entryCount) / 4
    else { throw .truncated(at: bytes.count) }
    var entries: [StreamEntry] = []
    entries.reserveCapacity(entryCount)
    for _ in 0..<entryCount {
      let count = try reader.varint(limit: 1 << 32, field: "stream length")
      entries.append(StreamEntry(byteCount: count, checksum: try reader.uint32()))
    }
    let contents = Contents(
      latents: try reader.uint32s(latentCount), samples: try reader.uint32s(tiling.tileCount))
    let end = reader.position
    guard Checksum.agree(Checksum.crc32(bytes, in: 0..<end), try reader.uint32()) else {
      throw .checksumMismatch(stream: "the header")
    }
    let header = Header(
      content: content, maximumError: maximumError, colorType: colorType, depth: depth,
      width: width, height: height, colorRange: colorRange, replication: replication,
      widening: widening, tiling: tiling,
      latentShift: latentShift, hasLatents: hasLatents, position: position,
      modelName: modelName, filter: filter, source: source,
      boxes: boxes, latents: Array(entries.prefix(latentCount)),
      residuals: Array(entries.dropFirst(latentCount)), contents: contents)
    return (header, reader.position)
  }

  private static func size(
    _ reader: inout ByteReader, limits: DecoderLimits
  ) throws(CodecError) -> (width: Int, height: Int) {
    let start = reader.position
    let width = try reader.varint(limit: UInt64(Int32.max), field: "width")
    let height = try reader.varint(limit: UInt64(Int32.max), field: "height")
    guard width > 0, height > 0 else { throw .corrupt(field: "size", at: start) }
    try limits.check(width, height)
    return (width, height)
  }

  private static func range(
    _ reader: inout ByteReader, limit: Int, isAllowed: Bool
  ) throws(CodecError) -> ClosedRange<Int> {
    let start = reader.position
    let (low, high) = (try reader.uint16(), try reader.uint16())
    guard isAllowed, low < high, high < limit else {
      throw .corrupt(field: "colour range", at: start)
    }
    return low...high
  }

  private static func layout(
    _ reader: inout ByteReader, _ width: Int, _ height: Int, isOrdinary: Bool
  ) throws(CodecError) -> (PixelReplication, Tiling) {
    guard !isOrdinary else { return (.none, Tiling(width: width, height: height)) }
    let replication = PixelReplication(
      columns: try value(&reader, "column repetition") { $0 > 0 ? Int($0) : nil },
      rows: try value(&reader, "row repetition") { $0 > 0 ? Int($0) : nil })
    let coded = replication.reduced(width: width, height: height)
    let tileWidth = try side(&reader, "tile width")
    let start = reader.position
    let tileHeight = try side(&reader, "tile height")
    guard Tiling.isAllowed(tileWidth, tileHeight, width: coded.width, height: coded.height) else {
      throw .corrupt(field: "tile height", at: start)
    }
    let tiling = Tiling(
      width: coded.width, height: coded.height, tileWidthUnits: tileWidth,
      tileHeightUnits: tileHeight)
    return (replication, tiling)
  }

  /// A tile's side in units: a byte, or after a zero a varint.
  private static func side(
    _ reader: inout ByteReader, _ field: String
  ) throws(CodecError) -> Int {
    let start = reader.position
    let side = Int(try reader.uint8())
    if (1...Tiling.maximumUnits).contains(side) { return side }
    guard side == 0 else { throw .corrupt(field: field, at: start) }
    let long = try reader.varint(limit: UInt64(Tiling.maximumLongUnits), field: field)
    guard long > Tiling.maximumUnits else { throw .corrupt(field: field, at: start + 1) }
    return long
  }

  private static func write(side: Int, to writer: inout ByteWriter) {
    guard side > Tiling.maximumUnits else { return writer.uint8(UInt8(side)) }
    writer.uint8(0)
    writer.varint(side)
  }

  private static func value<Value>(
    _ reader: inout ByteReader, _ field: String, _ parse: (UInt8) -> Value?
  ) throws(CodecError) -> Value {
    let start = reader.position
    guard let value = parse(try reader.uint8()) else { throw .corrupt(field: field, at: start) }
    return value
  }
}
