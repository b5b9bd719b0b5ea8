internal import DecoderCore

/// Takes the bits of a scan's coded data, up to a marker or the end; behind it they are zero.
struct JPEGBitReader {
  private let bytes: UnsafePointer<UInt8>
  private let end: Int
  /// Of the next byte that was not taken.
  private(set) var position: Int
  /// Bits that were taken and not used, the next one highest; and how many of them, the last ones,
  /// are not the file's.
  private var pending: UInt64 = 0
  private var count = 0
  private var madeCount = 0

  init(_ bytes: UnsafeBufferPointer<UInt8>, at position: Int) {
    self.bytes = bytes.baseAddress!
    end = bytes.count
    self.position = position
  }

  /// Whether bits were used that the file does not have.
  @inline(__always) var isOverrun: Bool { count < madeCount }
  /// Whether the end of the data was seen, though maybe not used up.
  var hasEnd: Bool { madeCount > 0 }

  /// Makes at least 32 bits ready.
  @inline(__always)
  mutating func fill() {
    if count > 32 { return }
    if position &+ 4 <= end {
      let word = UInt32(
        bigEndian: UnsafeRawPointer(bytes + position).loadUnaligned(as: UInt32.self))
      let inverse = ~word
      // Zero where no byte of the word is 0xFF.
      if (inverse &- 0x0101_0101) & word & 0x8080_8080 == 0 {
        pending |= UInt64(word) &<< UInt64(32 &- count)
        count &+= 32
        position &+= 4
        return
      }
    }
    fillBytes()
  }

  @inline(never)
  private mutating func fillBytes() {
    while count <= 56 {
      var byte: UInt8 = 0
      if position < end, bytes[position] != JPEGMarker.prefix {
        byte = bytes[position]
        position += 1
      } else if position + 1 < end, bytes[position + 1] == 0 {
        byte = JPEGMarker.prefix
        position += 2
      } else {
        madeCount += 8
      }
      pending |= UInt64(byte) << UInt64(56 - count)
      count += 8
    }
  }

  /// The next 16 bits, which stay.
  @inline(__always) var next16: Int { Int(pending &>> 48) }

  @inline(__always)
  mutating func skip(_ bits: Int) {
    pending = pending &<< UInt64(bits)
    count &-= bits
  }

  /// 0 ... 16 bits.
  @inline(__always)
  mutating func take(_ bits: Int) -> Int {
    let value = Int((pending &>> 1) &>> UInt64(63 &- bits))
    skip(bits)
    return value
  }

  /// A value of `size` bits, 0 ... 15; ITU-T T.81, F.2.2.1.
  @inline(__always)
  mutating func value(size: Int) -> Int {
    let bits = take(size)
    // The upper half of the values is positive.
    return bits &- (((bits &<< 1) &>> size) == 0 ? (1 &<< size) &- 1 : 0)
  }

  @inline(__always)
  mutating func bit() -> Bool {
    let isSet = Int64(bitPattern: pending) < 0
    skip(1)
    return isSet
  }

  /// Leaves the byte that is partly used, and gives back those that are not; returns the bits left
  /// in the former.
  mutating func align() -> (bits: UInt8, count: Int) {
    let rest = max(count - madeCount, 0)
    let partial = rest & 7
    let bits = partial > 0 ? UInt8(truncatingIfNeeded: pending >> UInt64(64 - partial)) : 0
    for _ in 0..<rest >> 3 {
      let isStuffed = position >= 2 && bytes[position - 1] == 0 && bytes[position - 2] == 0xFF
      position -= isStuffed ? 2 : 1
    }
    (pending, count, madeCount) = (0, 0, 0)
    return (bits, partial)
  }

  /// Passes a restart marker and the fill bytes before it, if that is what comes next.
  mutating func takeRestart() -> (number: Int, fillCount: Int)? {
    var place = position
    while place < end, bytes[place] == JPEGMarker.prefix { place += 1 }
    guard place > position, place < end, JPEGMarker.isRestart(bytes[place]) else { return nil }
    let fillCount = place - position - 1
    position = place + 1
    return (Int(bytes[place] & 7), fillCount)
  }

  /// Whether a restart marker is the next that stands in the way.
  var isAtRestart: Bool {
    var copy = self
    return copy.takeRestart() != nil
  }
}

/// A Huffman table for reading: codes of up to ten bits in one step.
struct JPEGDecodingTable: ~Copyable {
  private static var fastBits: Int { 10 }

  /// length << 8 | symbol, by the next ten bits; 0 for longer codes.
  private let fast: UnsafeMutablePointer<UInt16>
  /// By length: where its codes end in units of 2⁻¹⁶, and what leads from a code to its symbol.
  private let ends: UnsafeMutablePointer<Int>
  private let symbols: UnsafeMutablePointer<UInt8>
  /// How often each symbol was read.
  let counts: UnsafeMutablePointer<UInt32>

  init(_ table: JPEGHuffmanTable) {
    fast = .allocate(capacity: 1 << Self.fastBits)
    ends = .allocate(capacity: 34)
    symbols = .allocate(capacity: 256)
    counts = .allocate(capacity: 256)
    counts.initialize(repeating: 0, count: 256)
    fast.initialize(repeating: 0, count: 1 << Self.fastBits)
    ends.initialize(repeating: 0, count: 34)
    symbols.initialize(repeating: 0, count: 256)
    for (index, symbol) in table.symbols.enumerated() { symbols[index] = symbol }
    var (code, next) = (0, 0)
    for length in 1...16 {
      let count = Int(table.counts[length - 1])
      ends[length + 17] = next - code
      if length <= Self.fastBits {
        let span = 1 << (Self.fastBits - length)
        for index in 0..<count {
          let entry = UInt16(length << 8) | UInt16(table.symbols[next + index])
          (fast + (code + index) * span).update(repeating: entry, count: span)
        }
      }
      code += count
      next += count
      ends[length] = code << (16 - length)
      code <<= 1
    }
  }

  deinit {
    fast.deallocate()
    ends.deallocate()
    symbols.deallocate()
    counts.deallocate()
  }

  /// Pointers for the loops; valid as long as the table is.
  var codes: Codes { Codes(fast: fast, ends: ends, symbols: symbols, counts: counts) }

  struct Codes {
    fileprivate let fast: UnsafeMutablePointer<UInt16>
    fileprivate let ends: UnsafeMutablePointer<Int>
    fileprivate let symbols: UnsafeMutablePointer<UInt8>
    fileprivate let counts: UnsafeMutablePointer<UInt32>

    /// The next symbol, of at most 16 bits that are ready; -1 where bits are no code.
    @inline(__always)
    func symbol(_ reader: inout JPEGBitReader) -> Int {
      let bits = reader.next16
      let entry = Int(fast[bits &>> 6])
      if entry != 0 {
        reader.skip(entry &>> 8)
        counts[entry & 0xFF] &+= 1
        return entry & 0xFF
      }
      return longSymbol(bits, &reader)
    }

    @inline(never)
    private func longSymbol(_ bits: Int, _ reader: inout JPEGBitReader) -> Int {
      for length in 11...16 where bits < ends[length] {
        reader.skip(length)
        let symbol = Int(symbols[(bits >> (16 - length) + ends[length + 17]) & 0xFF])
        counts[symbol] &+= 1
        return symbol
      }
      return -1
    }
  }
}
