/// The layout as bytes: the frame, the shape (which parts there are, mostly one byte for all),
/// their contents, and at last segments and bytes of which only the length matters.
extension JPEGLayout {
  /// How the scans' flags are stored.
  private enum ScanFlags: UInt8 {
    case none
    case same
    case each
  }

  package func write(to writer: inout ByteWriter) {
    frame.write(to: &writer)
    let shape = shape()
    if let code = arrangement(of: JPEGArrangement.scans(frame), as: shape) {
      writer.uint8(UInt8(code))
    } else if let code = arrangement(of: scans, as: shape) {
      writer.uint8(UInt8(code + JPEGArrangement.count))
      writer.varint(scans.count)
      for scan in scans { Self.write(scan, to: &writer) }
    } else {
      writer.uint8(0)
      writer.varint(shape.count)
      writer.append(shape)
    }
    writeContents(to: &writer)
    writeScans(to: &writer)
    writeSegments(to: &writer)
  }

  /// The code of the arrangement that gives this shape with these scans.
  private func arrangement(of scans: [JPEGScan], as shape: [UInt8]) -> Int? {
    (1...JPEGArrangement.count).first {
      JPEGLayout(frame: frame, parts: JPEGArrangement(code: $0).parts(frame, scans)).shape()
        == shape
    }
  }

  /// The parts, a marker each with what else decides how the contents are read.
  private func shape() -> [UInt8] {
    var writer = ByteWriter()
    for part in parts {
      switch part {
      case .frame: writer.uint8(JPEGMarker.frame)
      case .quantisation(let tables):
        writer.uint8(JPEGMarker.quantisation)
        writer.uint8(UInt8(tables.count))
        for table in tables { writer.uint8(UInt8(table.number | (table.isWide ? 16 : 0))) }
      case .huffman(let tables):
        writer.uint8(JPEGMarker.huffman)
        writer.varint(tables.count)
        for table in tables {
          writer.uint8(UInt8(table.number) | (table.isAC ? 4 : 0) | table.code.number << 4)
        }
      case .restartInterval: writer.uint8(JPEGMarker.restartInterval)
      case .scan(let scan):
        writer.uint8(JPEGMarker.scan)
        Self.write(scan, to: &writer)
      case .segment, .bytes: break
      case .end: writer.uint8(JPEGMarker.end)
      }
    }
    return writer.bytes
  }

  /// A scan's header.
  private static func write(_ scan: JPEGScan, to writer: inout ByteWriter) {
    writer.uint8(UInt8(scan.members.count))
    for member in scan.members {
      writer.uint8(UInt8(member.component | member.dcTable << 2 | member.acTable << 4))
    }
    writer.uint8(UInt8(scan.first))
    writer.uint8(UInt8(scan.last))
    writer.uint8(UInt8(scan.high << 4 | scan.low))
  }

  private func writeContents(to writer: inout ByteWriter) {
    var before: JPEGQuantisation?
    for part in parts {
      switch part {
      case .quantisation(let tables):
        for table in tables {
          table.writeSteps(to: &writer, after: before)
          before = table
        }
      case .huffman(let tables):
        for table in tables {
          if case .explicit(let codes) = table.code { codes.write(to: &writer) }
        }
      case .restartInterval(let interval): writer.varint(interval)
      case .frame, .scan, .segment, .bytes, .end: break
      }
    }
  }

  private func writeScans(to writer: inout ByteWriter) {
    let scans = scans
    guard let flags = scans.first?.flags else { return }
    if !scans.allSatisfy({ $0.flags == flags }) {
      writer.uint8(ScanFlags.each.rawValue)
      for scan in scans { writer.uint8(scan.flags) }
    } else if flags != 0 {
      writer.uint8(ScanFlags.same.rawValue)
      writer.uint8(flags)
    } else {
      writer.uint8(ScanFlags.none.rawValue)
    }
    for scan in scans { scan.writeDeviations(to: &writer) }
  }

  /// Segments and bytes: how many; of each how many other parts stand since the one before, the
  /// marker, the length; then all their bytes.
  private func writeSegments(to writer: inout ByteWriter) {
    var entries = ByteWriter()
    var payloads = ByteWriter()
    var count = 0
    var distance = 0
    for part in parts {
      switch part {
      case .segment(let marker, let payload):
        Self.write(marker, payload, after: distance, &entries, &payloads)
      case .bytes(let bytes):
        Self.write(0, bytes, after: distance, &entries, &payloads)
      default:
        distance += 1
        continue
      }
      distance = 0
      count += 1
    }
    writer.varint(count)
    writer.append(entries.bytes)
    writer.append(payloads.bytes)
  }

