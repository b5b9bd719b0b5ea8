/// Turns the coefficients of a scan into symbols and bits, as the Independent JPEG Group's encoder
/// does but where the scan says otherwise.
///
/// Source: ITU-T T.81, F.1.2 and G.1.2.
struct JPEGScanCoder<Sink: JPEGSymbolSink & ~Copyable>: ~Copyable {
  var sink: Sink

  private var scan = JPEGScan(members: [])
  private var low: Int32 = 0
  /// Bits of a mask in zigzag order that belong to the scan.
  private var band: UInt64 = 0
  private var last = 63
  private var block = 0
  /// Places of the next deviations, or past all blocks.
  private var nextRunEnd = Int.max
  private var runEndIndex = 0
  private var nextZeroRuns = Int.max
  private var zeroRunsIndex = 0
  private var restartIndex = 0
  private var paddingIndex = 0
  private var paddingCount = 0
  /// Blocks that ended and are not told yet.
  private var run = 0
  private var runTable = 0
  /// Correction bits of these blocks: how many, and a word for each block that has some.
  private var correctionCount = 0
  private var wordCount = 0
  private var words: UnsafeMutablePointer<(bits: UInt64, count: Int)>?
  /// For each four levels, by which of them are not zero: their bits in zigzag order.
  private let masks: UnsafeMutablePointer<UInt64>
  private let natural: UnsafeMutablePointer<UInt8>

  private static var longestRun: Int { 0x7FFF }
  private static var zeroRun: Int { 0xF0 }

  init(_ sink: consuming Sink) {
    self.sink = sink
    masks = .allocate(capacity: 256)
    natural = .allocate(capacity: 64)
    for k in 0..<64 { natural[k] = JPEGZigzag.natural[k] }
    for index in 0..<256 {
      var mask: UInt64 = 0
      for i in 0..<4 where index >> i & 1 != 0 {
        mask |= 1 << UInt64(JPEGZigzag.order[index / 16 * 4 + i])
      }
      masks[index] = mask
    }
  }

  deinit {
    masks.deallocate()
    natural.deallocate()
    words?.deallocate()
  }

  /// Codes a whole scan; `levels` hold as many values as the frame says.
  mutating func code(_ plan: JPEGScanPlan, _ frame: JPEGFrame, _ levels: JPEGLevels) {
    start(plan.scan, frame)
    let members = plan.scan.members
    let (columns, rows) = plan.scan.units(in: frame)
    let unitCount = min(plan.scan.unitCount ?? .max, columns * rows)
    let interval = plan.scan.ignoresRestarts ? 0 : plan.restartInterval
    var predictions: InlineArray<4, Int32> = [0, 0, 0, 0]
    var untilRestart = interval > 0 ? interval : .max
    var unit = 0
    // The blocks of each member in a unit, and in its rows.
    var widths: InlineArray<4, Int> = [1, 1, 1, 1]
    var heights: InlineArray<4, Int> = [1, 1, 1, 1]
    var strides: InlineArray<4, Int> = [0, 0, 0, 0]
    for (m, member) in members.enumerated() {
      strides[m] = frame.grid(of: member.component).columns
      if members.count > 1 {
        widths[m] = frame.components[member.component].horizontal
        heights[m] = frame.components[member.component].vertical
      }
    }
    for y in 0..<rows {
      for x in 0..<columns {
        if unit == unitCount { break }
        if untilRestart == 0 {
          restart(unit / interval - 1)
          predictions = [0, 0, 0, 0]
          untilRestart = interval
        }
        untilRestart &-= 1
        unit &+= 1
        for m in 0..<members.count {
          let source = levels[members[m].component]
          let (dc, ac) = (plan.dcTables[m] &* 256, plan.acTables[m] &* 256)
          for v in 0..<heights[m] {
            let start = (y &* heights[m] &+ v) &* strides[m] &+ x &* widths[m]
            for h in 0..<widths[m] {
              code(
                source + (start &+ h) &* 64, frame.isProgressive, dc, ac, &predictions[m])
              block &+= 1
            }
          }
        }
      }
      if unit == unitCount || sink.hasFailed { break }
    }
    endRun()
    pad()
  }

