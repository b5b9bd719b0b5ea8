internal import DecoderCore

/// Reads the coded data of a scan: levels, and where its bits are other than ``JPEGScanCoder`` of
/// the core would choose by itself.
///
/// Source: ITU-T T.81, F.2.2 and G.2.
struct JPEGScanReader {
  /// How a block or unit went.
  private enum Outcome {
    case good
    case damaged
  }

  /// The scan with its deviations.
  private(set) var scan: JPEGScan
  private let frame: JPEGFrame
  private let interval: Int
  private var reader: JPEGBitReader
  private let natural: UnsafePointer<UInt8>

  private var block = 0
  /// Blocks of a run that are to come; how many it had at first.
  private var run = 0
  private var runCount = 0
  /// Correction bits of the run so far.
  private var correctionCount = 0
  /// Whether the block before this one ended a run.
  private var endedRun = false
  private var runEnds: [(block: Int, isByLimit: Bool)] = []
  private var paddings: [(bits: UInt8, count: Int)] = []

  /// Codes of a member's tables; those it does not need are any.
  struct Member {
    var levels: UnsafeMutablePointer<Int16>
    var dc: JPEGDecodingTable.Codes
    var ac: JPEGDecodingTable.Codes
    var width = 1
    var height = 1
    var stride = 0
    var prediction = 0
  }

  init(
    _ scan: JPEGScan, _ frame: JPEGFrame, interval: Int, _ bytes: UnsafeBufferPointer<UInt8>,
    at position: Int, natural: UnsafePointer<UInt8>
  ) {
    self.scan = scan
    self.frame = frame
    self.interval = interval
    self.natural = natural
    reader = JPEGBitReader(bytes, at: position)
  }

  private static let damaged = CodecError.unsupported("JPEG files with damaged scans")

  /// Reads as many units as there are; returns where the data ends.
  mutating func read(_ members: inout [Member]) throws(CodecError) -> Int {
    for (m, member) in scan.members.enumerated() {
      members[m].stride = frame.grid(of: member.component).columns
      if scan.members.count > 1 {
        members[m].width = frame.components[member.component].horizontal
        members[m].height = frame.components[member.component].vertical
      }
    }
    let (columns, rows) = scan.units(in: frame)
    var untilRestart = interval > 0 ? interval : Int.max
    // The state before the last unit that no run goes into.
    var kept = (reader: reader, unit: 0, paddingCount: 0)
    var unit = 0
    units: for y in 0..<rows {
      for x in 0..<columns {
        if run == 0 { kept = (reader, unit, paddings.count) }
        if untilRestart == 0 {
          switch try restart(unit / interval - 1) {
          case .good:
            untilRestart = scan.ignoresRestarts ? .max : interval
            if !scan.ignoresRestarts {
              for m in members.indices { members[m].prediction = 0 }
            }
          case .damaged:
            cut(&members, x, y, kept)
            break units
          }
        }
        untilRestart &-= 1
        let outcome = members.withUnsafeMutableBufferPointer {
          read($0, x, y)
        }
        if outcome == .damaged || reader.isOverrun {
          guard reader.hasEnd, !reader.isAtRestart else { throw Self.damaged }
          cut(&members, x, y, kept)
          break units
        }
        unit &+= 1
      }
    }
    guard run == 0 else { throw Self.damaged }
    pad()
    finish()
    return reader.position
  }

  /// Goes back to before a unit that is not whole.
  private mutating func cut(
    _ members: inout [Member], _ x: Int, _ y: Int,
    _ kept: (reader: JPEGBitReader, unit: Int, paddingCount: Int)
  ) {
    if !frame.isProgressive {
      for member in members {
        for v in 0..<member.height {
          let start = (y * member.height + v) * member.stride + x * member.width
          (member.levels + 64 * start).update(repeating: 0, count: 64 * member.width)
        }
      }
    }
    reader = kept.reader
    scan.unitCount = kept.unit
    paddings.removeSubrange(kept.paddingCount...)
    let blocks = kept.unit * scan.blocksPerUnit(in: frame)
    runEnds.removeAll { $0.block >= blocks }
    scan.zeroRuns.removeAll { $0.block >= blocks }
    scan.restarts.removeAll { ($0.index + 1) * interval >= kept.unit }
    run = 0
  }

