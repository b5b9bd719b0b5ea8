/// What the pixels of an RGB image came from: points of a colour lattice, chroma perhaps smaller.
///
/// The file says this in its header; samples follow from ``SourcePlanes`` and corrections.
package struct ColorSource: Equatable, Sendable {
  package var lattice: ColorLattice
  /// Bits of a coordinate, 1 ... 12.
  package var depth: Int
  /// Nil where chroma planes have the image's size.
  package var sampling: ChromaSampling?

  package static let depths = 1...12

  /// How many streams follow the tiles' own: those of chroma, and the corrections.
  package func streamCount(_ tiling: Tiling) -> Int { (sampling == nil ? 0 : tiling.tileCount) + 1 }

  package func write(to writer: inout ByteWriter) {
    lattice.write(to: &writer)
    writer.uint8(UInt8(depth))
    writer.uint8(ChromaSampling.code(of: sampling))
  }

  package init(lattice: ColorLattice, depth: Int, sampling: ChromaSampling?) {
    self.lattice = lattice
    self.depth = depth
    self.sampling = sampling
  }

  package init(_ reader: inout ByteReader, width: Int, height: Int) throws(CodecError) {
    lattice = try ColorLattice(&reader)
    depth = Int(try reader.uint8())
    guard Self.depths.contains(depth) else {
      throw .corrupt(field: "depth of the source", at: reader.position - 1)
    }
    sampling = try ChromaSampling.optional(&reader, width: width, height: height)
  }

  /// A name for reports.
  package var name: String {
    guard let sampling else { return "lattice" }
    return "lattice \(sampling.ratio) \(sampling.filter.name)"
  }
}

extension ChromaSampling {
  /// Such as "4:2:0".
  package var ratio: String { halvesColumns ? (halvesRows ? "4:2:0" : "4:2:2") : "4:4:0" }

  /// How a header says it, 0 where there is none.
  package static func code(of sampling: ChromaSampling?) -> UInt8 {
    guard let sampling else { return 0 }
    let axes = (sampling.halvesColumns ? 1 : 0) | (sampling.halvesRows ? 2 : 0)
    return UInt8(
      axes | Int(sampling.filter.rawValue) << 2 | sampling.columnPhase << 4
        | sampling.rowPhase << 5)
  }

  /// Reads what ``code(of:)`` gave, for an image of this size.
  package static func optional(
    _ reader: inout ByteReader, width: Int, height: Int
  ) throws(CodecError) -> ChromaSampling? {
    let start = reader.position
    let code = Int(try reader.uint8())
    guard code != 0 else { return nil }
    let (halvesColumns, halvesRows) = (code & 1 != 0, code & 2 != 0)
    guard let filter = ChromaSampling.Filter(rawValue: UInt8(code >> 2 & 3)),
      code < 64, halvesColumns || halvesRows, halvesColumns || code & 16 == 0,
      halvesRows || code & 32 == 0, filter != .bilinear || (width > 1 && height > 1)
    else { throw .corrupt(field: "chroma sampling", at: start) }
    return ChromaSampling(
      filter: filter, halvesColumns: halvesColumns, halvesRows: halvesRows,
      columnPhase: code >> 4 & 1, rowPhase: code >> 5)
  }
}

/// The planes that a source is coded as; all values lie below 2^depth.
package struct SourcePlanes: Sendable {
  package let width: Int
  package let height: Int
  /// width × height coordinates.
  package var luma: [UInt16]
  /// Two planes, of the sampling's number of cells.
  package var chroma: [[UInt16]]

  package init(
    width: Int, height: Int, luma: [UInt16], chroma: [[UInt16]]
  ) {
    self.width = width
    self.height = height
    self.luma = luma
    self.chroma = chroma
  }
}
