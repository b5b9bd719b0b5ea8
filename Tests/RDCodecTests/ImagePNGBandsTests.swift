import CPNG
import TestSupport
import Testing

@testable import RDCodec

/// PNG rows that are compressed in bands.
@Suite struct ImagePNGBandsTests {
  /// Images of several bands: a photograph, drawings, noise, and rows longer than a band.
  private static let images: [Image] =
    [
      SyntheticImages.photograph(width: 400, height: 700),
      SyntheticImages.image(.init(.rgb, 8), width: 500, height: 430),
      SyntheticImages.image(.init(.rgba, 16), width: 150, height: 500),
      SyntheticImages.image(.init(.greyAlpha, 8), width: 640, height: 480),
      SyntheticImages.image(.init(.grey, 16), width: 640, height: 480),
      SyntheticImages.image(.init(.palette, 8), width: 900, height: 700),
      SyntheticImages.image(.init(.palette, 2), width: 4000, height: 700),
      SyntheticImages.image(.init(.grey, 1), width: 5000, height: 900),
      SyntheticImages.image(.init(.grey, 8), width: 300_000, height: 3),
      SyntheticImages.image(.init(.rgb, 8), width: 1, height: 70_000),
      Image(
        width: 1000, height: 700, colorType: .grey, depth: 8,
        planes: [[UInt16](repeating: 7, count: 700_000)]),
    ]

  @Test(arguments: [nil, 0, 1, 6])
  func threadsAndStripsMakeTheSameBytes(level: Int?) throws {
    for image in Self.images {
      let one = try writeImage(image, as: .png, ImageWriterOptions(pngLevel: level))
      for jobs in [2, 3, 8] {
        let options = ImageWriterOptions(pngLevel: level, jobs: jobs)
        #expect(try writeImage(image, as: .png, options) == one)
      }
      let file = WrittenFile()
      let writer = ImageFormat.png.writer(
        ImageWriterOptions(pngLevel: level, jobs: 2), file.sink)
      try writer.begin(image.withoutSamples)
      var row = 0
      while row < image.height {
        let end = min(row + 1 + row % 97, image.height)
        try writer.receive(image.strip(row..<end))
        row = end
      }
      try writer.finish()
      #expect(file.bytes == one)
    }
  }

  @Test(arguments: [nil] + (0...9).map(Optional.some))
  func everyLevelKeepsTheImage(level: Int?) throws {
    let options = ImageWriterOptions(pngLevel: level, jobs: 2)
    for image in Self.images {
      #expect(try readImage(try writeImage(image, as: .png, options)) == image)
    }
    for kind in ImageFixtures.pngKinds {
      for (width, height) in [(13, 7), (1, 1), (1, 9), (9, 1), (3, 3), (64, 64)] {
        let image = ImageFixtures.image(kind, width: width, height: height)
        #expect(try readImage(try writeImage(image, as: .png, options)) == image)
      }
    }
  }

  /// Without strings to find, the fast way is about as small as zlib's.
  @Test func photographsAreAboutAsSmallAsByLevels() throws {
    let image = SyntheticImages.photograph(width: 600, height: 500)
    let fast = try writeImage(image, as: .png).count
    let level6 = try writeImage(image, as: .png, ImageWriterOptions(pngLevel: 6)).count
    #expect(Double(fast) < 1.02 * Double(level6))
  }

  /// Where strings occur again, they are looked for.
  @Test func drawingsAreSearched() throws {
    // A texture whose pixels differ from their neighbours, again and again.
    var random = SplitMix64(seed: 5)
    let tile = (0..<64 * 64).map { _ in UInt16.random(in: 0...255, using: &random) }
    let image = Image(
      width: 640, height: 640, colorType: .grey, depth: 8,
      planes: [(0..<640 * 640).map { tile[$0 / 640 % 64 * 64 + $0 % 64] }])
    #expect(try writeImage(image, as: .png).count < 640 * 640 / 8)
  }

  @Test func bytesAndRunsOfAllLengthsComeBack() throws {
    var random = SplitMix64(seed: 9)
    var cases: [[UInt8]] = [
      [0], [1, 2], [UInt8](repeating: 9, count: 65535), [UInt8](repeating: 9, count: 65536),
      (0..<65537).map { UInt8($0 & 255) },
      (0..<200_000).map { _ in UInt8.random(in: 0...255, using: &random) },
    ]
    // Every length of a run, with other bytes between.
    var runs: [UInt8] = []
    for length in 1...530 {
      runs += [UInt8](repeating: UInt8(length & 255), count: length)
      runs.append(UInt8(length * 7 & 255))
    }
    cases.append(runs)
    // Weights as Fibonacci's numbers, whose codes would be longest.
    var (a, b) = (1, 1)
    var skewed: [UInt8] = []
    for byte in 0..<22 {
      skewed += [UInt8](repeating: UInt8(byte * 11), count: a)
      (a, b) = (b, a + b)
    }
    skewed.shuffle(using: &random)
    cases.append(skewed)
    for bytes in cases {
      // Ten rows or one, as libpng reads it, with the bytes as samples.
      let stream = try deflated(bytes, isLast: true)
      #expect(try inflated(stream, like: bytes) == bytes)
      // A stream may go on after it.
      let joined = try deflated(bytes, isLast: false) + deflated(bytes, isLast: true)
      #expect(try inflated(joined, like: bytes + bytes) == bytes + bytes)
    }
  }

  /// Raw deflate of plain bytes.
  private func deflated(_ bytes: [UInt8], isLast: Bool) throws -> [UInt8] {
    var output = cpng_buffer()
    defer { cpng_buffer_free(&output) }
    let coding = cpng_coding(is_plain: true, level: 0, is_filtered: true)
    try #require(cpng_compress(bytes, bytes.count, 0, coding, isLast, &output) == .ok)
    return Array(UnsafeBufferPointer(start: output.bytes, count: output.count))
  }

  /// What libpng makes of it in a PNG of one row: the bytes, behind that row's filter.
  private func inflated(_ stream: [UInt8], like bytes: [UInt8]) throws -> [UInt8] {
    // One stored block holds the filter.
    let check = cpng_adler([0] + bytes, bytes.count + 1)
    var data: [UInt8] = [0x78, 0x01, 0, 1, 0, 0xFE, 0xFF, 0]
    data += stream
    data += Self.bytes(check)
    var png = PNGChunks.signature
    png += chunk("IHDR", Self.bytes(UInt32(bytes.count)) + [0, 0, 0, 1, 8, 0, 0, 0, 0])
    png += chunk("IDAT", data)
    png += chunk("IEND", [])
    return try readImage(png).planes[0].map { UInt8($0) }
  }

  private func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
    let body = Array(type.utf8) + data
    let check = Checksum.crc32(body, in: 0..<body.count)
    return Self.bytes(UInt32(data.count)) + body + Self.bytes(check)
  }

  /// Big-endian.
  private static func bytes(_ value: UInt32) -> [UInt8] {
    [24, 16, 8, 0].map { (shift: UInt32) in UInt8(truncatingIfNeeded: value >> shift) }
  }
}
