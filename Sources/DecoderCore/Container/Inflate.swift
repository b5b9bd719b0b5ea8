/// Reads zlib streams (RFC 1950) of deflated data (RFC 1951).
///
/// Headers hold a few hundred bytes of it, seldom some megabytes. A reader of the core's own keeps
/// it free of libraries, so that every machine which decodes samples reads headers too.
package struct Inflate: ~Copyable {
  private let input: [UInt8]
  private let limit: Int
  private var position = 0
  /// Bits that were taken from the input and not used yet, the next one lowest.
  private var bits: UInt64 = 0
  private var bitCount: UInt64 = 0
  private var output: [UInt8] = []

  private init(_ input: [UInt8], limit: Int) {
    self.input = input
    self.limit = limit
  }

  /// Expands `bytes`, one zlib stream without anything after it, to at most `limit` bytes.
  package static func bytes(
    of bytes: [UInt8], limit: Int
  ) throws(CodecError) -> [UInt8] {
    var reader = Inflate(bytes, limit: max(limit, 0))
    try reader.read()
    return reader.output
  }

  private static var invalid: CodecError { .corrupt(field: "deflated data", at: 0) }

  private mutating func read() throws(CodecError) {
    let method = try take(8)
    let flags = try take(8)
    // Deflate with a window of at most 32 KiB, no preset dictionary.
    guard method & 15 == 8, method >> 4 <= 7, (method << 8 | flags) % 31 == 0, flags & 32 == 0
    else { throw Self.invalid }
    var isLast = false
    while !isLast {
      isLast = try take(1) == 1
      switch try take(2) {
      case 0: try copyStored()
      case 1: try expand(Huffman.fixedLiterals, Huffman.fixedDistances)
      case 2:
        let (literals, distances) = try readCodes()
        try expand(literals, distances)
      default: throw Self.invalid
      }
    }
    _ = try take(bitCount & 7)
    var sum: UInt32 = 0
    for _ in 0..<4 { sum = sum << 8 | UInt32(truncatingIfNeeded: try take(8)) }
    guard Checksum.agree(Self.adler32(output), sum), bitCount == 0, position == input.count else {
      throw Self.invalid
    }
  }

  // MARK: Bits

  /// The next `count` (at most 16) bits.
  private mutating func take(_ count: UInt64) throws(CodecError) -> Int {
    try fill(count)
    let value = bits & ((1 << count) - 1)
    bits >>= count
    bitCount -= count
    return Int(value)
  }

  private mutating func fill(_ count: UInt64) throws(CodecError) {
    while bitCount < count {
      guard position < input.count else { throw .truncated(at: input.count) }
      bits |= UInt64(input[position]) << bitCount
      position += 1
      bitCount += 8
    }
  }

  private mutating func symbol(_ code: Huffman) throws(CodecError) -> Int {
    var value = 0
    var first = 0
    var index = 0
    for length in 1...Huffman.longest {
      value |= try take(1)
      let count = code.counts[length]
      if value - count < first { return code.symbols[index + value - first] }
      index += count
      first = (first + count) << 1
      value <<= 1
    }
    throw Self.invalid
  }

  private mutating func append(_ byte: UInt8) throws(CodecError) {
    guard output.count < limit else {
      throw .limitExceeded(.metadataByteCount, needed: output.count + 1, allowed: limit)
    }
    output.append(byte)
  }

  // MARK: Blocks

  private mutating func copyStored() throws(CodecError) {
    _ = try take(bitCount & 7)
    let count = try take(16)
    guard try take(16) == count ^ 0xFFFF else { throw Self.invalid }
    for _ in 0..<count { try append(UInt8(truncatingIfNeeded: try take(8))) }
  }

  private mutating func expand(
    _ literals: Huffman, _ distances: Huffman
  ) throws(CodecError) {
    while true {
      let symbol = try symbol(literals)
      if symbol < 256 {
        try append(UInt8(truncatingIfNeeded: symbol))
        continue
      }
      if symbol == 256 { return }
      guard symbol < 286 else { throw Self.invalid }
      let length =
        Self.lengthBases[symbol - 257] + (try take(Self.lengthExtraBits[symbol - 257]))
      let slot = try self.symbol(distances)
      guard slot < 30 else { throw Self.invalid }
      // Two slots for each number of extra bits, but for the first four, which have none.
      let extra = UInt64(max(slot / 2 - 1, 0))
      let base = slot < 2 ? slot : (2 + slot & 1) << Int(extra)
      let distance = 1 + base + (try take(extra))
      guard distance <= output.count else { throw Self.invalid }
      for _ in 0..<length { try append(output[output.count - distance]) }
    }
  }

  /// The codes that a block brings along.
  private mutating func readCodes() throws(CodecError) -> (literals: Huffman, distances: Huffman) {
    let literalCount = try take(5) + 257
    let distanceCount = try take(5) + 1
    let orderCount = try take(4) + 4
    guard literalCount <= 286, distanceCount <= 30 else { throw Self.invalid }
    var lengths = [Int](repeating: 0, count: 19)
    for place in 0..<orderCount { lengths[Self.order[place]] = try take(3) }
    let code = try Huffman(lengths[...], allowsOne: false)
    lengths = []
    while lengths.count < literalCount + distanceCount {
      let symbol = try symbol(code)
      let value: Int
      let count: Int
      switch symbol {
      case ..<16: (value, count) = (symbol, 1)
      case 16:
        guard let last = lengths.last else { throw Self.invalid }
        (value, count) = (last, 3 + (try take(2)))
      case 17: (value, count) = (0, 3 + (try take(3)))
      default: (value, count) = (0, 11 + (try take(7)))
      }
      guard lengths.count + count <= literalCount + distanceCount else { throw Self.invalid }
      for _ in 0..<count { lengths.append(value) }
    }
    guard lengths[256] > 0 else { throw Self.invalid }
    return (
      try Huffman(lengths[..<literalCount], allowsOne: true),
      try Huffman(lengths[literalCount...], allowsOne: true)
    )
  }

  /// The order in which the lengths of the lengths' code are stored.
  private static let order = [
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
  ]
  private static let lengthBases = [
    3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131,
    163, 195, 227, 258,
  ]
  private static let lengthExtraBits: [UInt64] = [
    0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
  ]

  private static func adler32(_ bytes: [UInt8]) -> UInt32 {
    var (a, b): (UInt32, UInt32) = (1, 0)
    for byte in bytes {
      a = (a + UInt32(byte)) % 65521
      b = (b + a) % 65521
    }
    return b << 16 | a
  }
}

