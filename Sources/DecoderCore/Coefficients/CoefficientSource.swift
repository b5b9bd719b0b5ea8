/// An image that was decoded from a JPEG file: its planes' grids and steps (docs/FORMAT.md §13.5).
///
/// The file says this in its header; coefficients follow in streams, one for each band of blocks.
package struct CoefficientSource: Equatable, Sendable {
  /// Nil where chroma planes have the image's size, or there are none.
  package var sampling: ChromaSampling?
  /// Of luma; then of both chroma planes the same, or nothing.
  package var grids: [BlockGrid]
  package var tables: [QuantisationTable]
  /// 1 ... 255: how many bands of blocks are coded by themselves.
  package var bandCount: Int
  /// Whether all else of the JPEG file is kept as well: then its picture is what the levels give.
  package var keepsFile = false

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
    let size = grids[0].blockCount * 64
    bandCount = min(
      max(1, (size + Self.preferredBandSize / 2) / Self.preferredBandSize), grids[0].rows, 255)
  }

  package func write(to writer: inout ByteWriter) {
    if isColor { writer.uint8(ChromaSampling.code(of: sampling)) }
    for grid in grids.prefix(2) {
      writer.uint8(UInt8(grid.columnPhase | grid.rowPhase << 3))
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
    sampling =
      isColor
      ? try ChromaSampling.optional(&reader, width: width, height: height) : nil
    let (columns, rows) = sampling?.cellSize(width: width, height: height) ?? (width, height)
    grids = [try Self.grid(&reader, width, height)]
    if isColor {
      let chroma = try Self.grid(&reader, columns, rows)
      grids += [chroma, chroma]
    }
    tables = []
    for _ in grids { tables.append(try QuantisationTable(&reader, after: tables.last)) }
    bandCount = Int(try reader.uint8())
    guard bandCount > 0, bandCount <= grids[0].rows else {
      throw .corrupt(field: "bands of coefficients", at: reader.position - 1)
    }
  }

  private static func grid(
    _ reader: inout ByteReader, _ width: Int, _ height: Int
  ) throws(CodecError) -> BlockGrid {
    let phases = Int(try reader.uint8())
    guard phases < 64 else { throw .corrupt(field: "phase of blocks", at: reader.position - 1) }
    return BlockGrid(
      width: width, height: height, columnPhase: phases & 7, rowPhase: phases >> 3)
  }

  /// The rows of blocks of a plane that belong to a band.
  package func rows(of plane: Int, in band: Int) -> Range<Int> {
    let count = Int64(grids[plane].rows)
    let start = { (band: Int) in Int(count * Int64(band) / Int64(bandCount)) }
    return start(band)..<start(band + 1)
  }

  /// The lattice that corrections are predicted from.
  package var lattice: ColorSource { ColorSource(lattice: .jfif, depth: 8, sampling: sampling) }

  /// A name for reports.
  package var name: String {
    let kind = isColor ? sampling?.ratio ?? "4:4:4" : "grey"
    return "JPEG \(kind)" + (keepsFile ? ", the file" : "")
  }
}
