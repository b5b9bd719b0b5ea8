/// A prefix code as a JPEG file defines it: how many codes there are of each length, and their
/// symbols in order.
///
/// Source: ITU-T T.81, B.2.4.2 and C.
package struct JPEGHuffmanTable: Equatable, Sendable {
  /// Of lengths 1 ... 16.
  package var counts: [UInt8]
  package var symbols: [UInt8]

  package init(counts: [UInt8], symbols: [UInt8]) {
    precondition(counts.count == 16)
    self.counts = counts
    self.symbols = symbols
  }

  /// Whether there are as many symbols as counts say, at most 256, and a code for each.
  package var isValid: Bool {
    var total = 0
    var code = 0
    for (index, count) in counts.enumerated() {
      total += Int(count)
      code += Int(count)
      guard code <= 1 << (index + 1) else { return false }
      code <<= 1
    }
    return total == symbols.count && total <= 256
  }

  /// Fills the 256 entries at `codes` with code << 5 | length, 0 for symbols that have none.
  func fill(_ codes: UnsafeMutablePointer<UInt32>) {
    var code: UInt32 = 0
    var next = 0
    for length in 1...16 {
      for _ in 0..<counts[length - 1] {
        codes[Int(symbols[next])] = code << 5 | UInt32(length)
        next += 1
        code += 1
      }
      code <<= 1
    }
  }
}

extension JPEGHuffmanTable {
  package init(_ reader: inout ByteReader) throws(CodecError) {
    let start = reader.position
    counts = try reader.bytes(16)
    let total = counts.reduce(0) { $0 + Int($1) }
    guard total <= 256 else { throw .corrupt(field: "Huffman table", at: start) }
    symbols = try reader.bytes(total)
    guard isValid else { throw .corrupt(field: "Huffman table", at: start) }
  }

  func write(to writer: inout ByteWriter) {
    writer.append(counts)
    writer.append(symbols)
  }
}

/// Where the codes of a table come from.
package enum JPEGHuffmanCode: Equatable, Sendable {
  /// The examples of ITU-T T.81, K.3, for luma or chroma.
  case luma
  case chroma
  /// The best for the symbols of the scans that use it, by the procedure of ITU-T T.81, K.2, as the
  /// Independent JPEG Group's encoder runs it.
  case optimal
  case explicit(JPEGHuffmanTable)

  var number: UInt8 {
    switch self {
    case .explicit: 0
    case .luma: 1
    case .chroma: 2
    case .optimal: 3
    }
  }
}

package struct JPEGHuffmanDefinition: Equatable, Sendable {
  package var isAC: Bool
  /// 0 ... 3.
  package var number: Int
  package var code: JPEGHuffmanCode

  package init(isAC: Bool, number: Int, code: JPEGHuffmanCode) {
    self.isAC = isAC
    self.number = number
    self.code = code
  }
}

extension JPEGHuffmanTable {
  package static func standard(isAC: Bool, isChroma: Bool) -> JPEGHuffmanTable {
    switch (isAC, isChroma) {
    case (false, false): lumaDC
    case (false, true): chromaDC
    case (true, false): lumaAC
    case (true, true): chromaAC
    }
  }

