/// How known encoders arrange the parts of a file, so that a byte says all of it.
struct JPEGArrangement {
  /// Whether several tables share a segment.
  private let joinsQuantisation: Bool
  private let joinsHuffman: Bool
  private let isOptimal: Bool
  private let hasRestarts: Bool
  /// Whether the frame comes after the Huffman tables.
  private let putsFrameLast: Bool

  /// Codes are 1 ... ``count``.
  static let count = 32

  init(code: Int) {
    let bits = code - 1
    joinsQuantisation = bits & 1 != 0
    joinsHuffman = bits & 2 != 0
    isOptimal = bits & 4 != 0
    hasRestarts = bits & 8 != 0
    putsFrameLast = bits & 16 != 0
  }

  /// The parts for a frame and its scans; tables and intervals have values that do not matter.
  func parts(_ frame: JPEGFrame, _ scans: [JPEGScan]) -> [JPEGLayout.Part] {
    var numbers: [Int] = []
    for component in frame.components where !numbers.contains(component.table) {
      numbers.append(component.table)
    }
    let quantisation = numbers.map {
      JPEGQuantisation(number: $0, isWide: false, steps: [UInt16](repeating: 1, count: 64))
    }
    var parts: [JPEGLayout.Part] =
      joinsQuantisation
      ? [.quantisation(quantisation)] : quantisation.map { .quantisation([$0]) }
    if !putsFrameLast { parts.append(.frame) }
    var known: [JPEGHuffmanDefinition] = []
    for (index, scan) in scans.enumerated() {
      var tables: [JPEGHuffmanDefinition] = []
      for member in scan.members {
        var needed: [JPEGHuffmanDefinition] = []
        if scan.needsDC(in: frame) { needed.append(definition(false, member.dcTable)) }
        if scan.needsAC(in: frame) { needed.append(definition(true, member.acTable)) }
        for table in needed where !tables.contains(table) {
          if isOptimal || !known.contains(table) { tables.append(table) }
        }
      }
      known += tables
      if joinsHuffman {
        if !tables.isEmpty { parts.append(.huffman(tables)) }
      } else {
        parts += tables.map { .huffman([$0]) }
      }
      if index == 0 {
        if putsFrameLast { parts.append(.frame) }
        if hasRestarts { parts.append(.restartInterval(0)) }
      }
      parts.append(.scan(scan))
    }
    return parts + [.end]
  }

  private func definition(_ isAC: Bool, _ number: Int) -> JPEGHuffmanDefinition {
    JPEGHuffmanDefinition(
      isAC: isAC, number: number, code: isOptimal ? .optimal : number == 0 ? .luma : .chroma)
  }

  /// One scan of all components, or the steps of the Independent JPEG Group's encoder
  /// (jpeg_simple_progression).
  static func scans(_ frame: JPEGFrame) -> [JPEGScan] {
    let indices = Array(frame.components.indices)
    guard frame.isProgressive else { return [scan(frame, indices, 0, 63, 0, 0)] }
    let start = scan(frame, indices, 0, 0, 0, 1)
    let middle = scan(frame, indices, 0, 0, 1, 0)
    if indices.count == 3 {
      return [
        start, scan(frame, [0], 1, 5, 0, 2), scan(frame, [2], 1, 63, 0, 1),
        scan(frame, [1], 1, 63, 0, 1), scan(frame, [0], 6, 63, 0, 2),
        scan(frame, [0], 1, 63, 2, 1), middle, scan(frame, [2], 1, 63, 1, 0),
        scan(frame, [1], 1, 63, 1, 0), scan(frame, [0], 1, 63, 1, 0),
      ]
    }
    var scans = [start]
    for steps in [(1, 5, 0, 2), (6, 63, 0, 2), (1, 63, 2, 1)] {
      scans += indices.map { scan(frame, [$0], steps.0, steps.1, steps.2, steps.3) }
    }
    return scans + [middle] + indices.map { scan(frame, [$0], 1, 63, 1, 0) }
  }

  private static func scan(
    _ frame: JPEGFrame, _ members: [Int], _ first: Int, _ last: Int, _ high: Int, _ low: Int
  ) -> JPEGScan {
    var scan = JPEGScan(members: [])
    (scan.first, scan.last, scan.high, scan.low) = (first, last, high, low)
    scan.members = members.map {
      let table = frame.components[$0].table == 0 ? 0 : 1
      // Tables that a scan does not need are number 0.
      return JPEGScan.Member(
        component: $0, dcTable: scan.needsDC(in: frame) ? table : 0,
        acTable: scan.needsAC(in: frame) ? table : 0)
    }
    return scan
  }
}
