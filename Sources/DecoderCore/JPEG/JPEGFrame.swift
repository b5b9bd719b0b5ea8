/// The size and components of a JPEG file, as its frame header says them.
///
/// Source: ITU-T T.81, B.2.2.
package struct JPEGFrame: Equatable, Sendable {
  /// How coefficients are coded; the raw value is the marker's second byte.
  package enum Process: UInt8, Sendable {
    case baseline = 0xC0
    case extended = 0xC1
    case progressive = 0xC2
  }

  package struct Component: Equatable, Sendable {
    package var id: UInt8
    /// 1 ... 4: sampling factors.
    package var horizontal: Int
    package var vertical: Int
    /// 0 ... 3: the number of its quantisation table.
    package var table: Int

    package init(id: UInt8, horizontal: Int, vertical: Int, table: Int) {
      self.id = id
      self.horizontal = horizontal
      self.vertical = vertical
      self.table = table
    }
  }

  package var process: Process
  /// 1 ... 65535.
  package var width: Int
  package var height: Int
  /// 1 ... 4 of them.
  package var components: [Component]

  package init(process: Process, width: Int, height: Int, components: [Component]) {
    self.process = process
    self.width = width
    self.height = height
    self.components = components
  }

  package var isProgressive: Bool { process == .progressive }

  package var largestHorizontal: Int { components.reduce(1) { max($0, $1.horizontal) } }
  package var largestVertical: Int { components.reduce(1) { max($0, $1.vertical) } }

  /// The units of scans that several components share (MCUs), in a row and rows of them.
  package var unitColumns: Int { Self.quotient(width, 8 * largestHorizontal) }
  package var unitRows: Int { Self.quotient(height, 8 * largestVertical) }

  /// A component's samples.
  package func size(of index: Int) -> (width: Int, height: Int) {
    let component = components[index]
    return (
      Self.quotient(width * component.horizontal, largestHorizontal),
      Self.quotient(height * component.vertical, largestVertical)
    )
  }

  /// The blocks that hold a component's samples: these a scan of this component alone codes.
  package func scanGrid(of index: Int) -> (columns: Int, rows: Int) {
    let size = size(of: index)
    return (Self.quotient(size.width, 8), Self.quotient(size.height, 8))
  }

  /// The blocks of a component that are stored, coded or not.
  ///
  /// A single component has those of ``scanGrid(of:)``. Several have whole units of the image:
  /// ``unitColumns`` times the horizontal factor in a row, ``unitRows`` times the vertical factor
  /// rows; blocks that no scan codes are zero.
  package func grid(of index: Int) -> (columns: Int, rows: Int) {
    guard components.count > 1 else { return scanGrid(of: index) }
    let component = components[index]
    return (unitColumns * component.horizontal, unitRows * component.vertical)
  }

  /// Levels of a component: 64 a block.
  package func levelCount(of index: Int) -> Int {
    let grid = grid(of: index)
    return grid.columns * grid.rows * 64
  }

  /// Bytes that the levels of all components take.
  package var levelByteCount: Int {
    var count = 0
    for index in components.indices { count += 2 * levelCount(of: index) }
    return count
  }

  /// Throws unless levels of this size are within the limits.
  package func check(_ limits: DecoderLimits) throws(CodecError) {
    try limits.check(width, height)
    // At most 4 components of 4 × 4 units of 64 levels each, so that this product fits any Int
    // that `limits` let pass; sides of 65535 pixels still do where it has 32 bits less.
    let count = Int64(unitColumns) * Int64(unitRows) * 128
    var blocks: Int64 = 0
    for component in components { blocks += Int64(component.horizontal * component.vertical) }
    let needed = count * blocks
    guard needed <= Int64(limits.memoryByteCount), needed <= Int64(Int.max / 4) else {
      throw .limitExceeded(
        .memoryByteCount, needed: Int(clamping: needed), allowed: limits.memoryByteCount)
    }
  }

  private static func quotient(_ a: Int, _ b: Int) -> Int { (a + b - 1) / b }
}

extension JPEGFrame {
  private enum Bit {
    static let countShift: UInt8 = 2
    static let standardIDs: UInt8 = 16
    static let standardSampling: UInt8 = 32
    static let standardTables: UInt8 = 64
  }

  private static let processes: [Process] = [.baseline, .extended, .progressive]

  /// Two tables for three components, else one.
  private static func standardTable(_ index: Int, of count: Int) -> Int {
    count == 3 && index > 0 ? 1 : 0
  }

  package func write(to writer: inout ByteWriter) {
    let count = components.count
    let hasIDs = components.indices.allSatisfy { Int(components[$0].id) == $0 + 1 }
    let hasSampling = components.dropFirst().allSatisfy { $0.horizontal == 1 && $0.vertical == 1 }
    let hasTables = components.indices.allSatisfy {
      components[$0].table == Self.standardTable($0, of: count)
    }
    var flags = UInt8(count - 1) << Bit.countShift | (process.rawValue - 0xC0)
    if hasIDs { flags |= Bit.standardIDs }
    if hasSampling { flags |= Bit.standardSampling }
    if hasTables { flags |= Bit.standardTables }
    writer.uint8(flags)
    writer.uint16(width)
    writer.uint16(height)
    for (index, component) in components.enumerated() {
      if !hasIDs { writer.uint8(component.id) }
      if !hasSampling || index == 0 {
        writer.uint8(UInt8(component.horizontal << 4 | component.vertical))
      }
      if !hasTables { writer.uint8(UInt8(component.table)) }
    }
  }

  package init(_ reader: inout ByteReader) throws(CodecError) {
    let start = reader.position
    let flags = try reader.uint8()
    guard flags & 3 < 3, flags < 128 else { throw .corrupt(field: "JPEG frame", at: start) }
    process = Self.processes[Int(flags & 3)]
    width = try reader.uint16()
    height = try reader.uint16()
    components = []
    let count = Int(flags >> Bit.countShift & 3) + 1
    for index in 0..<count {
      let id = flags & Bit.standardIDs != 0 ? UInt8(index + 1) : try reader.uint8()
      let isStandard = flags & Bit.standardSampling != 0 && index > 0
      let factors = isStandard ? 0x11 : Int(try reader.uint8())
      let table =
        flags & Bit.standardTables != 0
        ? Self.standardTable(index, of: count) : Int(try reader.uint8())
      components.append(
        Component(id: id, horizontal: factors >> 4, vertical: factors & 15, table: table))
    }
    guard isValid else { throw .corrupt(field: "JPEG frame", at: start) }
  }

  /// Whether all fields are in the ranges of the standard.
  package var isValid: Bool {
    (1...65535).contains(width) && (1...65535).contains(height)
      && (1...4).contains(components.count)
      && components.allSatisfy {
        (1...4).contains($0.horizontal) && (1...4).contains($0.vertical)
          && (0...3).contains($0.table)
      }
  }
}
