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

  let header: Image
  let source: CoefficientSource
  let kept: KeptJPEG
  /// Of the blocks that show the picture.
  let levels: [[Int16]]
  private var row = 0
  private lazy var planes = CoefficientStreams.picture(
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
    let metadata = JPEGMetadata(parsed.layout.parts, &segments)
    var layout = parsed.layout
    layout.parts = layout.parts.emptied(segments)
    levels = frame.components.indices.map { frame.shown(parsed.levels[$0], of: $0) }
    kept = KeptJPEG(
      layout: layout, segments: segments, hidden: KeptJPEG.hidden(parsed.levels, frame),
      byteCount: bytes.count, checksum: Checksum.crc32(bytes, in: bytes.indices))
    let colorType: Image.ColorType = source.isColor ? .rgb : .grey
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
  func finish() throws(CodecError) -> [String] { [] }
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
  /// Of a JPEG file that is kept; throws where its picture is of a kind that has no form here.
  fileprivate init(_ layout: JPEGLayout) throws(CodecError) {
    let frame = layout.frame
    let components = frame.components
    guard components.count == 1 || components.count == 3 else {
      throw .unsupported("JPEG files of \(components.count) components")
    }
    if components.count == 3, layout.isRGB { throw .unsupported("JPEG files of RGB components") }
    var tables: [QuantisationTable] = []
    for index in components.indices {
      guard let table = layout.quantisation(of: index),
        table.steps.allSatisfy({ (1...255).contains($0) })
      else { throw .unsupported("JPEG files without steps of 1 to 255") }
      tables.append(QuantisationTable(steps: table.steps.map { Int32($0) }))
    }
    let grids = components.indices.map { index in
      let size = frame.size(of: index)
      return BlockGrid(width: size.width, height: size.height, columnPhase: 0, rowPhase: 0)
    }
    guard components.count == 3 else {
      self.init(sampling: nil, grids: grids, tables: tables)
      keepsFile = true
      return
    }
    let across = frame.largestHorizontal / components[1].horizontal
    let down = frame.largestVertical / components[1].vertical
    guard components[0].horizontal == frame.largestHorizontal,
      components[0].vertical == frame.largestVertical,
      components[1].horizontal == components[2].horizontal,
      components[1].vertical == components[2].vertical,
      across * components[1].horizontal == frame.largestHorizontal,
      down * components[1].vertical == frame.largestVertical, across <= 2, down <= 2
    else { throw .unsupported("JPEG files of this chroma subsampling") }
    // Planes of two columns or fewer are repeated, but where rows alone are halved.
    let isSmooth = grids[1].width > 2 || across == 1
    let sampling =
      across == 1 && down == 1
      ? nil
      : ChromaSampling(
        filter: isSmooth ? .triangle : .replicated, halvesColumns: across == 2,
        halvesRows: down == 2, columnPhase: 0, rowPhase: 0)
    self.init(sampling: sampling, grids: grids, tables: tables)
    keepsFile = true
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
  /// Whether three components are red, green and blue, as libjpeg tells: by the markers of JFIF and
  /// of Adobe, or by their names.
  fileprivate var isRGB: Bool {
    var transform: UInt8?
    for case .segment(let marker, let payload) in parts {
      if marker == 0xE0, payload.starts(with: Array("JFIF\0".utf8)) { return false }
      if marker == 0xEE, payload.starts(with: Array("Adobe".utf8)), payload.count >= 12 {
        transform = payload[11]
      }
    }
    if let transform { return transform == 0 }
    return frame.components.map(\.id) == Array("RGB".utf8)
  }
}

extension CoefficientStreams {
  /// The streams of a JPEG file: those of its bands, then one of all else.
  static func encode(_ file: JPEGReader, jobs: Int) async throws(CodecError) -> [CodedStream] {
    let work = (0..<file.source.bandCount).map { (file.band($0), $0) }
    let source = file.source
    let streams = try await mapTiles(work, jobs: jobs) { levels, band in
      encode(levels, source, band: band)
    }
    let rest = file.kept.bytes(deflate: Zlib.deflate)
    return streams + [CodedStream(bytes: rest, bits: 8 * Double(rest.count))]
  }
}
