/// A JPEG file but for its coefficients: with them, ``file(levels:byteLimit:)`` gives the very same
/// bytes again.
///
/// Baseline, extended sequential and progressive files of 8 bits with Huffman codes. Source: ITU-T
/// T.81, annexes B, F and G.
package struct JPEGLayout: Equatable, Sendable {
  /// What a file consists of, between the marker of its start and its last byte.
  package enum Part: Equatable, Sendable {
    /// The frame header.
    case frame
    case quantisation([JPEGQuantisation])
    case huffman([JPEGHuffmanDefinition])
    case restartInterval(Int)
    /// A scan's header, and its coded data.
    case scan(JPEGScan)
    /// A segment whose contents do not matter here: marker (0xE0 for APP0), payload.
    case segment(UInt8, [UInt8])
    /// Bytes outside of all segments: fill bytes before a marker, the rest of a scan that cannot be
    /// decoded, what stands behind the end.
    case bytes([UInt8])
    /// The marker of the end.
    case end
  }

  package var frame: JPEGFrame
  package var parts: [Part]

  /// The most scans and Huffman tables of a file, so that hostile ones have an end.
  package static let largestScanCount = 512
  package static let largestTableCount = 4096

  package init(frame: JPEGFrame, parts: [Part]) {
    self.frame = frame
    self.parts = parts
  }

  package var scans: [JPEGScan] {
    var scans: [JPEGScan] = []
    for part in parts { if case .scan(let scan) = part { scans.append(scan) } }
    return scans
  }

  /// The quantisation table of a component, as it is when its first scan begins, or at the end of
  /// a file that lacks such a scan; nil where it has none.
  package func quantisation(of component: Int) -> JPEGQuantisation? {
    var table: JPEGQuantisation?
    for part in parts {
      switch part {
      case .quantisation(let tables):
        for new in tables where new.number == frame.components[component].table { table = new }
      case .scan(let scan):
        if scan.members.contains(where: { $0.component == component }) { return table }
      default: break
      }
    }
    return table
  }
}

/// What a scan finds when its turn comes.
package struct JPEGScanPlan {
  package var scan: JPEGScan
  /// The places of its members' tables among all of the file; 0 for what it does not need.
  package var dcTables: [Int] = []
  package var acTables: [Int] = []
  package var restartInterval: Int
}

extension JPEGLayout {
  /// All Huffman tables in order; files without any mean the examples of the standard, which are
  /// the first four.
  package var tables: [JPEGHuffmanDefinition] {
    var tables = [
      JPEGHuffmanDefinition(isAC: false, number: 0, code: .luma),
      JPEGHuffmanDefinition(isAC: false, number: 1, code: .chroma),
      JPEGHuffmanDefinition(isAC: true, number: 0, code: .luma),
      JPEGHuffmanDefinition(isAC: true, number: 1, code: .chroma),
    ]
    for part in parts { if case .huffman(let more) = part { tables += more } }
    return tables
  }

  /// The scans in order, each with its tables; throws where one has none, or is not valid.
  package func plans() throws(CodecError) -> [JPEGScanPlan] {
    var plans: [JPEGScanPlan] = []
    // Numbers 0 ... 3 of DC, then of AC tables.
    var places = [0, 1, -1, -1, 2, 3, -1, -1]
    var count = 4
    var interval = 0
    for part in parts {
      switch part {
      case .huffman(let tables):
        for table in tables {
          places[table.number + (table.isAC ? 4 : 0)] = count
          count += 1
        }
      case .restartInterval(let value): interval = value
      case .scan(let scan):
        guard scan.isValid(in: frame) else { throw .corrupt(field: "JPEG scan", at: 0) }
        var plan = JPEGScanPlan(scan: scan, restartInterval: interval)
        for member in scan.members {
          let dc = scan.needsDC(in: frame) ? places[member.dcTable] : 0
          let ac = scan.needsAC(in: frame) ? places[member.acTable + 4] : 0
          guard dc >= 0, ac >= 0 else { throw .corrupt(field: "JPEG scan", at: 0) }
          plan.dcTables.append(dc)
          plan.acTables.append(ac)
        }
        plans.append(plan)
      default: break
      }
    }
    guard plans.count <= Self.largestScanCount, count <= Self.largestTableCount else {
      throw .corrupt(field: "JPEG scan", at: 0)
    }
    return plans
  }
}
