import DecoderCore
import RDCodec
import TestSupport
import Testing

@Suite struct ImageZlibTests {
  @Test(arguments: [0, 1, 1000, 1023, 1024, 1025, 100_000], [1, 256])
  func inflatesWhatWasDeflated(count: Int, alphabet: Int) throws {
    var random = SplitMix64(seed: 3)
    let bytes = (0..<count).map { _ in UInt8(Int.random(in: 0..<alphabet, using: &random)) }
    let deflated = Zlib.deflate(bytes)
    let inflated = try Inflate.bytes(of: deflated, limit: count)
    #expect(inflated == bytes)
    if count > 0 {
      let error = #expect(throws: CodecError.self) {
        try Inflate.bytes(of: deflated, limit: count - 1)
      }
      guard case .limitExceeded = error else {
        Issue.record("\(String(describing: error))")
        return
      }
    }
  }

  @Test func boundsABomb() {
    let bomb = Zlib.deflate(Array(repeating: 0, count: 10_000_000))
    let error = #expect(throws: CodecError.self) { try Inflate.bytes(of: bomb, limit: 1000) }
    guard case .limitExceeded(_, let needed, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(needed <= 2048)
  }

  @Test func refusesDamage() {
    let deflated = Zlib.deflate(Array("a text that is long enough, long enough".utf8))
    for count in deflated.indices {
      #expect(throws: CodecError.truncated(at: count)) {
        try Inflate.bytes(of: Array(deflated.prefix(count)), limit: 1000)
      }
    }
    #expect(throws: CodecError.corrupt(field: "deflated data", at: 0)) {
      try Inflate.bytes(of: deflated + [0], limit: 1000)
    }
    #expect(throws: CodecError.corrupt(field: "deflated data", at: 0)) {
      try Inflate.bytes(of: [1, 2, 3], limit: 1000)
    }
  }

  /// The check value of CRC-32 in the catalogue of parametrised CRC algorithms.
  @Test func givesTheCheckValue() {
    let bytes = Array("x123456789x".utf8)
    #expect(Checksum.crc32(bytes, in: 1..<10) == 0xCBF4_3926)
    #expect(Checksum.crc32(bytes, in: 3..<3) == 0)
    #expect(Checksum.crc32([], in: 0..<0) == 0)
  }
}
