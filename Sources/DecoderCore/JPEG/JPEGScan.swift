/// One scan of a JPEG file: what of the coefficients it codes, and where its bits are other than
/// ``JPEGScanCoder`` would choose by itself.
///
/// Blocks and units are counted from 0 in the order of the scan. Source: ITU-T T.81, B.2.3 and G.
package struct JPEGScan: Equatable, Sendable {
  package struct Member: Equatable, Sendable {
    /// Which of the frame's components.
    package var component: Int
    /// 0 ... 3: the numbers of its Huffman tables.
    package var dcTable: Int
    package var acTable: Int

    package init(component: Int, dcTable: Int, acTable: Int) {
      self.component = component
      self.dcTable = dcTable
      self.acTable = acTable
    }
  }

  /// An end-of-block that some runs of 16 zeros stand before.
  package struct ZeroRuns: Equatable, Sendable {
    package var block: Int
    /// 1 ... 3.
    package var count: Int

    package init(block: Int, count: Int) {
      self.block = block
      self.count = count
    }
  }

  /// A restart marker with another number than its turn is, or with fill bytes before it.
  package struct Restart: Equatable, Sendable {
    package var index: Int
    package var number: Int
    package var fillCount: Int

    package init(index: Int, number: Int, fillCount: Int) {
      self.index = index
      self.number = number
      self.fillCount = fillCount
    }
  }

  /// The bits that fill up a byte before a marker, where they are not all the same; those of whole
  /// bytes do not count.
  package struct Padding: Equatable, Sendable {
    package var index: Int
    package var bits: UInt8

    package init(index: Int, bits: UInt8) {
      self.index = index
      self.bits = bits
    }
  }

  package var members: [Member]
  /// The first and last coefficient in zigzag order.
  package var first = 0
  package var last = 63
  /// Successive approximation: the lowest bit that was known before, and the lowest after.
  package var high = 0
  package var low = 0

  /// Whether the scan has no restart markers although an interval is set.
  package var ignoresRestarts = false
  /// Whether runs of ended blocks may wait with any number of correction bits; the Independent JPEG
  /// Group's encoder ends a run that has more than ``correctionLimit``.
  package var hasLongCorrections = false
  /// Whether bytes are filled up with zeros, not with ones.
  package var hasZeroPadding = false
  /// How many units are coded, where a file ends early.
  package var unitCount: Int?
  /// Blocks before which a run of ended blocks ends that could have gone on.
  package var runEnds: [Int] = []
  package var zeroRuns: [ZeroRuns] = []
  package var restarts: [Restart] = []
  package var paddings: [Padding] = []

  package static let correctionLimit = 937

  package init(members: [Member]) { self.members = members }

  package func isValid(in frame: JPEGFrame) -> Bool {
    guard (1...4).contains(members.count) else { return false }
    for (index, member) in members.enumerated() {
      guard frame.components.indices.contains(member.component), (0...3).contains(member.dcTable),
        (0...3).contains(member.acTable),
        !members[..<index].contains(where: { $0.component == member.component })
      else { return false }
    }
    guard (0...255).contains(first), (0...255).contains(last), (0...15).contains(high),
      (0...15).contains(low)
    else { return false }
    guard frame.isProgressive else { return true }
    // The first coefficient comes alone, of any components; others come of one component.
    guard first == 0 ? last == 0 : first <= last && last <= 63 && members.count == 1 else {
      return false
    }
    return low <= 13 && (high == 0 || high == low + 1)
  }

  /// Which tables the scan's symbols need.
  package func needsDC(in frame: JPEGFrame) -> Bool {
    !frame.isProgressive || first == 0 && high == 0
  }
  package func needsAC(in frame: JPEGFrame) -> Bool { !frame.isProgressive || first > 0 }

  /// Units of the scan: blocks, where it has one component.
  package func units(in frame: JPEGFrame) -> (columns: Int, rows: Int) {
    members.count == 1
      ? frame.scanGrid(of: members[0].component) : (frame.unitColumns, frame.unitRows)
  }

  package func blocksPerUnit(in frame: JPEGFrame) -> Int {
    guard members.count > 1 else { return 1 }
    return members.reduce(0) {
      let component = frame.components[$1.component]
      return $0 + component.horizontal * component.vertical
    }
  }
}

extension JPEGScan {
  private enum Flag {
    static let ignoresRestarts: UInt8 = 1
    static let longCorrections: UInt8 = 2
    static let zeroPadding: UInt8 = 4
    static let unitCount: UInt8 = 8
    static let runEnds: UInt8 = 16
    static let zeroRuns: UInt8 = 32
    static let restarts: UInt8 = 64
    static let paddings: UInt8 = 128
  }

