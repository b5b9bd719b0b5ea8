/// What takes the symbols of a scan: the file, or counts of them.
protocol JPEGSymbolSink: ~Copyable {
  /// Whether it takes no more.
  var hasFailed: Bool { get }
  /// A symbol of the table that begins at `table`, and bits that follow it (fewer than 16).
  mutating func symbol(_ symbol: Int, table: Int, bits: UInt32, count: Int)
  /// At most 64 bits.
  mutating func bits(_ bits: UInt64, count: Int)
  /// Fills up the byte; `padding` are the bits to take where it is not full.
  mutating func align(_ padding: (Int) -> UInt8)
  /// Bytes of markers, after ``align(_:)``.
  mutating func raw(_ byte: UInt8)
}

/// Counts the symbols of each table.
struct JPEGSymbolCounts: JPEGSymbolSink, ~Copyable {
  let counts: UnsafeMutablePointer<UInt32>
  private(set) var hasFailed = false

  init(_ counts: UnsafeMutablePointer<UInt32>) { self.counts = counts }

  @inline(__always)
  mutating func symbol(_ symbol: Int, table: Int, bits: UInt32, count: Int) {
    counts[table &+ symbol] &+= 1
  }
  @inline(__always) mutating func bits(_ bits: UInt64, count: Int) {}
  @inline(__always) mutating func align(_ padding: (Int) -> UInt8) {}
  @inline(__always) mutating func raw(_ byte: UInt8) {}
}

/// A file in the making, in memory that grows up to a limit.
struct JPEGBytes: JPEGSymbolSink, ~Copyable {
  /// code << 5 | length of all tables' symbols, 256 each.
  private let codes: UnsafePointer<UInt32>
  private let limit: Int
  private var base: UnsafeMutablePointer<UInt8>
  private var capacity: Int
  private(set) var count = 0
  /// Bits that are not bytes yet, the last one lowest; fewer than 32 between calls.
  private var pending: UInt64 = 0
  private var pendingCount = 0
  private var lengths: Int = 1
  private(set) var isFull = false

  /// `limit`: the most bytes.
  init(codes: UnsafePointer<UInt32>, capacity: Int, limit: Int) {
    self.codes = codes
    self.limit = limit
    self.capacity = max(capacity, 1 << 12)
    base = .allocate(capacity: self.capacity)
  }

  deinit { base.deallocate() }

  /// Whether a symbol had no code, or the limit was reached.
  var hasFailed: Bool { isFull || lengths == 0 }

  var bytes: [UInt8] { Array(UnsafeBufferPointer(start: base, count: count)) }

  @inline(__always)
  mutating func symbol(_ symbol: Int, table: Int, bits: UInt32, count: Int) {
    let entry = codes[table &+ symbol]
    let length = Int(entry & 31)
    // No code has length 0; such a symbol only leaves its trace here.
    lengths = length == 0 ? 0 : lengths
    put(UInt64(entry >> 5) << UInt64(count) | UInt64(bits), count: length &+ count)
  }

  @inline(__always)
  mutating func bits(_ bits: UInt64, count: Int) {
    if count > 32 {
      put(bits >> 32, count: count &- 32)
      put(bits & 0xFFFF_FFFF, count: 32)
    } else {
      put(bits, count: count)
    }
  }

  /// At most 32 bits.
  @inline(__always)
  private mutating func put(_ bits: UInt64, count: Int) {
    pending = pending &<< UInt64(count) | bits
    pendingCount &+= count
    if pendingCount >= 32 {
      pendingCount &-= 32
      flush(UInt32(truncatingIfNeeded: pending &>> UInt64(pendingCount)))
    }
  }

  @inline(__always)
  private mutating func flush(_ word: UInt32) {
    if capacity &- count < 8 { grow() }
    let inverse = ~word
    // Set where a byte of the word is 0xFF (or above such a one).
    if (inverse &- 0x0101_0101) & word & 0x8080_8080 == 0 {
      UnsafeMutableRawPointer(base + count).storeBytes(of: word.bigEndian, as: UInt32.self)
      count &+= 4
    } else {
      stuff(UInt8(truncatingIfNeeded: word >> 24))
      stuff(UInt8(truncatingIfNeeded: word >> 16))
      stuff(UInt8(truncatingIfNeeded: word >> 8))
      stuff(UInt8(truncatingIfNeeded: word))
    }
  }

  /// A byte of coded data, after which a zero keeps 0xFF from being a marker.
  private mutating func stuff(_ byte: UInt8) {
    base[count] = byte
    count &+= 1
    if byte == JPEGMarker.prefix {
      base[count] = 0
      count &+= 1
    }
  }

  mutating func align(_ padding: (Int) -> UInt8) {
    let rest = pendingCount & 7
    if rest > 0 {
      let free = 8 - rest
      pending = pending << UInt64(free) | UInt64(padding(free)) & (1 << UInt64(free) - 1)
      pendingCount += free
    }
    if capacity - count < 16 { grow() }
    while pendingCount > 0 {
      pendingCount -= 8
      stuff(UInt8(truncatingIfNeeded: pending >> UInt64(pendingCount)))
    }
  }

  @inline(__always)
  mutating func raw(_ byte: UInt8) {
    if capacity &- count < 8 { grow() }
    base[count] = byte
    count &+= 1
  }

  mutating func uint16(_ value: Int) {
    raw(UInt8(truncatingIfNeeded: value >> 8))
    raw(UInt8(truncatingIfNeeded: value))
  }

  mutating func append(_ bytes: [UInt8]) {
    for byte in bytes { raw(byte) }
  }

  private mutating func grow() {
    guard count <= limit, !isFull else {
      // Nothing of it will be used: the same memory takes the rest.
      isFull = true
      count = 0
      return
    }
    let more = capacity + max(capacity / 2, 1 << 12)
    let moved = UnsafeMutablePointer<UInt8>.allocate(capacity: more)
    moved.update(from: base, count: count)
    base.deallocate()
    base = moved
    capacity = more
  }
}
