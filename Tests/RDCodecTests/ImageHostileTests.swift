import DecoderCore
import RDCodec
import TestSupport
import Testing

@Suite struct ImageHostileTests {
  @Test(arguments: ImageFixtures.pngKinds)
  func everyTruncationOfAPNGThrows(kind: ImageFixtures.Kind) throws {
    var image = ImageFixtures.image(kind, width: 5, height: 4)
    image.metadata = ImageFixtures.metadata(hasPalette: kind.colorType == .palette)
    let bytes = try image.pngBytes()
    for count in bytes.indices {
      #expect(throws: CodecError.self) { try readImage(Array(bytes.prefix(count))) }
    }
  }

  @Test(arguments: ImageFixtures.pngKinds, [false, true])
  func damagedPNGsNeverTrap(kind: ImageFixtures.Kind, repairsChecksums: Bool) throws {
    var image = ImageFixtures.image(kind, width: 9, height: 9)
    image.metadata = ImageFixtures.metadata(hasPalette: kind.colorType == .palette)
    let bytes = try image.pngBytes()
    let limits = DecoderLimits(dimension: 4096, pixelCount: 1 << 20, metadataByteCount: 1 << 16)
    var random = SplitMix64(seed: UInt64(kind.depth))
    for _ in 0..<100 {
      var damaged = bytes
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        damaged[Int.random(in: 8..<bytes.count, using: &random)] =
          .random(in: 0...255, using: &random)
      }
      if repairsChecksums { repairChecksums(&damaged) }
      if let copy = try? readImage(damaged, limits: limits) {
        #expect(throws: Never.self) { try copy.validate() }
      }
    }
  }

  @Test(arguments: [(1_000_000, 1_000_000), (2_000_000, 1), (1, 2_000_000), (0x7FFF_FFFF, 1)])
  func refusesHugeSizesBeforeAllocating(size: (Int, Int)) throws {
    var bytes = try ImageFixtures.image(.init(colorType: .grey, depth: 8)).pngBytes()
    setSize(&bytes, width: size.0, height: size.1)
    let error = #expect(throws: CodecError.self) { try readImage(bytes) }
    guard case .limitExceeded = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func refusesSizesThatSoFewBytesCannotHold() throws {
    var bytes = try ImageFixtures.image(.init(colorType: .rgba, depth: 16)).pngBytes()
    setSize(&bytes, width: 16384, height: 16384)
    #expect(throws: CodecError.truncated(at: bytes.count)) { try readImage(bytes) }
  }

  @Test func boundsMetadata() throws {
    var image = ImageFixtures.image(.init(colorType: .grey, depth: 8))
    let chunk = MetadataItem(png: "tEXt", Array(repeating: 65, count: 1000), .afterImageData)
    image.metadata = Array(repeating: chunk, count: 3)
    let bytes = try image.pngBytes()
    var limits = DecoderLimits.default
    limits.metadataByteCount = 3 * 1016
    #expect(throws: Never.self) { try Image(png: bytes, limits: limits) }
    limits.metadataByteCount = 3 * 1016 - 1
    let error = CodecError.limitExceeded(.metadataByteCount, needed: 3048, allowed: 3047)
    #expect(throws: error) {
      try Image(png: bytes, limits: limits)
    }
  }

  @Test func refusesOtherFiles() {
    let files: [([UInt8], FileKind?)] = [
      ([], .empty), ([0x89], nil), (Array("GIF89a".utf8), .gif), (Array("P8 1 1 ".utf8), nil),
      (Array("P".utf8), nil), ([0xFF, 0xD8, 0x00, 0xE0], nil), ([0x8F, 0x52, 0x44, 0x43], .rdc),
      (Array("II*\0".utf8), .tiff), (Array("RIFF\0\0\0\0WEBPVP8 ".utf8), .webP),
    ]
    for (bytes, kind) in files {
      #expect(throws: CodecError.notImage(kind)) { try readImage(bytes) }
    }
  }

  /// Makes every chunk's CRC fit its bytes, so that damage reaches the decoder behind it.
  private func repairChecksums(_ bytes: inout [UInt8]) {
    var start = 8
    while start + 12 <= bytes.count {
      let length = bytes[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
      guard length <= bytes.count - start - 12 else { return }
      let end = start + 8 + length
      let crc = Checksum.crc32(bytes, in: start + 4..<end)
      for place in 0..<4 { bytes[end + place] = UInt8(truncatingIfNeeded: crc >> (24 - 8 * place)) }
      start = end + 4
    }
  }

  private func setSize(_ bytes: inout [UInt8], width: Int, height: Int) {
    for place in 0..<4 {
      bytes[16 + place] = UInt8(truncatingIfNeeded: width >> (24 - 8 * place))
      bytes[20 + place] = UInt8(truncatingIfNeeded: height >> (24 - 8 * place))
    }
    repairChecksums(&bytes)
  }
}