  private mutating func restart(_ index: Int) throws(CodecError) -> Outcome {
    guard run == 0 else { throw Self.damaged }
    let before = (reader: reader, paddingCount: paddings.count)
    pad()
    if let (number, fillCount) = reader.takeRestart() {
      if number != index & 7 || fillCount > 0 {
        scan.restarts.append(
          JPEGScan.Restart(index: index, number: number, fillCount: fillCount))
      }
      endedRun = false
      return .good
    }
    let probe = reader
    reader = before.reader
    paddings.removeSubrange(before.paddingCount...)
    if index == 0 {
      scan.ignoresRestarts = true
      return .good
    }
    var rest = probe
    rest.fill()
    guard rest.hasEnd else { throw Self.damaged }
    return .damaged
  }

  private mutating func pad() {
    let padding = reader.align()
    if padding.count > 0 { paddings.append(padding) }
  }

  /// Decides on flags that lists of deviations are shortest with.
  private mutating func finish() {
    for run in runEnds where scan.hasLongCorrections || !run.isByLimit {
      scan.runEnds.append(run.block)
    }
    let ones = paddings.count { $0.bits != UInt8(1 << $0.count - 1) }
    let zeros = paddings.count { $0.bits != 0 }
    scan.hasZeroPadding = zeros < ones
    for (index, padding) in paddings.enumerated() {
      let usual = scan.hasZeroPadding ? 0 : UInt8(1 << padding.count - 1)
      if padding.bits != usual {
        scan.paddings.append(JPEGScan.Padding(index: index, bits: padding.bits))
      }
    }
  }

  // MARK: Blocks

  @inline(__always)
  private mutating func read(
    _ members: UnsafeMutableBufferPointer<Member>, _ x: Int, _ y: Int
  ) -> Outcome {
    for m in 0..<members.count {
      let (width, height) = (members[m].width, members[m].height)
      for v in 0..<height {
        let start = (y &* height &+ v) &* members[m].stride &+ x &* width
        for h in 0..<width {
          let levels = members[m].levels + (start &+ h) &* 64
          let outcome: Outcome
          if !frame.isProgressive {
            outcome = readSequential(levels, &members[m])
          } else if scan.last == 0 {
            if scan.high == 0 {
              outcome = readDC(levels, &members[m], low: scan.low)
            } else {
              reader.fill()
              if reader.bit() { levels[0] |= 1 &<< Int16(scan.low) }
              outcome = .good
            }
          } else if scan.high == 0 {
            outcome = readFirst(levels, members[m].ac)
          } else {
            outcome = refine(levels, members[m].ac)
          }
          if outcome == .damaged { return .damaged }
          block &+= 1
        }
      }
    }
    return .good
  }

  @inline(__always)
  private mutating func readDC(
    _ levels: UnsafeMutablePointer<Int16>, _ member: inout Member, low: Int
  ) -> Outcome {
    reader.fill()
    let size = member.dc.symbol(&reader)
    guard size >= 0, size < 16 else { return .damaged }
    member.prediction &+= reader.value(size: size)
    let level = member.prediction &<< low
    guard let level = Int16(exactly: level) else { return .damaged }
    levels[0] = level
    return .good
  }

  @inline(__always)
  private mutating func readSequential(
    _ levels: UnsafeMutablePointer<Int16>, _ member: inout Member
  ) -> Outcome {
    guard readDC(levels, &member, low: 0) == .good else { return .damaged }
    let codes = member.ac
    var k = 1
    var zeroRuns = 0
    while k < 64 {
      reader.fill()
      let symbol = codes.symbol(&reader)
      let size = symbol & 15
      if size == 0 {
        if symbol == 0 { break }
        guard symbol == 0xF0 else { return .damaged }
        zeroRuns &+= 1
        k &+= 16
        continue
      }
      if symbol < 0 { return .damaged }
      k &+= symbol &>> 4
      guard k < 64 else { return .damaged }
      levels[Int(natural[k])] = Int16(truncatingIfNeeded: reader.value(size: size))
      zeroRuns = 0
      k &+= 1
    }
    return zeroRuns == 0 ? .good : note(zeroRuns, isFit: k <= 64)
  }

