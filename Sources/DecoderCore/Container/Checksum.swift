internal import CKernels

/// The CRC-32 that zlib and PNG use: polynomial 0xEDB88320, reflected, complemented at both ends.
package enum Checksum {
  /// Whether a checksum is the one that a file states; always where mutants are to get past it.
  package static func agree(_ computed: UInt32, _ stated: UInt32) -> Bool {
    #if RDCODEC_FUZZING
      true
    #else
      computed == stated
    #endif
  }

  /// CRC-32 of `bytes[range]`.
  package static func crc32(_ bytes: [UInt8], in range: Range<Int>) -> UInt32 {
    precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
    return bytes.withUnsafeBytes { crc32(UnsafeRawBufferPointer(rebasing: $0[range])) }
  }

  package static func crc32(_ bytes: UnsafeRawBufferPointer) -> UInt32 { crc32(bytes, after: 0) }

  /// CRC-32 of bytes whose CRC-32 is `before`, and these after them.
  package static func crc32(_ bytes: UnsafeRawBufferPointer, after before: UInt32) -> UInt32 {
    var crc = ~before
    var place = 0
    if let first = bytes.baseAddress {
      place = ck_crc32_blocks(&crc, first.assumingMemoryBound(to: UInt8.self), bytes.count)
    }
    tables.withUnsafeBufferPointer { tables in
      let table = tables.baseAddress!
      // Eight bytes at once: each has a table for its distance from the end of the eight.
      while bytes.count - place >= 8 {
        let low =
          crc
          ^ UInt32(
            littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self))
        let high = UInt32(
          littleEndian: bytes.loadUnaligned(fromByteOffset: place + 4, as: UInt32.self))
        let first =
          table[1792 + Int(low & 255)] ^ table[1536 + Int(low >> 8 & 255)]
          ^ table[1280 + Int(low >> 16 & 255)] ^ table[1024 + Int(low >> 24)]
        let second =
          table[768 + Int(high & 255)] ^ table[512 + Int(high >> 8 & 255)]
          ^ table[256 + Int(high >> 16 & 255)] ^ table[Int(high >> 24)]
        crc = first ^ second
        place += 8
      }
      while place < bytes.count {
        crc = crc >> 8 ^ table[Int((crc ^ UInt32(bytes[place])) & 255)]
        place += 1
      }
    }
    return ~crc
  }

  /// CRC-32 of bytes with the CRC-32 `first`, and `count` more after them whose own is `second`.
  ///
  /// Source: M. Adler's crc32_combine of zlib, as multiplication modulo the polynomial.
  package static func joined(_ first: UInt32, _ second: UInt32, count: Int) -> UInt32 {
    // x^(8 · count): squares of x^8, where the highest bit stands for x^0.
    var (power, square) = (UInt32(1) << 31, UInt32(1) << 23)
    var rest = count
    while rest > 0 {
      if rest & 1 == 1 { power = product(power, square) }
      square = product(square, square)
      rest >>= 1
    }
    return product(power, first) ^ second
  }

  private static func product(_ a: UInt32, _ b: UInt32) -> UInt32 {
    var (sum, b) = (UInt32(0), b)
    for bit in (0..<32).reversed() {
      if a >> UInt32(bit) & 1 == 1 { sum ^= b }
      b = b & 1 == 1 ? b >> 1 ^ 0xEDB8_8320 : b >> 1
    }
    return sum
  }

  /// [distance][byte]: what a byte adds when `distance` zero bytes follow it.
  private static let tables: [UInt32] = {
    var tables = [UInt32](repeating: 0, count: 8 * 256)
    for byte in 0..<256 {
      var crc = UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
      tables[byte] = crc
    }
    for place in 256..<tables.count {
      let before = tables[place - 256]
      tables[place] = before >> 8 ^ tables[Int(before & 255)]
    }
    return tables
  }()
}