  private static func write(
    _ marker: UInt8, _ payload: [UInt8], after distance: Int, _ entries: inout ByteWriter,
    _ payloads: inout ByteWriter
  ) {
    entries.varint(distance)
    entries.uint8(marker)
    entries.varint(payload.count)
    payloads.append(payload)
  }
}

extension JPEGLayout {
  /// Reads what ``write(to:)`` wrote; `limits` bound the size of the levels that belong to it.
  package init(_ reader: inout ByteReader, limits: DecoderLimits) throws(CodecError) {
    let start = reader.position
    self.init(frame: try JPEGFrame(&reader), parts: [])
    try frame.check(limits)
    let code = Int(try reader.uint8())
    if code == 0 {
      let count = try reader.varint(limit: 1 << 32, field: "JPEG parts")
      var shape = ByteReader(try reader.bytes(count))
      try readShape(&shape)
    } else {
      guard code <= 2 * JPEGArrangement.count else {
        throw .corrupt(field: "JPEG parts", at: reader.position - 1)
      }
      let isListed = code > JPEGArrangement.count
      let scans = isListed ? try readScanList(&reader) : JPEGArrangement.scans(frame)
      parts = JPEGArrangement(code: isListed ? code - JPEGArrangement.count : code)
        .parts(frame, scans)
    }
    try readContents(&reader)
    try readScans(&reader)
    try readSegments(&reader)
    // Each scan has its tables, and the frame comes once, before the first scan.
    guard isOrdered else { throw .corrupt(field: "JPEG parts", at: start) }
    _ = try plans()
  }

  /// Whether the frame header comes once, before the first scan.
  package var isOrdered: Bool {
    var frames = 0
    for part in parts {
      switch part {
      case .frame: frames += 1
      case .scan: if frames == 0 { return false }
      default: break
      }
    }
    return frames == 1
  }

  private func readScanList(_ reader: inout ByteReader) throws(CodecError) -> [JPEGScan] {
    let start = reader.position
    let limit = UInt64(Self.largestScanCount)
    var scans: [JPEGScan] = []
    for _ in 0..<(try reader.varint(limit: limit, field: "JPEG parts")) {
      let scan = try Self.readScan(&reader)
      guard scan.isValid(in: frame) else { throw .corrupt(field: "JPEG parts", at: start) }
      scans.append(scan)
    }
    return scans
  }

  private mutating func readShape(_ reader: inout ByteReader) throws(CodecError) {
    var (scanCount, tableCount) = (0, 0)
    while reader.remaining > 0 {
      let start = reader.position
      switch try reader.uint8() {
      case JPEGMarker.frame: parts.append(.frame)
      case JPEGMarker.quantisation:
        let count = Int(try reader.uint8())
        var tables: [JPEGQuantisation] = []
        for byte in try reader.bytes(count) {
          guard byte & ~0x13 == 0 else { throw .corrupt(field: "JPEG parts", at: start) }
          tables.append(
            JPEGQuantisation(
              number: Int(byte & 3), isWide: byte & 16 != 0,
              steps: [UInt16](repeating: 1, count: 64)))
        }
        parts.append(.quantisation(tables))
      case JPEGMarker.huffman:
        let count = try reader.varint(limit: 1 << 16, field: "JPEG parts")
        tableCount += count
        guard tableCount <= Self.largestTableCount else {
          throw .corrupt(field: "JPEG parts", at: start)
        }
        var tables: [JPEGHuffmanDefinition] = []
        for byte in try reader.bytes(count) {
          guard byte & 8 == 0, byte >> 4 < 4 else {
            throw .corrupt(field: "JPEG parts", at: start)
          }
          tables.append(
            JPEGHuffmanDefinition(
              isAC: byte & 4 != 0, number: Int(byte & 3), code: Self.code(byte >> 4)))
        }
        parts.append(.huffman(tables))
      case JPEGMarker.restartInterval: parts.append(.restartInterval(0))
      case JPEGMarker.scan:
        scanCount += 1
        let scan = try Self.readScan(&reader)
        guard scanCount <= Self.largestScanCount, scan.isValid(in: frame) else {
          throw .corrupt(field: "JPEG parts", at: start)
        }
        parts.append(.scan(scan))
      case JPEGMarker.end: parts.append(.end)
      default: throw .corrupt(field: "JPEG parts", at: start)
      }
    }
  }