  /// What of the scan is not as usual.
  package var flags: UInt8 {
    (ignoresRestarts ? Flag.ignoresRestarts : 0)
      | (hasLongCorrections ? Flag.longCorrections : 0)
      | (hasZeroPadding ? Flag.zeroPadding : 0) | (unitCount != nil ? Flag.unitCount : 0)
      | (runEnds.isEmpty ? 0 : Flag.runEnds) | (zeroRuns.isEmpty ? 0 : Flag.zeroRuns)
      | (restarts.isEmpty ? 0 : Flag.restarts) | (paddings.isEmpty ? 0 : Flag.paddings)
  }

  /// Writes what ``flags`` promise.
  func writeDeviations(to writer: inout ByteWriter) {
    if let unitCount { writer.varint(unitCount) }
    if !runEnds.isEmpty {
      writer.varint(runEnds.count)
      var before = 0
      for block in runEnds {
        writer.varint(block - before)
        before = block
      }
    }
    if !zeroRuns.isEmpty {
      writer.varint(zeroRuns.count)
      var before = 0
      for run in zeroRuns {
        writer.varint((run.block - before) << 2 | run.count)
        before = run.block
      }
    }
    if !restarts.isEmpty {
      writer.varint(restarts.count)
      var before = 0
      for restart in restarts {
        writer.varint(restart.index - before)
        writer.varint(restart.fillCount << 3 | restart.number)
        before = restart.index
      }
    }
    if !paddings.isEmpty {
      writer.varint(paddings.count)
      var before = 0
      for padding in paddings {
        writer.varint(padding.index - before)
        writer.uint8(padding.bits)
        before = padding.index
      }
    }
  }

  mutating func readDeviations(
    _ flags: UInt8, _ reader: inout ByteReader, in frame: JPEGFrame
  ) throws(CodecError) {
    ignoresRestarts = flags & Flag.ignoresRestarts != 0
    hasLongCorrections = flags & Flag.longCorrections != 0
    hasZeroPadding = flags & Flag.zeroPadding != 0
    let units = units(in: frame)
    let unitLimit = units.columns * units.rows
    let blockLimit = unitLimit * blocksPerUnit(in: frame)
    if flags & Flag.unitCount != 0 {
      unitCount = try reader.varint(limit: UInt64(unitLimit), field: "JPEG units")
    }
    if flags & Flag.runEnds != 0 {
      var places = Places(limit: blockLimit)
      for _ in 0..<(try Self.count(&reader)) {
        runEnds.append(try places.next(&reader))
      }
    }
    if flags & Flag.zeroRuns != 0 {
      var places = Places(limit: blockLimit)
      for _ in 0..<(try Self.count(&reader)) {
        let value = try reader.varint(limit: 1 << 48, field: "JPEG zeros")
        zeroRuns.append(
          ZeroRuns(block: try places.next(value >> 2, reader), count: value & 3))
      }
    }
    if flags & Flag.restarts != 0 {
      var places = Places(limit: blockLimit)
      for _ in 0..<(try Self.count(&reader)) {
        let index = try places.next(&reader)
        let value = try reader.varint(limit: 1 << 24, field: "JPEG restarts")
        restarts.append(Restart(index: index, number: value & 7, fillCount: value >> 3))
      }
    }
    if flags & Flag.paddings != 0 {
      var places = Places(limit: blockLimit + 1)
      for _ in 0..<(try Self.count(&reader)) {
        let index = try places.next(&reader)
        paddings.append(Padding(index: index, bits: try reader.uint8()))
      }
    }
  }

  /// Ascending places that are stored as distances.
  private struct Places {
    let limit: Int
    var before = 0
    var isFirst = true

    init(limit: Int) { self.limit = limit }

    mutating func next(_ reader: inout ByteReader) throws(CodecError) -> Int {
      try next(try reader.varint(limit: 1 << 48, field: "place in a JPEG scan"), reader)
    }

    mutating func next(_ distance: Int, _ reader: ByteReader) throws(CodecError) -> Int {
      let (place, overflow) = before.addingReportingOverflow(distance)
      guard !overflow, place < limit, distance > 0 || isFirst else {
        throw .corrupt(field: "place in a JPEG scan", at: reader.position)
      }
      before = place
      isFirst = false
      return place
    }
  }

  /// Of entries that take a byte or more each.
  private static func count(_ reader: inout ByteReader) throws(CodecError) -> Int {
    let start = reader.position
    let count = try reader.varint(limit: 1 << 48, field: "JPEG scan")
    guard count <= reader.remaining else { throw .truncated(at: start) }
    return count
  }
}
