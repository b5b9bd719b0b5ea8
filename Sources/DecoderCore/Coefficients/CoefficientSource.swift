/// An image that was decoded from a JPEG file: its planes' grids and steps (docs/FORMAT.md §13.5).
///
/// The file says this in its header; coefficients follow in streams, one for each band of blocks.
package struct CoefficientSource: Equatable, Sendable {
  /// Nil where chroma planes have the image's size, or there are none.
  package var sampling: ChromaSampling?
  /// Of luma; then of both chroma planes the same, or nothing. With ``components`` one of each.
  package var grids: [BlockGrid]
  package var tables: [QuantisationTable]
  /// How blocks become samples.
  package var method = InverseDCT.Method.exact
  /// Whether the inverse DCT makes chroma of the image's size: then the sampling only says which axes
  /// are halved, and where.
  package var scalesChroma = false
  /// 1 ... 255: how many bands of blocks are coded by themselves.
  package var bandCount: Int
  /// Whether all else of the JPEG file is kept as well: then its picture is what the levels give.
  package var keepsFile = false
  /// What makes the picture of a file that is kept, where it is not luma, or luma and two chroma
  /// planes of the same size or half of it.
  package var components: ComponentPicture?

  /// The encoder starts a new band beyond this many samples of luma.
  private static let preferredBandSize = 1 << 21

  package var isColor: Bool { tables.count > 1 }

  /// Streams of coefficients, then one of the rest of a JPEG file that is kept, or of corrections
  /// where there are colours.
  package var streamCount: Int { bandCount + (isColor || keepsFile ? 1 : 0) }

  package init(sampling: ChromaSampling?, grids: [BlockGrid], tables: [QuantisationTable]) {
    precondition(grids.dropFirst(2).allSatisfy { $0 == grids[1] }, "one grid of chroma")
    self.sampling = sampling
    self.grids = grids
    self.tables = tables
    bandCount = Self.bandCount(grids)
  }

  /// Of a file that is kept.
  package init(
    _ components: ComponentPicture, tables: [QuantisationTable], width: Int, height: Int
  ) {
    self.components = components
    self.tables = tables
    grids = components.grids(width: width, height: height)
    bandCount = Self.bandCount(grids)
    keepsFile = true
  }

  private static func bandCount(_ grids: [BlockGrid]) -> Int {
    let size = grids.reduce(0) { max($0, $1.blockCount * 64) }
    return min(max(1, (size + preferredBandSize / 2) / preferredBandSize), grids[0].rows, 255)
  }

  package func write(to writer: inout ByteWriter) {
    if let components {
      components.write(to: &writer)
      for (index, table) in tables.enumerated() {
        table.write(to: &writer, after: index > 0 ? tables[index - 1] : nil)
      }
      return writer.uint8(UInt8(bandCount))
    }
    if isColor { writer.uint8(ChromaSampling.code(of: sampling)) }
    for (index, grid) in grids.prefix(2).enumerated() {
      let flags = index > 0 ? 0 : (method == .fast ? 64 : 0) | (scalesChroma ? 128 : 0)
      writer.uint8(UInt8(grid.columnPhase | grid.rowPhase << 3 | flags))
    }
    for (index, table) in tables.enumerated() {
      table.write(to: &writer, after: index > 0 ? tables[index - 1] : nil)
    }
    writer.uint8(UInt8(bandCount))
  }

  package init(
    _ reader: inout ByteReader, width: Int, height: Int, isColor: Bool, keepsFile: Bool
  ) throws(CodecError) {
    self.keepsFile = keepsFile
    bandCount = 1
    sampling =
      isColor
      ? try ChromaSampling.optional(&reader, width: width, height: height) : nil
    let (columns, rows) = sampling?.cellSize(width: width, height: height) ?? (width, height)
    let start = reader.position
    let phases = try reader.uint8()
    method = phases & 64 != 0 ? .fast : .exact
    scalesChroma = phases & 128 != 0
    guard phases < 64 || !keepsFile, !scalesChroma || sampling?.filter == .replicated else {
      throw .corrupt(field: "inverse transform of blocks", at: start)
    }
    grids = [Self.grid(Int(phases & 63), width, height)]
    if isColor {
      let place = reader.position
      let phases = try reader.uint8()
      guard phases < 64 else { throw .corrupt(field: "phase of blocks", at: place) }
      let chroma = Self.grid(Int(phases), columns, rows)
      grids += [chroma, chroma]
    }
    tables = []
    for _ in grids {
      tables.append(try QuantisationTable(&reader, after: tables.last, allowsWide: false))
    }
    try readBandCount(&reader)
  }

  /// Of a file with components of any kind, in an image of this colour type.
  init(
    _ reader: inout ByteReader, width: Int, height: Int, colorType: Image.ColorType
  ) throws(CodecError) {
    let start = reader.position
    let components = try ComponentPicture(&reader)
    guard components.colors.colorType == colorType else {
      throw .corrupt(field: "source of such an image", at: start)
    }
    self.components = components
    keepsFile = true
    grids = components.grids(width: width, height: height)
    tables = []
    for _ in grids {
      tables.append(try QuantisationTable(&reader, after: tables.last, allowsWide: true))
    }
    bandCount = 1
    try readBandCount(&reader)
  }

  private mutating func readBandCount(_ reader: inout ByteReader) throws(CodecError) {
    bandCount = Int(try reader.uint8())
    guard bandCount > 0, bandCount <= grids[0].rows else {
      throw .corrupt(field: "bands of coefficients", at: reader.position - 1)
    }
  }

  private static func grid(_ phases: Int, _ width: Int, _ height: Int) -> BlockGrid {
    BlockGrid(width: width, height: height, columnPhase: phases & 7, rowPhase: phases >> 3)
  }

  /// The rows of blocks of a plane that belong to a band.
  package func rows(of plane: Int, in band: Int) -> Range<Int> {
    let count = Int64(grids[plane].rows)
    let start = { (band: Int) in Int(count * Int64(band) / Int64(bandCount)) }
    return start(band)..<start(band + 1)
  }

  /// How many columns and rows of luma's samples there are for some of another plane's.
  func ratio(of plane: Int) -> (across: (Int, Int), down: (Int, Int)) {
    if let components {
      let (luma, own) = (components.factors[0], components.factors[plane])
      return ((luma.horizontal, own.horizontal), (luma.vertical, own.vertical))
    }
    return (
      (sampling?.halvesColumns ?? false ? 2 : 1, 1), (sampling?.halvesRows ?? false ? 2 : 1, 1)
    )
  }

  /// The lattice that corrections are predicted from.
  package var lattice: ColorSource { ColorSource(lattice: .jfif, depth: 8, sampling: sampling) }

  /// Whether the image's samples are the colours that a profile of the file is about.
  package var showsOwnColors: Bool { components?.showsOwnColors ?? true }

  /// What a picture of the components leaves out; nil where it shows all.
  package var pictureLoss: String? { components?.loss }

  /// A name for reports.
  package var name: String {
    let kind = components?.name ?? (isColor ? sampling?.ratio ?? "4:4:4" : "grey")
    return "JPEG \(kind)" + (scalesChroma ? ", scaled DCT" : "")
      + (method == .fast ? ", fast DCT" : "") + (keepsFile ? ", the file" : "")
  }
}
