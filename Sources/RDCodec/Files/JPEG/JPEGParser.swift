package import DecoderCore

/// A JPEG file taken apart.
package struct ParsedJPEG {
  package var layout: JPEGLayout
  /// Of each component, as ``JPEGLayout/file(levels:byteLimit:)`` takes them: coefficients divided
  /// by their steps, 64 of a block row after row.
  package var levels: [[Int16]]
}

/// Takes JPEG files apart so that they can be put together again byte for byte.
///
/// Source: ITU-T T.81, annex B.
package struct JPEGParser {
  private let bytes: UnsafeBufferPointer<UInt8>
  private let limits: DecoderLimits
  private var position = 0
  private var frame: JPEGFrame?
  private var parts: [JPEGLayout.Part] = []
  private var levels: [[Int16]] = []
  private var interval = 0
  private var scanCount = 0
  private var tableCount = 4
  /// By number, each with its place among all tables of the file.
  private var dcTables: [Table?]
  private var acTables: [Table?]
  /// How often each symbol of each table was read, 256 counts a table.
  private var counts = [UInt32](repeating: 0, count: 4 * 256)
  private var hasQuantisation = [Bool](repeating: false, count: 4)

  private struct Table {
    var codes: JPEGHuffmanTable
    var place: Int
  }

  /// The parts of a file; throws ``CodecError/unsupported(_:)`` for what could not be given back
  /// exactly.
  package static func parse(
    _ file: [UInt8], limits: DecoderLimits
  ) throws(CodecError) -> ParsedJPEG {
    var (parsed, counts) = try file.withUnsafeBufferPointer { (bytes) throws(CodecError) in
      var parser = JPEGParser(bytes, limits)
      return (try parser.parse(), parser.counts)
    }
    let plans = try parsed.layout.plans()
    let tables = parsed.layout.tables.map { definition -> JPEGHuffmanTable in
      switch definition.code {
      case .explicit(let table): table
      case .chroma: .standard(isAC: definition.isAC, isChroma: true)
      default: .standard(isAC: definition.isAC, isChroma: false)
      }
    }
    let again = try? parsed.layout.file(plans, tables, parsed.levels, byteLimit: file.count)
    guard again == file else {
      throw .unsupported("JPEG files with coefficients in an unusual form")
    }
    // Symbols behind the end of a scan that is not whole were counted too.
    if plans.contains(where: { $0.scan.unitCount != nil }) {
      counts = try parsed.layout.symbolCounts(plans, parsed.levels)
    }
    recogniseTables(&parsed, plans, counts)
    return parsed
  }

  private init(_ bytes: UnsafeBufferPointer<UInt8>, _ limits: DecoderLimits) {
    self.bytes = bytes
    self.limits = limits
    let standard = { (isAC: Bool, isChroma: Bool, place: Int) -> Table? in
      Table(codes: .standard(isAC: isAC, isChroma: isChroma), place: place)
    }
    dcTables = [standard(false, false, 0), standard(false, true, 1), nil, nil]
    acTables = [standard(true, false, 2), standard(true, true, 3), nil, nil]
  }

  // MARK: Tables

  /// Names tables that need not be stored.
  private static func recogniseTables(
    _ parsed: inout ParsedJPEG, _ plans: [JPEGScanPlan], _ counts: [UInt32]
  ) {
    var isUsed = [Bool](repeating: false, count: parsed.layout.tables.count)
    for plan in plans {
      for m in plan.scan.members.indices {
        if plan.scan.needsDC(in: parsed.layout.frame) { isUsed[plan.dcTables[m]] = true }
        if plan.scan.needsAC(in: parsed.layout.frame) { isUsed[plan.acTables[m]] = true }
      }
    }
    var next = 4
    for index in parsed.layout.parts.indices {
      guard case .huffman(var tables) = parsed.layout.parts[index] else { continue }
      for place in tables.indices {
        defer { next += 1 }
        guard case .explicit(let table) = tables[place].code else { continue }
        let isAC = tables[place].isAC
        if table == .standard(isAC: isAC, isChroma: false) {
          tables[place].code = .luma
        } else if table == .standard(isAC: isAC, isChroma: true) {
          tables[place].code = .chroma
        } else if isUsed[next] {
          if JPEGHuffmanTable.optimal(Array(counts[256 * next..<256 * next + 256])) == table {
            tables[place].code = .optimal
          }
        }
      }
      parsed.layout.parts[index] = .huffman(tables)
    }
  }

  // MARK: Markers

  private mutating func parse() throws(CodecError) -> ParsedJPEG {
    guard bytes.count >= 2, bytes[0] == JPEGMarker.prefix, bytes[1] == JPEGMarker.start else {
      throw .notImage(nil)
    }
    position = 2
    while true {
      let start = position
      skipToMarker()
      if position > start { parts.append(.bytes(Array(bytes[start..<position]))) }
      guard position < bytes.count else { break }
      if bytes[position + 1] == JPEGMarker.end {
        parts.append(.end)
        position += 2
        if position < bytes.count { parts.append(.bytes(Array(bytes[position...]))) }
        break
      }
      guard let payload = payload() else {
        guard scanCount > 0 else { throw .truncated(at: bytes.count) }
        parts.append(.bytes(Array(bytes[position...])))
        break
      }
      let marker = bytes[position + 1]
      position = payload.upperBound
      try read(marker, payload)
    }
    guard let frame, scanCount > 0 else { throw .truncated(at: bytes.count) }
    let layout = JPEGLayout(frame: frame, parts: parts)
    for index in frame.components.indices {
      guard let table = layout.quantisation(of: index), !table.steps.contains(0) else {
        throw .unsupported("JPEG files without a quantisation table for each component")
      }
    }
    return ParsedJPEG(layout: layout, levels: levels)
  }

  /// Moves to the next marker other than restarts, or to the end.
  private mutating func skipToMarker() {
    while position + 1 < bytes.count {
      if bytes[position] == JPEGMarker.prefix {
        let code = bytes[position + 1]
        if code >= JPEGMarker.frame, code != JPEGMarker.prefix, !JPEGMarker.isRestart(code) {
          return
        }
      }
      position += 1
    }
    position = bytes.count
  }

  /// Where the payload of the segment is that begins here; nil where the file ends before.
  private func payload() -> Range<Int>? {
    guard position + 4 <= bytes.count else { return nil }
    let count = uint16(position + 2)
    guard count >= 2, position + 2 + count <= bytes.count else { return nil }
    return position + 4..<position + 2 + count
  }

  private func uint16(_ place: Int) -> Int { Int(bytes[place]) << 8 | Int(bytes[place + 1]) }

  private static func odd(_ what: String) -> CodecError {
    .unsupported("JPEG files with an unusual \(what)")
  }

  private mutating func read(_ marker: UInt8, _ payload: Range<Int>) throws(CodecError) {
    switch marker {
    case JPEGMarker.huffman: try readHuffman(payload)
    case JPEGMarker.quantisation: try readQuantisation(payload)
    case JPEGMarker.restartInterval:
      guard payload.count == 2 else { throw Self.odd("restart interval") }
      interval = uint16(payload.lowerBound)
      parts.append(.restartInterval(interval))
    case JPEGMarker.scan: try readScan(payload)
    case 0xC0, 0xC1, 0xC2: try readFrame(marker, payload)
    case 0xC3: throw .unsupported("lossless JPEG files")
    case 0xC5, 0xC6, 0xC7, JPEGMarker.hierarchy, JPEGMarker.expansion:
      throw .unsupported("hierarchical JPEG files")
    case 0xC9...0xCF: throw .unsupported("JPEG files with arithmetic coding")
    case JPEGMarker.start: throw .unsupported("JPEG files inside of JPEG files")
    default: parts.append(.segment(marker, Array(bytes[payload])))
    }
  }

  private mutating func readFrame(_ marker: UInt8, _ payload: Range<Int>) throws(CodecError) {
    guard frame == nil else { throw .unsupported("JPEG files with several frames") }
    let start = payload.lowerBound
    guard payload.count >= 6, payload.count == 6 + 3 * Int(bytes[start + 5]) else {
      throw Self.odd("frame header")
    }
    guard bytes[start] == 8 else {
      throw .unsupported("JPEG files of \(Int(bytes[start])) bits")
    }
    var components: [JPEGFrame.Component] = []
    for place in stride(from: start + 6, to: payload.upperBound, by: 3) {
      components.append(
        JPEGFrame.Component(
          id: bytes[place], horizontal: Int(bytes[place + 1] >> 4),
          vertical: Int(bytes[place + 1] & 15), table: Int(bytes[place + 2])))
    }
    let frame = JPEGFrame(
      process: JPEGFrame.Process(rawValue: marker)!, width: uint16(start + 3),
      height: uint16(start + 1), components: components)
    guard frame.isValid else { throw Self.odd("frame header") }
    try frame.check(limits)
    self.frame = frame
    parts.append(.frame)
  }

  private mutating func readQuantisation(_ payload: Range<Int>) throws(CodecError) {
    var tables: [JPEGQuantisation] = []
    var place = payload.lowerBound
    while place < payload.upperBound {
      let kind = bytes[place]
      let isWide = kind >> 4 == 1
      let end = place + (isWide ? 129 : 65)
      guard kind & ~0x13 == 0, end <= payload.upperBound else {
        throw Self.odd("quantisation table")
      }
      var steps = [UInt16](repeating: 0, count: 64)
      for (k, natural) in JPEGZigzag.natural.enumerated() {
        steps[Int(natural)] =
          isWide ? UInt16(uint16(place + 1 + 2 * k)) : UInt16(bytes[place + 1 + k])
      }
      tables.append(JPEGQuantisation(number: Int(kind & 3), isWide: isWide, steps: steps))
      place = end
    }
    guard tables.count < 256 else { throw Self.odd("quantisation table") }
    parts.append(.quantisation(tables))
  }

  private mutating func readHuffman(_ payload: Range<Int>) throws(CodecError) {
    var definitions: [JPEGHuffmanDefinition] = []
    var place = payload.lowerBound
    while place < payload.upperBound {
      let kind = bytes[place]
      guard kind & ~0x13 == 0, place + 17 <= payload.upperBound else {
        throw Self.odd("Huffman table")
      }
      let counts = Array(bytes[place + 1..<place + 17])
      let end = place + 17 + counts.reduce(0) { $0 + Int($1) }
      guard end <= payload.upperBound else { throw Self.odd("Huffman table") }
      let table = JPEGHuffmanTable(counts: counts, symbols: Array(bytes[place + 17..<end]))
      guard table.isValid else { throw Self.odd("Huffman table") }
      let (isAC, number) = (kind >> 4 == 1, Int(kind & 3))
      let new = Table(codes: table, place: tableCount + definitions.count)
      if isAC { acTables[number] = new } else { dcTables[number] = new }
      definitions.append(
        JPEGHuffmanDefinition(isAC: isAC, number: number, code: .explicit(table)))
      place = end
    }
    tableCount += definitions.count
    guard tableCount <= JPEGLayout.largestTableCount else { throw Self.odd("Huffman table") }
    counts += [UInt32](repeating: 0, count: 256 * definitions.count)
    parts.append(.huffman(definitions))
  }

  private mutating func readScan(_ payload: Range<Int>) throws(CodecError) {
    guard let frame else { throw Self.odd("order of its parts") }
    let start = payload.lowerBound
    guard payload.count >= 4, payload.count == 4 + 2 * Int(bytes[start]) else {
      throw Self.odd("scan header")
    }
    var scan = JPEGScan(members: [])
    for place in stride(from: start + 1, to: payload.upperBound - 3, by: 2) {
      let component = frame.components.indices.first { index in
        frame.components[index].id == bytes[place]
          && !scan.members.contains { $0.component == index }
      }
      guard let component else { throw Self.odd("scan header") }
      scan.members.append(
        JPEGScan.Member(
          component: component, dcTable: Int(bytes[place + 1] >> 4),
          acTable: Int(bytes[place + 1] & 15)))
    }
    scan.first = Int(bytes[payload.upperBound - 3])
    scan.last = Int(bytes[payload.upperBound - 2])
    scan.high = Int(bytes[payload.upperBound - 1] >> 4)
    scan.low = Int(bytes[payload.upperBound - 1] & 15)
    scanCount += 1
    guard scan.isValid(in: frame), scanCount <= JPEGLayout.largestScanCount else {
      throw Self.odd("scan header")
    }
    if levels.isEmpty {
      for index in frame.components.indices {
        levels.append([Int16](repeating: 0, count: frame.levelCount(of: index)))
      }
    }
    try readData(&scan, frame)
    parts.append(.scan(scan))
  }

  /// The scan's coded data, which begins here.
  private mutating func readData(_ scan: inout JPEGScan, _ frame: JPEGFrame) throws(CodecError) {
    let none = JPEGHuffmanTable(counts: [UInt8](repeating: 0, count: 16), symbols: [])
    let empty = Table(codes: none, place: 0)
    var tables: [(dc: Table, ac: Table)] = []
    for member in scan.members {
      let dc = scan.needsDC(in: frame) ? dcTables[member.dcTable] : empty
      let ac = scan.needsAC(in: frame) ? acTables[member.acTable] : empty
      guard let dc, let ac else {
        throw .unsupported("JPEG files without the Huffman tables of a scan")
      }
      tables.append((dc, ac))
    }
    try withMembers(scan, tables, []) { (parser, members) throws(CodecError) in
      var members = members
      try JPEGZigzag.natural.withUnsafeBufferPointer { (natural) throws(CodecError) in
        var reader = JPEGScanReader(
          scan, frame, interval: parser.interval, parser.bytes, at: parser.position,
          natural: natural.baseAddress!)
        parser.position = try reader.read(&members)
        scan = reader.scan
      }
    }
  }

  /// Calls `body` with the members' levels and tables in place.
  private mutating func withMembers(
    _ scan: JPEGScan, _ tables: [(dc: Table, ac: Table)],
    _ before: [JPEGScanReader.Member],
    _ body: (inout JPEGParser, [JPEGScanReader.Member]) throws(CodecError) -> Void
  ) throws(CodecError) {
    let index = before.count
    guard index < tables.count else { return try body(&self, before) }
    let dc = JPEGDecodingTable(tables[index].dc.codes)
    let ac = JPEGDecodingTable(tables[index].ac.codes)
    let component = scan.members[index].component
    // Taken out, so that it stays the only reference.
    var own: [Int16] = []
    swap(&own, &levels[component])
    defer { swap(&own, &levels[component]) }
    try own.withUnsafeMutableBufferPointer { (part) throws(CodecError) in
      let member = JPEGScanReader.Member(
        levels: part.baseAddress!, dc: dc.codes, ac: ac.codes)
      try withMembers(scan, tables, before + [member], body)
    }
    for symbol in 0..<256 {
      counts[256 * tables[index].dc.place + symbol] &+= dc.counts[symbol]
      counts[256 * tables[index].ac.place + symbol] &+= ac.counts[symbol]
    }
    withExtendedLifetime(dc) {}
    withExtendedLifetime(ac) {}
  }
}
