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

  package static func crc32(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    var crc = UInt32.max
    var place = 0
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