  private static let lumaDC = JPEGHuffmanTable(
    counts: [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0], symbols: Array(0...11))
  private static let chromaDC = JPEGHuffmanTable(
    counts: [0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0], symbols: Array(0...11))
  private static let lumaAC = JPEGHuffmanTable(
    counts: [0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 0x7D],
    symbols: [
      0x01, 0x02, 0x03, 0x00, 0x04, 0x11, 0x05, 0x12, 0x21, 0x31, 0x41, 0x06, 0x13, 0x51, 0x61,
      0x07, 0x22, 0x71, 0x14, 0x32, 0x81, 0x91, 0xA1, 0x08, 0x23, 0x42, 0xB1, 0xC1, 0x15, 0x52,
      0xD1, 0xF0, 0x24, 0x33, 0x62, 0x72, 0x82, 0x09, 0x0A, 0x16, 0x17, 0x18, 0x19, 0x1A, 0x25,
      0x26, 0x27, 0x28, 0x29, 0x2A, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39, 0x3A, 0x43, 0x44, 0x45,
      0x46, 0x47, 0x48, 0x49, 0x4A, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59, 0x5A, 0x63, 0x64,
      0x65, 0x66, 0x67, 0x68, 0x69, 0x6A, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79, 0x7A, 0x83,
      0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8A, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99,
      0x9A, 0xA2, 0xA3, 0xA4, 0xA5, 0xA6, 0xA7, 0xA8, 0xA9, 0xAA, 0xB2, 0xB3, 0xB4, 0xB5, 0xB6,
      0xB7, 0xB8, 0xB9, 0xBA, 0xC2, 0xC3, 0xC4, 0xC5, 0xC6, 0xC7, 0xC8, 0xC9, 0xCA, 0xD2, 0xD3,
      0xD4, 0xD5, 0xD6, 0xD7, 0xD8, 0xD9, 0xDA, 0xE1, 0xE2, 0xE3, 0xE4, 0xE5, 0xE6, 0xE7, 0xE8,
      0xE9, 0xEA, 0xF1, 0xF2, 0xF3, 0xF4, 0xF5, 0xF6, 0xF7, 0xF8, 0xF9, 0xFA,
    ])
  private static let chromaAC = JPEGHuffmanTable(
    counts: [0, 2, 1, 2, 4, 4, 3, 4, 7, 5, 4, 4, 0, 1, 2, 0x77],
    symbols: [
      0x00, 0x01, 0x02, 0x03, 0x11, 0x04, 0x05, 0x21, 0x31, 0x06, 0x12, 0x41, 0x51, 0x07, 0x61,
      0x71, 0x13, 0x22, 0x32, 0x81, 0x08, 0x14, 0x42, 0x91, 0xA1, 0xB1, 0xC1, 0x09, 0x23, 0x33,
      0x52, 0xF0, 0x15, 0x62, 0x72, 0xD1, 0x0A, 0x16, 0x24, 0x34, 0xE1, 0x25, 0xF1, 0x17, 0x18,
      0x19, 0x1A, 0x26, 0x27, 0x28, 0x29, 0x2A, 0x35, 0x36, 0x37, 0x38, 0x39, 0x3A, 0x43, 0x44,
      0x45, 0x46, 0x47, 0x48, 0x49, 0x4A, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59, 0x5A, 0x63,
      0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6A, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79, 0x7A,
      0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8A, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97,
      0x98, 0x99, 0x9A, 0xA2, 0xA3, 0xA4, 0xA5, 0xA6, 0xA7, 0xA8, 0xA9, 0xAA, 0xB2, 0xB3, 0xB4,
      0xB5, 0xB6, 0xB7, 0xB8, 0xB9, 0xBA, 0xC2, 0xC3, 0xC4, 0xC5, 0xC6, 0xC7, 0xC8, 0xC9, 0xCA,
      0xD2, 0xD3, 0xD4, 0xD5, 0xD6, 0xD7, 0xD8, 0xD9, 0xDA, 0xE2, 0xE3, 0xE4, 0xE5, 0xE6, 0xE7,
      0xE8, 0xE9, 0xEA, 0xF2, 0xF3, 0xF4, 0xF5, 0xF6, 0xF7, 0xF8, 0xF9, 0xFA,
    ])

  /// The code of least redundancy whose lengths are at most 16 and that leaves the code of all ones
  /// free; nil where codes before the limit are too long for the procedure.
  ///
  /// Of equal frequencies, higher symbols get the longer codes. Source: ITU-T T.81, figures K.1 to
  /// K.4.
  package static func optimal(_ frequencies: [UInt32]) -> JPEGHuffmanTable? {
    precondition(frequencies.count == 256)
    // Symbols that occur, in order; the last is one more that keeps the code of all ones free.
    var symbols: [Int] = []
    var weights: [UInt64] = []
    for (symbol, frequency) in frequencies.enumerated() where frequency > 0 {
      symbols.append(symbol)
      weights.append(UInt64(frequency))
    }
    symbols.append(256)
    weights.append(1)
    let count = symbols.count
    var lengths = [Int](repeating: 0, count: count)
    var others = [Int](repeating: -1, count: count)
    while true {
      var (low, second) = (-1, -1)
      for index in 0..<count where weights[index] > 0 {
        if low < 0 || weights[index] <= weights[low] {
          second = low
          low = index
        } else if second < 0 || weights[index] <= weights[second] {
          second = index
        }
      }
      if second < 0 { break }
      weights[low] += weights[second]
      weights[second] = 0
      var place = low
      lengths[place] += 1
      while others[place] >= 0 {
        place = others[place]
        lengths[place] += 1
      }
      others[place] = second
      place = second
      lengths[place] += 1
      while others[place] >= 0 {
        place = others[place]
        lengths[place] += 1
      }
    }
    var counts = [Int](repeating: 0, count: longestBeforeLimit + 1)
    for length in lengths {
      guard length <= longestBeforeLimit else { return nil }
      counts[length] += 1
    }
    for length in stride(from: longestBeforeLimit, to: 16, by: -1) {
      while counts[length] > 0 {
        var shorter = length - 2
        while counts[shorter] == 0 { shorter -= 1 }
        counts[length] -= 2
        counts[length - 1] += 1
        counts[shorter + 1] += 2
        counts[shorter] -= 1
      }
    }
    var longest = 16
    while longest > 0, counts[longest] == 0 { longest -= 1 }
    counts[longest] -= 1
    var order: [UInt8] = []
    for length in 1...longestBeforeLimit {
      for index in 0..<count - 1 where lengths[index] == length {
        order.append(UInt8(symbols[index]))
      }
    }
    counts[0] = 0
    return JPEGHuffmanTable(counts: counts[1...16].map { UInt8($0) }, symbols: order)
  }

  private static let longestBeforeLimit = 32
}
