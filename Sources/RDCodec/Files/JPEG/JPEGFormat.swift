internal import DecoderCore
internal import Entropy

extension ImageFormat {
  /// Read only: a JPEG file comes back from the bitstream that keeps it (``decodeJPEG(_:_:progress:)``).
  public static let jpeg = ImageFormat(JPEGFormat())
}

/// JPEG files, of which coefficients and all else are kept.
struct JPEGFormat: ImageFileFormat {
  var name: String { "JPEG" }
  var fileExtensions: [String] { ["jpg", "jpeg", "jpe", "jfif"] }
  var isWritten: Bool { false }

  func recognises(_ start: [UInt8]) -> Bool { start.starts(with: [0xFF, 0xD8, 0xFF]) }
  func losses(of image: Image) -> [String] { [] }
  func misfit(of image: Image) -> ImageFormat.Misfit? { NoWriter.misfit }

  func reader(
    of file: ByteSource, limits: DecoderLimits
  ) throws(CodecError) -> any ImageFileReader {
    try JPEGReader(file.bytes(in: 0..<file.count), limits)
  }

  func writer(_ options: ImageWriterOptions, _ write: @escaping ByteSink) -> any ImageFileWriter {
    NoWriter()
  }
}

/// Refuses every picture.
private final class NoWriter: ImageFileWriter {
  static let misfit = ImageFormat.Misfit(
    problem: "JPEG files are not made of pictures", alternatives: [.png])

  var misfit: ImageFormat.Misfit? { Self.misfit }
  func begin(_ header: Image) throws(CodecError) { throw .unsupported(Self.misfit.problem) }
  func receive(_ rows: Image) throws(CodecError) { throw .unsupported(Self.misfit.problem) }
  func finish() throws(CodecError) { throw .unsupported(Self.misfit.problem) }
}

/// A JPEG file in memory, and its picture as libjpeg-turbo's decoder gives it: exact inverse DCT,
/// and chroma enlarged by ¾ and ¼.
final class JPEGReader: ImageFileReader {
  /// The largest level that streams have.
  private static let largestLevel = 2047

  var header: Image
  let source: CoefficientSource
  let kept: KeptJPEG
  /// Of the blocks that show the picture.
  let levels: [[Int16]]
  /// What is said of the file where it is kept.
  let warnings: [String]
  private var row = 0
  /// The picture's samples, made when they are asked for first.
  fileprivate(set) lazy var planes = CoefficientStreams.picture(
    (0..<source.bandCount).map { band($0) }, source, width: header.width, height: header.height)

  init(_ bytes: [UInt8], _ limits: DecoderLimits) throws(CodecError) {
    let parsed = try JPEGParser.parse(bytes, limits: limits)
    let frame = parsed.layout.frame
    let extra = parsed.layout.parts.reduce(0) { $0 + $1.extraByteCount }
    guard extra <= limits.metadataByteCount else {
      throw .limitExceeded(
        .metadataByteCount, needed: extra, allowed: limits.metadataByteCount)
    }
    source = try CoefficientSource(parsed.layout)
    for levels in parsed.levels { try Self.check(levels) }
    var segments: [KeptJPEG.Segment] = []
    let metadata = JPEGMetadata(
      parsed.layout.parts, hasProfile: source.showsOwnColors, &segments)
    var layout = parsed.layout
    layout.parts = layout.parts.emptied(segments)
    levels = frame.components.indices.map { frame.shown(parsed.levels[$0], of: $0) }
    kept = KeptJPEG(
      layout: layout, segments: segments, hidden: KeptJPEG.hidden(parsed.levels, frame),
      byteCount: bytes.count, checksum: Checksum.crc32(bytes, in: bytes.indices))
    warnings = parsed.layout.cut.map { ["\($0); it is kept as it is"] } ?? []
    let colorType = source.components?.colors.colorType ?? (source.isColor ? .rgb : .grey)
    header = Image(
      width: frame.width, height: frame.height, colorType: colorType, depth: 8,
      planes: (0..<colorType.channelCount).map { _ in [] }, metadata: metadata.items)
    guard try kept.file(shown: levels, metadata: metadata.items) == bytes else {
      throw .unsupported("a JPEG file that would not come back as it is")
    }
  }

  private static func check(_ levels: [Int16]) throws(CodecError) {
    for level in levels where level.magnitude > largestLevel {
      throw .unsupported("a JPEG file with levels of \(level)")
    }
  }

  /// What is coded of a band.
  func band(_ band: Int) -> LevelBand {
    LevelBand(
      levels: source.grids.indices.map { plane in
        let rows = source.rows(of: plane, in: band)
        let columns = source.grids[plane].columns
        return Array(levels[plane][64 * rows.lowerBound * columns..<64 * rows.upperBound * columns])
      }, differences: source.grids.map { _ in [:] })
  }

  func readRows(_ count: Int, to planes: inout [[UInt16]]) throws(CodecError) -> Int {
    let end = min(row + count, header.height)
    for index in planes.indices {
      planes[index] += self.planes[index][row * header.width..<end * header.width]
    }
    defer { row = end }
    return end - row
  }

  func rewind() throws(CodecError) { row = 0 }

  /// What is said of its picture.
  func finish() throws(CodecError) -> [String] {
    (kept.layout.cut.map { [$0] } ?? []) + (source.pictureLoss.map { [$0] } ?? [])
  }
}