  /// Codes of explicit tables follow with the contents.
  private static func code(_ number: UInt8) -> JPEGHuffmanCode {
    switch number {
    case 1: .luma
    case 2: .chroma
    case 3: .optimal
    default: .explicit(JPEGHuffmanTable(counts: [UInt8](repeating: 0, count: 16), symbols: []))
    }
  }

  private static func readScan(_ reader: inout ByteReader) throws(CodecError) -> JPEGScan {
    var scan = JPEGScan(members: [])
    let count = Int(try reader.uint8())
    guard (1...4).contains(count) else {
      throw .corrupt(field: "JPEG parts", at: reader.position - 1)
    }
    for byte in try reader.bytes(count) {
      guard byte < 64 else { throw .corrupt(field: "JPEG parts", at: reader.position) }
      scan.members.append(
        JPEGScan.Member(
          component: Int(byte & 3), dcTable: Int(byte >> 2 & 3), acTable: Int(byte >> 4)))
    }
    scan.first = Int(try reader.uint8())
    scan.last = Int(try reader.uint8())
    let bits = Int(try reader.uint8())
    (scan.high, scan.low) = (bits >> 4, bits & 15)
    return scan
  }

  private mutating func readContents(_ reader: inout ByteReader) throws(CodecError) {
    var before: JPEGQuantisation?
    for index in parts.indices {
      switch parts[index] {
      case .quantisation(var tables):
        for place in tables.indices {
          try tables[place].readSteps(&reader, after: before)
          before = tables[place]
        }
        parts[index] = .quantisation(tables)
      case .huffman(var tables):
        for place in tables.indices {
          if case .explicit = tables[place].code {
            tables[place].code = .explicit(try JPEGHuffmanTable(&reader))
          }
        }
        parts[index] = .huffman(tables)
      case .restartInterval:
        parts[index] = .restartInterval(
          try reader.varint(limit: 65535, field: "restart interval"))
      case .frame, .scan, .segment, .bytes, .end: break
      }
    }
  }

  private mutating func readScans(_ reader: inout ByteReader) throws(CodecError) {
    let count = scans.count
    guard count > 0 else { return }
    let start = reader.position
    var flags = [UInt8](repeating: 0, count: count)
    switch ScanFlags(rawValue: try reader.uint8()) {
    case .none?: break
    case .same?: flags = [UInt8](repeating: try reader.uint8(), count: count)
    case .each?: flags = try reader.bytes(count)
    case nil: throw .corrupt(field: "JPEG scans", at: start)
    }
    var next = 0
    for index in parts.indices {
      guard case .scan(var scan) = parts[index] else { continue }
      try scan.readDeviations(flags[next], &reader, in: frame)
      parts[index] = .scan(scan)
      next += 1
    }
  }

  private struct Entry {
    var distance: Int
    var marker: UInt8
    var count: Int
  }

  private mutating func readSegments(_ reader: inout ByteReader) throws(CodecError) {
    let start = reader.position
    let count = try reader.varint(limit: 1 << 32, field: "JPEG segments")
    guard count <= reader.remaining / 3 else { throw .truncated(at: start) }
    var entries: [Entry] = []
    for _ in 0..<count {
      let distance = try reader.varint(limit: UInt64(parts.count), field: "JPEG segments")
      let marker = try reader.uint8()
      // A segment's length counts its own two bytes.
      let limit: UInt64 = marker == 0 ? 1 << 48 : 65533
      entries.append(
        Entry(
          distance: distance, marker: marker,
          count: try reader.varint(limit: limit, field: "JPEG segments")))
    }
    guard !entries.isEmpty else { return }
    var all: [Part] = []
    var next = 0
    for entry in entries {
      guard next + entry.distance <= parts.count else {
        throw .corrupt(field: "JPEG segments", at: start)
      }
      all += parts[next..<next + entry.distance]
      next += entry.distance
      let payload = try reader.bytes(entry.count)
      all.append(entry.marker == 0 ? .bytes(payload) : .segment(entry.marker, payload))
    }
    parts = all + parts[next...]
  }
}