  private mutating func start(_ scan: JPEGScan, _ frame: JPEGFrame) {
    self.scan = scan
    low = Int32(scan.low)
    last = scan.last
    block = 0
    run = 0
    (correctionCount, wordCount) = (0, 0)
    (runEndIndex, zeroRunsIndex, restartIndex) = (0, 0, 0)
    (paddingIndex, paddingCount) = (0, 0)
    nextRunEnd = scan.runEnds.first ?? .max
    nextZeroRuns = scan.zeroRuns.first?.block ?? .max
    if frame.isProgressive {
      band = (last == 63 ? .max : 1 << UInt64(last + 1) - 1) & ~(1 << UInt64(scan.first) - 1)
    }
    if frame.isProgressive, scan.first > 0, scan.high > 0, words == nil {
      words = .allocate(capacity: Self.longestRun + 1)
    }
  }

  @inline(__always)
  private mutating func code(
    _ levels: UnsafePointer<Int16>, _ isProgressive: Bool, _ dc: Int, _ ac: Int,
    _ prediction: inout Int32
  ) {
    if !isProgressive {
      codeDC(Int32(levels[0]), dc, &prediction)
      codeSequential(levels, ac)
    } else if last == 0 {
      // The first coefficient's bits are those of its two's complement.
      if scan.high == 0 {
        codeDC(Int32(levels[0]) >> low, dc, &prediction)
      } else {
        sink.bits(UInt64(truncatingIfNeeded: levels[0] >> Int16(low)) & 1, count: 1)
      }
    } else {
      if block == nextRunEnd { endRunAsTold() }
      runTable = ac
      if scan.high == 0 { codeFirst(levels, ac) } else { refine(levels, ac) }
    }
  }

  /// A symbol for `zeros` zeros and a value; 16 bits or more have none.
  @inline(__always)
  private mutating func code(_ value: Int32, zeros: Int, _ table: Int) {
    let size = 32 &- abs(value).leadingZeroBitCount
    let bits = UInt32(bitPattern: value &+ (value &>> 31)) & (1 &<< UInt32(size) &- 1)
    // Places past the table's end would be another's: size 16 or 17 becomes one without code.
    if size > 15 { return sink.symbol(Self.zeroRun | 1, table: 0, bits: 0, count: 0) }
    sink.symbol(zeros &<< 4 | size, table: table, bits: bits, count: size)
  }

  @inline(__always)
  private mutating func codeDC(_ value: Int32, _ table: Int, _ prediction: inout Int32) {
    code(value &- prediction, zeros: 0, table)
    prediction = value
  }

  /// Which of a block's levels are not zero, in zigzag order, but for the first one.
  @inline(__always)
  private func mask(_ levels: UnsafePointer<Int16>) -> UInt64 {
    let words = UnsafeRawPointer(levels)
    let low: UInt64 = 0x7FFF_7FFF_7FFF_7FFF
    var mask: UInt64 = 0
    for w in 0..<16 {
      let word = UInt64(
        littleEndian: words.loadUnaligned(fromByteOffset: 8 &* w, as: UInt64.self))
      // The highest bit of each level that is not zero, then these four bits side by side.
      let marks = ((((word & low) &+ low) | word) & ~low) &>> 15
      let four = Int(truncatingIfNeeded: (marks &* 0x0001_0002_0004_0008) &>> 48) & 15
      mask |= masks[w &* 16 &+ four]
    }
    return mask & ~1
  }

