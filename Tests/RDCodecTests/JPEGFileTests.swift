import DecoderCore
import TestSupport
import Testing

@testable import RDCodec

/// JPEG files are taken apart and come back byte for byte.
@Suite struct JPEGFileTests {
  private static let names = JPEGFiles.all.map { $0.name }
  private static let limits = DecoderLimits(
    dimension: 65535, pixelCount: 1 << 22, metadataByteCount: 1 << 20)

  /// Takes a file apart, and checks that its layout as bytes makes the same file of its levels.
  @discardableResult
  private func checkKept(_ file: [UInt8]) throws -> (ParsedJPEG, layoutByteCount: Int) {
    let parsed = try JPEGParser.parse(file, limits: Self.limits)
    var writer = ByteWriter()
    parsed.layout.write(to: &writer)
    var reader = ByteReader(writer.bytes)
    let layout = try JPEGLayout(&reader, limits: Self.limits)
    let again = try layout.file(levels: parsed.levels, byteLimit: file.count)
    let isSame = again == file && layout == parsed.layout && reader.remaining == 0
    #expect(isSame)
    return (parsed, writer.bytes.count)
  }

  @Test(arguments: names)
  func wholeFilesComeBack(name: String) throws {
    let (parsed, byteCount) = try checkKept(JPEGFiles.named(name))
    let payload = parsed.layout.parts.reduce(0) { count, part in
      if case .segment(_, let bytes) = part { count + bytes.count } else { count }
    }
    let limit = ["unfinished": 80, "wide": 60][name] ?? 30
    #expect(byteCount - payload < limit)
  }

  @Test(arguments: names)
  func levelsAndTablesAreTheFiles(name: String) throws {
    let parsed = try JPEGParser.parse(JPEGFiles.named(name), limits: Self.limits)
    let frame = parsed.layout.frame
    for (index, levels) in parsed.levels.enumerated() {
      #expect(levels.count == frame.levelCount(of: index))
      #expect(levels.contains { $0 != 0 })
      #expect(parsed.layout.quantisation(of: index) != nil)
    }
  }

  @Test func levelsAreInRowsOfBlocks() throws {
    let parsed = try JPEGParser.parse(JPEGFiles.named("colour"), limits: Self.limits)
    let frame = parsed.layout.frame
    #expect(frame.width == 41 && frame.height == 27)
    // Units of 16 × 16 pixels: 3 in a row, 2 rows.
    #expect(frame.grid(of: 0).columns == 6 && frame.grid(of: 0).rows == 4)
    #expect(frame.grid(of: 1).columns == 3 && frame.grid(of: 1).rows == 2)
    #expect(frame.scanGrid(of: 1).columns == 3 && frame.scanGrid(of: 1).rows == 2)
  }

  // MARK: Unusual files

  @Test(arguments: names)
  func unusualBytesComeBack(name: String) throws {
    let file = JPEGFiles.named(name)
    let places = JPEGFiles.markers(in: file)
    try checkKept(Array(file.dropLast(2)))
    try checkKept(file + [1, 2, 3, 0xFF, 0xD8, 0xFF])
    try checkKept(file + file)
    try checkKept(file.inserting([0xFF, 0xD3], at: places.last!))
    try checkKept(file.inserting([0x12, 0xFF, 0x00], at: places.last!))
    var filled = file
    var commented = file
    for place in places.reversed() {
      filled = filled.inserting([UInt8](repeating: 0xFF, count: place % 4), at: place)
      commented = commented.inserting([0xFF, 0xFE, 0, 4, 7, 8], at: place)
    }
    try checkKept(filled)
    try checkKept(commented)
  }