/// A canonical prefix code: how many codes there are of every length, and their symbols in order.
private struct Huffman {
  static let longest = 15

  let counts: [Int]
  let symbols: [Int]

  /// Throws where lengths make no complete code; `allowsOne`: a single code of one bit, or none,
  /// will do.
  init(_ lengths: ArraySlice<Int>, allowsOne: Bool) throws(CodecError) {
    var counts = [Int](repeating: 0, count: Huffman.longest + 1)
    for length in lengths { counts[length] += 1 }
    counts[0] = 0
    var free = 1
    for length in 1...Huffman.longest {
      free = 2 * free - counts[length]
      guard free >= 0 else { throw .corrupt(field: "deflated data", at: 0) }
    }
    let used = lengths.reduce(0) { $0 + ($1 > 0 ? 1 : 0) }
    guard free == 0 || allowsOne && used <= 1 && counts[1] == used else {
      throw .corrupt(field: "deflated data", at: 0)
    }
    var starts = [Int](repeating: 0, count: Huffman.longest + 2)
    for length in 1...Huffman.longest { starts[length + 1] = starts[length] + counts[length] }
    var symbols = [Int](repeating: 0, count: max(used, 1))
    for (symbol, length) in lengths.enumerated() where length > 0 {
      symbols[starts[length]] = symbol
      starts[length] += 1
    }
    self.counts = counts
    self.symbols = symbols
  }

  private init(fixed lengths: [Int]) {
    var (counts, symbols) = ([Int](repeating: 0, count: Huffman.longest + 1), [Int]())
    for length in lengths { counts[length] += 1 }
    for length in 1...Huffman.longest {
      for symbol in lengths.indices where lengths[symbol] == length { symbols.append(symbol) }
    }
    self.counts = counts
    self.symbols = symbols
  }

  static let fixedLiterals = Huffman(
    fixed: [Int](repeating: 8, count: 144) + [Int](repeating: 9, count: 112)
      + [Int](repeating: 7, count: 24) + [Int](repeating: 8, count: 8))
  static let fixedDistances = Huffman(fixed: [Int](repeating: 5, count: 30))
}