  /// All but the first coefficient of a block.
  @inline(__always)
  private mutating func codeSequential(_ levels: UnsafePointer<Int16>, _ table: Int) {
    var mask = mask(levels)
    var before = 0
    while mask != 0 {
      let k = mask.trailingZeroBitCount
      mask &= mask &- 1
      var zeros = k &- before &- 1
      while zeros > 15 {
        sink.symbol(Self.zeroRun, table: table, bits: 0, count: 0)
        zeros &-= 16
      }
      code(Int32(levels[Int(natural[k])]), zeros: zeros, table)
      before = k
    }
    if block == nextZeroRuns {
      for _ in 0..<takeZeroRuns() {
        sink.symbol(Self.zeroRun, table: table, bits: 0, count: 0)
        before &+= 16
      }
    }
    if before < 63 { sink.symbol(0, table: table, bits: 0, count: 0) }
  }

  // MARK: Progressive

  /// The scan that first tells of a band of coefficients.
  @inline(__always)
  private mutating func codeFirst(_ levels: UnsafePointer<Int16>, _ table: Int) {
    var mask = mask(levels) & band
    var before = scan.first &- 1
    while mask != 0 {
      let k = mask.trailingZeroBitCount
      mask &= mask &- 1
      let level = Int32(levels[Int(natural[k])])
      let size = abs(level) &>> low
      if size == 0 { continue }
      if run > 0 { endRun() }
      var zeros = k &- before &- 1
      while zeros > 15 {
        sink.symbol(Self.zeroRun, table: table, bits: 0, count: 0)
        zeros &-= 16
      }
      code(level < 0 ? 0 &- size : size, zeros: zeros, table)
      before = k
    }
    if block == nextZeroRuns {
      endRun()
      for _ in 0..<takeZeroRuns() {
        sink.symbol(Self.zeroRun, table: table, bits: 0, count: 0)
        before &+= 16
      }
    }
    if before < last {
      run &+= 1
      if run == Self.longestRun { endRun() }
    }
  }

  /// A scan that tells one more bit of coefficients: of those known before after the next symbol
  /// only.
  @inline(__always)
  private mutating func refine(_ levels: UnsafePointer<Int16>, _ table: Int) {
    var mask = mask(levels) & band
    // Coefficients that this bit makes other than zero, and those that were before.
    var (new, known): (UInt64, UInt64) = (0, 0)
    while mask != 0 {
      let k = mask.trailingZeroBitCount
      mask &= mask &- 1
      let size = abs(Int32(levels[Int(natural[k])])) &>> low
      if size == 1 { new |= 1 &<< UInt64(k) } else if size > 1 { known |= 1 &<< UInt64(k) }
    }
    var moreZeroRuns = block == nextZeroRuns ? takeZeroRuns() : 0
    var corrections: UInt64 = 0
    var count = 0
    var zeros = 0
    var before = scan.first &- 1
    var rest = new | known
    while rest != 0 {
      let k = rest.trailingZeroBitCount
      rest &= rest &- 1
      zeros &+= k &- before &- 1
      before = k
      while zeros > 15, new >> UInt64(k) != 0 || moreZeroRuns > 0 {
        if new >> UInt64(k) == 0 { moreZeroRuns &-= 1 }
        endRun()
        sink.symbol(Self.zeroRun, table: table, bits: 0, count: 0)
        sink.bits(corrections, count: count)
        (corrections, count) = (0, 0)
        zeros &-= 16
      }
      let level = Int32(levels[Int(natural[k])])
      if known >> UInt64(k) & 1 != 0 {
        corrections = corrections &<< 1 | UInt64((abs(level) &>> low) & 1)
        count &+= 1
      } else {
        endRun()
        sink.symbol(zeros &<< 4 | 1, table: table, bits: level < 0 ? 0 : 1, count: 1)
        sink.bits(corrections, count: count)
        (corrections, count) = (0, 0)
        zeros = 0
      }
    }
    zeros &+= last &- before
    while zeros > 15, moreZeroRuns > 0 {
      moreZeroRuns &-= 1
      endRun()
      sink.symbol(Self.zeroRun, table: table, bits: 0, count: 0)
      sink.bits(corrections, count: count)
      (corrections, count) = (0, 0)
      zeros &-= 16
    }
    guard zeros > 0 || count > 0 else { return }
    run &+= 1
    if count > 0 {
      words![wordCount] = (corrections, count)
      wordCount &+= 1
      correctionCount &+= count
    }
    if run == Self.longestRun
      || correctionCount > JPEGScan.correctionLimit && !scan.hasLongCorrections
    {
      endRun()
    }
  }