  private mutating func note(_ zeroRuns: Int, isFit: Bool) -> Outcome {
    guard isFit, zeroRuns < 4 else { return .damaged }
    scan.zeroRuns.append(JPEGScan.ZeroRuns(block: block, count: zeroRuns))
    return .good
  }

  @inline(__always)
  private mutating func readFirst(
    _ levels: UnsafeMutablePointer<Int16>, _ codes: JPEGDecodingTable.Codes
  ) -> Outcome {
    if run > 0 {
      run &-= 1
      endedRun = run == 0
      return .good
    }
    var k = scan.first
    var zeroRuns = 0
    var isEnded = false
    while k <= scan.last {
      reader.fill()
      let symbol = codes.symbol(&reader)
      if symbol < 0 { return .damaged }
      let size = symbol & 15
      if size == 0 {
        if symbol == 0xF0 {
          zeroRuns &+= 1
          k &+= 16
          continue
        }
        startRun(symbol &>> 4, isWhole: k == scan.first)
        run &-= 1
        isEnded = run == 0
        break
      }
      k &+= symbol &>> 4
      guard k <= scan.last, size &+ scan.low < 16 else { return .damaged }
      levels[Int(natural[k])] =
        Int16(truncatingIfNeeded: reader.value(size: size) &<< scan.low)
      zeroRuns = 0
      k &+= 1
    }
    endedRun = isEnded
    return zeroRuns == 0 ? .good : note(zeroRuns, isFit: k <= scan.last &+ 1)
  }

  /// `isWhole`: whether nothing of the block was coded before.
  @inline(__always)
  private mutating func startRun(_ size: Int, isWhole: Bool) {
    if isWhole, endedRun, runCount != 0x7FFF {
      runEnds.append((block, correctionCount > JPEGScan.correctionLimit))
    }
    run = 1 &<< size &+ reader.take(size)
    runCount = run
    correctionCount = 0
  }

  @inline(__always)
  private mutating func refine(
    _ levels: UnsafeMutablePointer<Int16>, _ codes: JPEGDecodingTable.Codes
  ) -> Outcome {
    let step = Int16(1) &<< Int16(scan.low)
    let last = scan.last
    var k = scan.first
    var zeroRuns = 0
    if run == 0 {
      while k <= last {
        reader.fill()
        let symbol = codes.symbol(&reader)
        if symbol < 0 { return .damaged }
        var zeros = symbol &>> 4
        var level: Int16 = 0
        if symbol & 15 == 0 {
          if zeros < 15 {
            startRun(zeros, isWhole: k == scan.first)
            break
          }
          zeroRuns &+= 1
        } else {
          guard symbol & 15 == 1 else { return .damaged }
          level = reader.bit() ? step : 0 &- step
          zeroRuns = 0
        }
        while k <= last {
          let place = Int(natural[k])
          if levels[place] != 0 {
            correct(&levels[place], step)
          } else {
            if zeros == 0 { break }
            zeros &-= 1
          }
          k &+= 1
        }
        guard k <= last else { return .damaged }
        if level != 0 { levels[Int(natural[k])] = level }
        k &+= 1
      }
      endedRun = false
    }
    if run > 0 {
      while k <= last {
        let place = Int(natural[k])
        if levels[place] != 0 {
          correct(&levels[place], step)
          correctionCount &+= 1
        }
        k &+= 1
      }
      run &-= 1
      endedRun = run == 0
      if run > 0, correctionCount > JPEGScan.correctionLimit { scan.hasLongCorrections = true }
    }
    return zeroRuns == 0 ? .good : note(zeroRuns, isFit: true)
  }

  @inline(__always)
  private mutating func correct(_ level: inout Int16, _ step: Int16) {
    reader.fill()
    if reader.bit() { level = level > 0 ? level &+ step : level &- step }
  }
}