extension CoefficientStreams {
  /// What would be coded of a JPEG file that is kept, for those who learn from it.
  package static func bands(
    ofJPEG file: [UInt8]
  ) throws(CodecError) -> (source: CoefficientSource, bands: [LevelBand]) {
    let reader = try JPEGReader(file, .default)
    return (reader.source, (0..<reader.source.bandCount).map { reader.band($0) })
  }
}

extension CoefficientSource {
  /// Of a JPEG file that is kept.
  fileprivate init(_ layout: JPEGLayout) throws(CodecError) {
    let frame = layout.frame
    var tables: [QuantisationTable] = []
    for index in frame.components.indices {
      guard let table = layout.quantisation(of: index), !table.steps.contains(0) else {
        throw .unsupported("JPEG files without a quantisation table for each component")
      }
      tables.append(QuantisationTable(steps: table.steps.map { Int32($0) }))
    }
    let components = ComponentPicture(
      layout.colors,
      frame.components.map {
        ComponentPicture.Factors(horizontal: $0.horizontal, vertical: $0.vertical)
      })
    guard !tables.contains(where: \.isWide),
      let sampling = Self.usualSampling(components, width: frame.width)
    else {
      self.init(components, tables: tables, width: frame.width, height: frame.height)
      return
    }
    self.init(
      sampling: sampling,
      grids: components.grids(width: frame.width, height: frame.height), tables: tables)
    keepsFile = true
  }

  /// How chroma is enlarged in the usual kinds of files, if it is; nil for all others.
  private static func usualSampling(
    _ components: ComponentPicture, width: Int
  ) -> ChromaSampling?? {
    let factors = components.factors
    let wholeSize: ChromaSampling?? = .some(nil)
    if components.colors == .first { return factors.count == 1 ? wholeSize : nil }
    guard components.colors == .yCbCr, factors[1] == factors[2] else { return nil }
    let across = factors[0].horizontal / factors[1].horizontal
    let down = factors[0].vertical / factors[1].vertical
    guard (1...2).contains(across), (1...2).contains(down),
      across * factors[1].horizontal == factors[0].horizontal,
      down * factors[1].vertical == factors[0].vertical
    else { return nil }
    guard across * down > 1 else { return wholeSize }
    // Planes of two columns or fewer are repeated, but where rows alone are halved.
    let isSmooth = across == 1 || (width + 1) / 2 > 2
    return ChromaSampling(
      filter: isSmooth ? .triangle : .replicated, halvesColumns: across == 2,
      halvesRows: down == 2, columnPhase: 0, rowPhase: 0)
  }
}

extension JPEGLayout.Part {
  /// Bytes that say nothing of the picture: what limits on metadata count.
  fileprivate var extraByteCount: Int {
    switch self {
    case .segment(_, let payload): payload.count
    case .bytes(let bytes): bytes.count
    default: 0
    }
  }
}

extension JPEGLayout {
  /// What the components are, as libjpeg tells: by their number, by the markers of JFIF and of Adobe
  /// before the first scan, or by their names.
  fileprivate var colors: ComponentPicture.Colors {
    var hasJFIF = false
    var transform: UInt8?
    parts: for part in parts {
      switch part {
      case .scan: break parts
      case .segment(0xE0, let payload):
        if payload.starts(with: Array("JFIF\0".utf8)), payload.count >= 14 { hasJFIF = true }
      case .segment(0xEE, let payload):
        if payload.starts(with: Array("Adobe".utf8)), payload.count >= 12 {
          transform = payload[11]
        }
      default: break
      }
    }
    switch frame.components.count {
    case 3:
      if hasJFIF { return .yCbCr }
      if let transform { return transform == 0 ? .rgb : .yCbCr }
      return frame.components.map(\.id) == Array("RGB".utf8) ? .rgb : .yCbCr
    case 4: return transform == nil || transform == 0 ? .cmyk : .ycck
    default: return .first
    }
  }

  /// What of the file is missing; nil where it is whole.
  fileprivate var cut: String? {
    let ends = parts.contains { if case .end = $0 { true } else { false } }
    if !ends { return "the file ends early" }
    return scans.contains { $0.unitCount != nil } ? "a scan of it ends early" : nil
  }
}

extension CoefficientStreams {
  /// The streams of a JPEG file that is kept. Its picture, which takes a seventh of the time, is made
  /// beside the bands and left with the reader.
  static func encode(_ file: JPEGReader, jobs: Int) async throws(CodecError) -> [CodedStream] {
    enum Part: Sendable {
      case picture([[UInt16]])
      case stream(CodedStream)
    }
    let bands = (0..<file.source.bandCount).map { file.band($0) }
    let (source, width, height) = (file.source, file.header.width, file.header.height)
    let parts = try await mapTiles([nil] + bands.indices.map { $0 }, jobs: jobs) { band -> Part in
      guard let band else { return .picture(picture(bands, source, width: width, height: height)) }
      return .stream(encode(bands[band], source, band: band))
    }
    var streams: [CodedStream] = []
    for part in parts {
      switch part {
      case .picture(let planes): file.planes = planes
      case .stream(let stream): streams.append(stream)
      }
    }
    let rest = file.kept.bytes(deflate: Zlib.deflate)
    return streams + [CodedStream(bytes: rest, bits: 8 * Double(rest.count))]
  }
}
