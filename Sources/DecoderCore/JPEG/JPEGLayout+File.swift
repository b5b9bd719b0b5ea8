extension JPEGLayout {
  /// The file's bytes, at most `byteLimit`, from the levels of its components: for each as many as
  /// ``JPEGFrame/levelCount(of:)`` says, block after block, each row after row.
  ///
  /// Throws where levels have no code in the file's tables.
  package func file(levels: [[Int16]], byteLimit: Int) throws(CodecError) -> [UInt8] {
    let plans = try plans()
    let tables = try resolvedTables(plans, levels)
    return try file(plans, tables, levels, byteLimit: byteLimit)
  }

  /// How often each symbol of each table is used, 256 counts a table.
  package func symbolCounts(
    _ plans: [JPEGScanPlan], _ levels: [[Int16]]
  ) throws(CodecError) -> [UInt32] {
    try checkLevels(levels)
    let tableCount = tables.count
    let counts = Buffer<UInt32>(zeroed: tableCount * 256)
    let base = counts.base
    try JPEGLevels.with(levels) { (levels) throws(CodecError) in
      var coder = JPEGScanCoder(JPEGSymbolCounts(base))
      for plan in plans { coder.code(plan, frame, levels) }
    }
    return Array(UnsafeBufferPointer(start: counts.base, count: tableCount * 256))
  }

  /// The codes of each table.
  private func resolvedTables(
    _ plans: [JPEGScanPlan], _ levels: [[Int16]]
  ) throws(CodecError) -> [JPEGHuffmanTable] {
    let definitions = tables
    var isOptimal = [Bool](repeating: false, count: definitions.count)
    for (index, table) in definitions.enumerated() { isOptimal[index] = table.code == .optimal }
    let counted = plans.filter {
      $0.dcTables.contains { isOptimal[$0] } || $0.acTables.contains { isOptimal[$0] }
    }
    let counts = counted.isEmpty ? [] : try symbolCounts(counted, levels)
    var tables: [JPEGHuffmanTable] = []
    for (index, definition) in definitions.enumerated() {
      switch definition.code {
      case .luma:
        tables.append(.standard(isAC: definition.isAC, isChroma: false))
      case .chroma:
        tables.append(.standard(isAC: definition.isAC, isChroma: true))
      case .explicit(let table): tables.append(table)
      case .optimal:
        let own =
          counts.isEmpty
          ? [UInt32](repeating: 0, count: 256) : Array(counts[256 * index..<256 * index + 256])
        guard let table = JPEGHuffmanTable.optimal(own) else {
          throw .corrupt(field: "Huffman table", at: 0)
        }
        tables.append(table)
      }
    }
    return tables
  }

  /// The same with tables that are known.
  package func file(
    _ plans: [JPEGScanPlan], _ tables: [JPEGHuffmanTable], _ levels: [[Int16]], byteLimit: Int
  ) throws(CodecError) -> [UInt8] {
    try checkLevels(levels)
    let codes = Buffer<UInt32>(zeroed: tables.count * 256)
    for (index, table) in tables.enumerated() { table.fill(codes.base + 256 * index) }
    let base = codes.base
    let capacity = min(max(0, byteLimit), frame.levelByteCount / 8)
    let (bytes, isFull, isComplete) = try JPEGLevels.with(levels) {
      (levels) throws(CodecError) -> ([UInt8], Bool, Bool) in
      var coder = JPEGScanCoder(JPEGBytes(codes: base, capacity: capacity, limit: byteLimit))
      var next = 0
      var table = 4
      coder.sink.marker(JPEGMarker.start)
      for part in parts {
        try write(part, tables, &table, to: &coder.sink)
        if case .scan = part {
          coder.code(plans[next], frame, levels)
          next += 1
        }
        if coder.sink.hasFailed { break }
      }
      let isFull = coder.sink.isFull || coder.sink.count > byteLimit
      return (isFull ? [] : coder.sink.bytes, isFull, !coder.sink.hasFailed)
    }
    withExtendedLifetime(codes) {}
    if isFull {
      throw .limitExceeded(.memoryByteCount, needed: byteLimit + 1, allowed: byteLimit)
    }
    guard isComplete else { throw .corrupt(field: "JPEG levels", at: 0) }
    return bytes
  }

  private func checkLevels(_ levels: [[Int16]]) throws(CodecError) {
    guard levels.count == frame.components.count,
      levels.indices.allSatisfy({ levels[$0].count == frame.levelCount(of: $0) })
    else { throw .corrupt(field: "JPEG levels", at: 0) }
  }

  /// Everything but the coded data of scans.
  private func write(
    _ part: Part, _ tables: [JPEGHuffmanTable], _ table: inout Int, to bytes: inout JPEGBytes
  ) throws(CodecError) {
    switch part {
    case .frame:
      bytes.marker(frame.process.rawValue)
      bytes.uint16(8 + 3 * frame.components.count)
      bytes.raw(8)
      bytes.uint16(frame.height)
      bytes.uint16(frame.width)
      bytes.raw(UInt8(frame.components.count))
      for component in frame.components {
        bytes.raw(component.id)
        bytes.raw(UInt8(component.horizontal << 4 | component.vertical))
        bytes.raw(UInt8(component.table))
      }
    case .quantisation(let quantisations):
      bytes.marker(JPEGMarker.quantisation)
      bytes.uint16(quantisations.reduce(2) { $0 + ($1.isWide ? 129 : 65) })
      for quantisation in quantisations {
        bytes.raw(UInt8(quantisation.number) | (quantisation.isWide ? 16 : 0))
        for place in JPEGZigzag.natural {
          let step = Int(quantisation.steps[Int(place)])
          if quantisation.isWide { bytes.uint16(step) } else { bytes.raw(UInt8(step)) }
        }
      }
    case .huffman(let definitions):
      let own = tables[table..<table + definitions.count]
      let count = own.reduce(2) { $0 + 17 + $1.symbols.count }
      guard count <= 65535 else { throw .corrupt(field: "Huffman table", at: 0) }
      bytes.marker(JPEGMarker.huffman)
      bytes.uint16(count)
      for (definition, codes) in zip(definitions, own) {
        bytes.raw(UInt8(definition.number) | (definition.isAC ? 16 : 0))
        bytes.append(codes.counts)
        bytes.append(codes.symbols)
      }
      table += definitions.count
    case .restartInterval(let interval):
      bytes.marker(JPEGMarker.restartInterval)
      bytes.uint16(4)
      bytes.uint16(interval)
    case .scan(let scan):
      bytes.marker(JPEGMarker.scan)
      bytes.uint16(6 + 2 * scan.members.count)
      bytes.raw(UInt8(scan.members.count))
      for member in scan.members {
        bytes.raw(frame.components[member.component].id)
        bytes.raw(UInt8(member.dcTable << 4 | member.acTable))
      }
      bytes.raw(UInt8(scan.first))
      bytes.raw(UInt8(scan.last))
      bytes.raw(UInt8(scan.high << 4 | scan.low))
    case .segment(let marker, let payload):
      bytes.marker(marker)
      bytes.uint16(payload.count + 2)
      bytes.append(payload)
    case .bytes(let more): bytes.append(more)
    case .end: bytes.marker(JPEGMarker.end)
    }
  }
}

extension JPEGBytes {
  mutating func marker(_ code: UInt8) {
    raw(JPEGMarker.prefix)
    raw(code)
  }
}