  /// Tells how many blocks have ended, and their correction bits.
  @inline(__always)
  private mutating func endRun() {
    if run > 0 { writeRun() }
  }

  @inline(never)
  private mutating func writeRun() {
    let size = Int.bitWidth - 1 - run.leadingZeroBitCount
    sink.symbol(size << 4, table: runTable, bits: UInt32(run - 1 << size), count: size)
    run = 0
    for index in 0..<wordCount { sink.bits(words![index].bits, count: words![index].count) }
    (wordCount, correctionCount) = (0, 0)
  }

  // MARK: Deviations

  private mutating func endRunAsTold() {
    endRun()
    runEndIndex += 1
    nextRunEnd = runEndIndex < scan.runEnds.count ? scan.runEnds[runEndIndex] : .max
  }

  private mutating func takeZeroRuns() -> Int {
    let count = scan.zeroRuns[zeroRunsIndex].count
    zeroRunsIndex += 1
    nextZeroRuns =
      zeroRunsIndex < scan.zeroRuns.count ? scan.zeroRuns[zeroRunsIndex].block : .max
    return count
  }

  private mutating func restart(_ index: Int) {
    endRun()
    pad()
    var number = index & 7
    if restartIndex < scan.restarts.count, scan.restarts[restartIndex].index == index {
      for _ in 0..<scan.restarts[restartIndex].fillCount {
        sink.raw(JPEGMarker.prefix)
        if sink.hasFailed { break }
      }
      number = scan.restarts[restartIndex].number
      restartIndex += 1
    }
    sink.raw(JPEGMarker.prefix)
    sink.raw(JPEGMarker.restart | UInt8(number))
  }

  private mutating func pad() {
    var bits: UInt8 = scan.hasZeroPadding ? 0 : .max
    if paddingIndex < scan.paddings.count, scan.paddings[paddingIndex].index == paddingCount {
      bits = scan.paddings[paddingIndex].bits
    }
    var wasUsed = false
    sink.align { _ in
      wasUsed = true
      return bits
    }
    guard wasUsed else { return }
    if paddingIndex < scan.paddings.count, scan.paddings[paddingIndex].index == paddingCount {
      paddingIndex += 1
    }
    paddingCount += 1
  }
}

/// Where the levels of up to four components are.
struct JPEGLevels {
  private var pointers: InlineArray<4, UnsafePointer<Int16>?> = [nil, nil, nil, nil]

  @inline(__always)
  subscript(component: Int) -> UnsafePointer<Int16> { pointers[component]! }

  /// Calls `body` while the arrays stay in place.
  static func with<Result>(
    _ levels: [[Int16]], _ body: (JPEGLevels) throws(CodecError) -> Result
  ) throws(CodecError) -> Result {
    try with(levels, 0, JPEGLevels(), body)
  }

  private static func with<Result>(
    _ levels: [[Int16]], _ index: Int, _ before: JPEGLevels,
    _ body: (JPEGLevels) throws(CodecError) -> Result
  ) throws(CodecError) -> Result {
    guard index < levels.count else { return try body(before) }
    return try levels[index].withUnsafeBufferPointer { (part) throws(CodecError) -> Result in
      var found = before
      found.pointers[index] = part.baseAddress
      return try with(levels, index + 1, found, body)
    }
  }
}