  @Test func unusualRestartsComeBack() throws {
    let file = JPEGFiles.named("colour444")
    let place = try #require(
      file.indices.dropLast().first { file[$0] == 0xFF && file[$0 + 1] == 0xD1 })
    var odd = file
    odd[place + 1] = 0xD6
    let (parsed, _) = try checkKept(odd)
    #expect(parsed.layout.scans[0].restarts == [.init(index: 1, number: 6, fillCount: 0)])
    try checkKept(file.inserting([0xFF, 0xFF], at: place))
  }

  @Test func missingRestartsComeBack() throws {
    let file = JPEGFiles.named("colour")
    let scan = JPEGFiles.markers(in: file).dropLast().last!
    let (parsed, _) = try checkKept(file.inserting([0xFF, 0xDD, 0, 4, 0, 2], at: scan))
    #expect(parsed.layout.scans[0].ignoresRestarts)
  }

  @Test(arguments: names)
  func cutFilesComeBackOrAreRefused(name: String) throws {
    let file = JPEGFiles.named(name)
    let scan = JPEGFiles.markers(in: file).first { file[$0 + 1] == 0xDA }!
    var keptCount = 0
    let counts = stride(from: 0, to: file.count, by: 5)
    for count in counts {
      do {
        _ = try JPEGParser.parse(Array(file[..<count]), limits: Self.limits)
      } catch { continue }
      try checkKept(Array(file[..<count]))
      keptCount += 1
    }
    // From the first scan's header on, nothing is refused.
    #expect(keptCount >= counts.count { $0 > scan + 16 })
  }

  @Test(arguments: names)
  func damagedFilesComeBackOrAreRefused(name: String) throws {
    var random = SplitMix64(seed: 11)
    let file = JPEGFiles.named(name)
    for _ in 0..<80 {
      var damaged = file
      let place = Int.random(in: 2..<file.count, using: &random)
      damaged[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      guard (try? JPEGParser.parse(damaged, limits: Self.limits)) != nil else { continue }
      try checkKept(damaged)
    }
  }

  // MARK: Refused files

  @Test(arguments: names, [-1, 1])
  func wrongLengthsNeverTrap(name: String, change: Int) throws {
    let file = JPEGFiles.named(name)
    for place in JPEGFiles.markers(in: file) where place + 3 < file.count {
      var changed = file
      changed[place + 3] &+= UInt8(truncatingIfNeeded: change)
      if (try? JPEGParser.parse(changed, limits: Self.limits)) != nil { try checkKept(changed) }
      let cut = Array(file[..<(place + 3)])
      if (try? JPEGParser.parse(cut, limits: Self.limits)) != nil { try checkKept(cut) }
    }
  }

  @Test(arguments: [0xDB, 0xC0, 0xDA] as [UInt8])
  func missingPartsAreRefused(marker: UInt8) throws {
    let file = JPEGFiles.named("grey")
    let places = JPEGFiles.markers(in: file)
    let index = try #require(places.firstIndex { file[$0 + 1] == marker })
    let next = places[index + 1]
    let without = Array(file[..<places[index]] + file[next...])
    #expect(throws: CodecError.self) { try JPEGParser.parse(without, limits: Self.limits) }
  }

  @Test func missingHuffmanTablesAreRefusedOrStandard() throws {
    let grey = JPEGFiles.named("colour")
    var file = grey
    for place in JPEGFiles.markers(in: grey).reversed() where grey[place + 1] == 0xC4 {
      let count = 2 + (Int(grey[place + 2]) << 8 | Int(grey[place + 3]))
      file.removeSubrange(place..<place + count)
    }
    // Without any tables, those of the standard are meant, which this file has.
    try checkKept(file)
    let scan = file.indices.dropLast().first { file[$0] == 0xFF && file[$0 + 1] == 0xDA }!
    file[scan + 6] = 0x22
    #expect(throws: CodecError.self) { try JPEGParser.parse(file, limits: Self.limits) }
  }

  @Test(arguments: [0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF] as [UInt8])
  func otherProcessesAreNotSupported(marker: UInt8) throws {
    var file = JPEGFiles.named("grey")
    let place = try #require(JPEGFiles.markers(in: file).first { file[$0 + 1] == 0xC0 })
    file[place + 1] = marker
    expectUnsupported(file)
  }

  @Test func twelveBitsAreNotSupported() throws {
    var file = JPEGFiles.named("grey")
    let place = try #require(JPEGFiles.markers(in: file).first { file[$0 + 1] == 0xC0 })
    file[place + 1] = 0xC1
    file[place + 4] = 12
    expectUnsupported(file)
  }

  private func expectUnsupported(_ file: [UInt8]) {
    var isUnsupported = false
    do {
      _ = try JPEGParser.parse(file, limits: Self.limits)
    } catch {
      if case .unsupported = error { isUnsupported = true }
    }
    #expect(isUnsupported)
  }

  @Test func largeHeadersAreRefusedBeforeMemoryIsTaken() throws {
    var file = JPEGFiles.named("grey")
    let place = try #require(JPEGFiles.markers(in: file).first { file[$0 + 1] == 0xC0 })
    for side in 5..<9 { file[place + side] = 0xFF }
    let expected = CodecError.limitExceeded(
      .pixelCount, needed: 65535 * 65535, allowed: DecoderLimits.default.pixelCount)
    #expect(throws: expected) { try JPEGParser.parse(file, limits: .default) }
    let tight = DecoderLimits(
      dimension: 65535, pixelCount: 1 << 22, metadataByteCount: 0, memoryByteCount: 100)
    let small = JPEGFiles.named("grey")
    #expect(throws: CodecError.self) { try JPEGParser.parse(small, limits: tight) }
  }

  // MARK: Files of our own

  private static func layout(
    _ process: JPEGFrame.Process, width: Int, height: Int, _ scans: [JPEGScan], isOptimal: Bool
  ) -> JPEGLayout {
    let frame = JPEGFrame(
      process: process, width: width, height: height,
      components: [.init(id: 1, horizontal: 1, vertical: 1, table: 0)])
    let steps = [UInt16](repeating: 7, count: 64)
    var parts: [JPEGLayout.Part] = [
      .quantisation([JPEGQuantisation(number: 0, isWide: false, steps: steps)]), .frame,
    ]
    for scan in scans {
      if isOptimal {
        parts.append(
          .huffman([
            JPEGHuffmanDefinition(isAC: scan.first > 0, number: 0, code: .optimal)
          ]))
      }
      parts.append(.scan(scan))
    }
    return JPEGLayout(frame: frame, parts: parts + [.end])
  }

  private static func scan(_ first: Int, _ last: Int, _ high: Int, _ low: Int) -> JPEGScan {
    var scan = JPEGScan(members: [.init(component: 0, dcTable: 0, acTable: 0)])
    (scan.first, scan.last, scan.high, scan.low) = (first, last, high, low)
    return scan
  }

  @Test func longRunsOfEmptyBlocksComeBack() throws {
    let scans = [Self.scan(0, 0, 0, 0), Self.scan(1, 63, 0, 1), Self.scan(1, 63, 1, 0)]
    let layout = Self.layout(.progressive, width: 2000, height: 1400, scans, isOptimal: true)
    var levels = [Int16](repeating: 0, count: layout.frame.levelCount(of: 0))
    levels[levels.count - 1] = -3
    let file = try layout.file(levels: [levels], byteLimit: 1 << 20)
    let (parsed, _) = try checkKept(file)
    #expect(parsed.levels == [levels])
    #expect(parsed.layout.scans.allSatisfy { $0.flags == 0 })
  }

  @Test(arguments: [1, 2, 3, 4])
  func randomLevelsComeBack(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let scans = [
      Self.scan(0, 0, 0, 1), Self.scan(1, 30, 0, 2), Self.scan(31, 63, 0, 2),
      Self.scan(1, 63, 2, 1), Self.scan(0, 0, 1, 0), Self.scan(1, 63, 1, 0),
    ]
    var layout = Self.layout(.progressive, width: 320, height: 200, scans, isOptimal: true)
    // A scan of single bits has no symbols, and needs no table.
    layout.parts.remove(at: 2 + 2 * 4)
    let count = layout.frame.levelCount(of: 0)
    let levels = (0..<count).map { _ -> Int16 in
      let size = Int.random(in: -14...9, using: &random) / Int(seed)
      guard size > 0 else { return 0 }
      let largest: Int16 = 1 << Int16(size)
      return Int16.random(in: -largest...largest, using: &random)
    }
    let file = try layout.file(levels: [levels], byteLimit: 1 << 22)
    let (parsed, byteCount) = try checkKept(file)
    #expect(parsed.levels == [levels])
    #expect(parsed.layout.scans.allSatisfy { $0.flags == 0 })
    #expect(byteCount < 200)
  }

  @Test func otherEndsOfRunsComeBack() throws {
    var scan = Self.scan(1, 63, 0, 0)
    scan.runEnds = [3, 4, 100]
    scan.zeroRuns = [.init(block: 7, count: 1), .init(block: 50, count: 3)]
    scan.paddings = [.init(index: 0, bits: 0)]
    let scans = [Self.scan(0, 0, 0, 0), scan]
    let layout = Self.layout(.progressive, width: 100, height: 100, scans, isOptimal: true)
    var levels = [Int16](repeating: 0, count: layout.frame.levelCount(of: 0))
    levels[9 * 64 + 1] = 5
    let (parsed, _) = try checkKept(try layout.file(levels: [levels], byteLimit: 1 << 16))
    #expect(parsed.layout.scans[1].runEnds == scan.runEnds)
    #expect(parsed.layout.scans[1].zeroRuns == scan.zeroRuns)
  }

  @Test func moreCorrectionsThanUsualComeBack() throws {
    var last = Self.scan(1, 63, 1, 0)
    last.hasLongCorrections = true
    let scans = [Self.scan(0, 0, 0, 0), Self.scan(1, 63, 0, 1), last]
    let layout = Self.layout(.progressive, width: 200, height: 100, scans, isOptimal: true)
    let levels = (0..<layout.frame.levelCount(of: 0)).map { (index: Int) -> Int16 in
      index % 64 == 0 ? 0 : Int16(2 + index % 2)
    }
    let (parsed, _) = try checkKept(try layout.file(levels: [levels], byteLimit: 1 << 18))
    #expect(parsed.layout.scans[2].hasLongCorrections)
    #expect(parsed.levels == [levels])
  }

  @Test func levelsWithoutCodeThrow() throws {
    var parsed = try JPEGParser.parse(JPEGFiles.named("colour"), limits: Self.limits)
    parsed.levels[0][5] = .min
    #expect(throws: CodecError.self) {
      try parsed.layout.file(levels: parsed.levels, byteLimit: 1 << 20)
    }
    parsed.levels[0].removeLast()
    #expect(throws: CodecError.self) {
      try parsed.layout.file(levels: parsed.levels, byteLimit: 1 << 20)
    }
  }

  @Test func filesEndAtTheLimit() throws {
    let file = JPEGFiles.named("colour")
    let parsed = try JPEGParser.parse(file, limits: Self.limits)
    #expect(throws: CodecError.self) {
      try parsed.layout.file(levels: parsed.levels, byteLimit: file.count - 1)
    }
  }

  // MARK: Hostile layouts

  @Test(arguments: names)
  func damagedLayoutsNeverTrap(name: String) throws {
    var random = SplitMix64(seed: 3)
    let parsed = try JPEGParser.parse(JPEGFiles.named(name), limits: Self.limits)
    var writer = ByteWriter()
    parsed.layout.write(to: &writer)
    let small = DecoderLimits(dimension: 65535, pixelCount: 1 << 14, metadataByteCount: 0)
    for count in 0..<writer.bytes.count {
      var reader = ByteReader(Array(writer.bytes[..<count]))
      #expect(throws: CodecError.self) { try JPEGLayout(&reader, limits: small) }
    }
    for _ in 0..<150 {
      var bytes = writer.bytes
      for _ in 0..<2 {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        bytes[place] = UInt8.random(in: 0...255, using: &random)
      }
      var reader = ByteReader(bytes)
      guard let layout = try? JPEGLayout(&reader, limits: small) else { continue }
      let levels = layout.frame.components.indices.map {
        [Int16](repeating: 2, count: layout.frame.levelCount(of: $0))
      }
      _ = try? layout.file(levels: levels, byteLimit: 1 << 18)
    }
  }
}

extension [UInt8] {
  fileprivate func inserting(_ bytes: [UInt8], at place: Int) -> [UInt8] {
    Array(self[..<place]) + bytes + self[place...]
  }
}
