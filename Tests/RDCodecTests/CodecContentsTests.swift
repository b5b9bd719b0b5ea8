import Foundation
import TestSupport
import Testing

@testable import DecoderCore
@testable import RDCodec

/// Checksums of what is decoded: a file whose bytes are intact, but which another machine would decode
/// to something else, is refused by name.
@Suite struct CodecContentsTests {
  struct Sample: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var options = EncoderOptions(effort: 1, verify: false)
    var image: @Sendable () -> Image
  }

  static let samples = [
    Sample(testDescription: "photograph of three tiles") {
      SyntheticImages.photograph(width: 1600, height: 20)
    },
    Sample(testDescription: "16 bits and alpha") {
      SyntheticImages.image(.init(.rgba, 16), width: 150, height: 130)
    },
    Sample(testDescription: "palette") {
      SyntheticImages.image(.init(.palette, 8), width: 40, height: 30)
    },
    Sample(testDescription: "enlarged", image: { CodecGoldenTests.enlarged() }),
    Sample(testDescription: "within 2", options: near(2)) {
      SyntheticImages.photograph(width: 60, height: 50)
    },
    Sample(testDescription: "within 12", options: near(12)) {
      SyntheticImages.photograph(width: 60, height: 50)
    },
    Sample(testDescription: "lossy", options: lossy) {
      SyntheticImages.photograph(width: 900, height: 300)
    },
    Sample(testDescription: "lossy with alpha", options: lossy) {
      SyntheticImages.image(.init(.rgba, 8), width: 60, height: 50)
    },
    Sample(testDescription: "lattice") { SourceImages.jpegLike(.bilinear, width: 95, height: 71) },
    Sample(testDescription: "JPEG") {
      CoefficientImages.image(
        .init(name: "", sampling: CoefficientImages.Kind.half), width: 75, height: 60)
    },
  ]

  private static let lossy = EncoderOptions(
    mode: .lossy(quality: 50), effort: 1, verify: false, allowsExact: false)

  private static func near(_ maximumError: Int) -> EncoderOptions {
    EncoderOptions(mode: .nearLossless(maximumError: maximumError), effort: 1, verify: false)
  }

  private func parts(_ sample: Sample) async throws -> (Header, [UInt8]) {
    let bytes = try await encode(sample.image(), sample.options).bytes
    let (header, end) = try ContainerFiles.header(of: bytes)
    return (header, Array(bytes[end...]))
  }

  @Test(arguments: samples, [1, 4])
  func otherSamplesAreNamed(sample: Sample, jobs: Int) async throws {
    let (header, streams) = try await parts(sample)
    #expect(header.contents.samples.count == header.tiling.tileCount)
    for tile in header.contents.samples.indices {
      var other = header
      other.contents.samples[tile] ^= 1
      let bytes = other.bytes() + streams
      await #expect(throws: CodecError.wrongContents(.samples(tile: tile))) {
        try await decode(bytes, DecoderOptions(jobs: jobs))
      }
    }
    let whole = header.bytes() + streams
    await #expect(throws: Never.self) { try await decode(whole, DecoderOptions(jobs: jobs)) }
  }

  @Test func onlyTilesOfTheRegionCount() async throws {
    var (header, streams) = try await parts(Self.samples[0])
    header.contents.samples[2] ^= 1
    let bytes = header.bytes() + streams
    let first = DecoderOptions(region: ImageRegion(x: 3, y: 2, width: 500, height: 9))
    await #expect(throws: Never.self) { try await decode(bytes, first) }
    let last = DecoderOptions(region: ImageRegion(x: 1500, y: 2, width: 9, height: 9))
    await #expect(throws: CodecError.wrongContents(.samples(tile: 2))) {
      try await decode(bytes, last)
    }
  }

  @Test(arguments: samples)
  func otherLatentsAreNamed(sample: Sample) async throws {
    let (header, streams) = try await parts(sample)
    for tile in header.contents.latents.indices {
      var other = header
      other.contents.latents[tile] ^= 1
      let bytes = other.bytes() + streams
      await #expect(throws: CodecError.wrongContents(.latents(tile: tile))) {
        try await decode(bytes, DecoderOptions(layer: .preview))
      }
    }
  }

  @Test func targetsAndStrippedFilesHaveChecksums() async throws {
    let image = SyntheticImages.photograph(width: 900, height: 60)
    let options = EncoderOptions(
      mode: .target(.bitsPerPixel(1)), effort: 1, verify: false, allowsExact: false)
    let file = try await encode(image, options).bytes
    await #expect(throws: Never.self) { try await decode(file) }
    let stripped = try await strip(
      encode(image, EncoderOptions(mode: .lossless(preview: 60), effort: 1)).bytes)
    let header = try ContainerFiles.header(of: stripped).header
    #expect(header.contents.samples.allSatisfy { $0 != 0 })
  }

  @Test(arguments: [0, 1, 63, 64, 65, 127, 128, 1000, 4099])
  func theChecksumIsZlibs(count: Int) {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3 &+ $0) }
    var crc = UInt32.max
    for byte in bytes {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
    }
    #expect(Checksum.crc32(bytes, in: 0..<count) == ~crc)
    for cut in Set([0, count / 3, count]) {
      let (a, b) = (
        Checksum.crc32(bytes, in: 0..<cut), Checksum.crc32(bytes, in: cut..<count)
      )
      #expect(Checksum.joined(a, b, count: count - cut) == ~crc)
    }
  }
}

/// The environment that floats are computed in.
@Suite struct FloatEnvironmentTests {
  /// <fenv.h> has them as macros twice over.
  #if arch(x86_64)
    private static let (down, up, zero): (Int32, Int32, Int32) = (0x400, 0x800, 0xC00)
  #else
    private static let (down, up, zero): (Int32, Int32, Int32) = (0x80_0000, 0x40_0000, 0xC0_0000)
  #endif

  /// ⅓, divided when asked for.
  @inline(never) private static func third() -> Double {
    (Double(ProcessInfo.processInfo.processorCount) * 0 + 1) / 3
  }

  @Test(arguments: [up, down, zero])
  func workRoundsToTheNearest(rounding: Int32) {
    fesetround(rounding)
    defer { fesetround(0) }
    let third = Self.third()
    var inside = 0.0
    withFloatEnvironment { inside = Self.third() }
    #expect(inside == 0x1.5555555555555p-2)
    #expect(Self.third() == third)
    #expect((third == inside) == (rounding != Self.up))
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity, 0, -1])
  func numbersThatAreNoneAreRefused(value: Double) async {
    let modes: [EncoderOptions.Mode] = [
      .lossy(quality: value), .lossless(preview: value), .target(.psnr(value)),
      .target(.ssimulacra2(value - 101)),
      .target(.bitsPerPixel(value)),
    ]
    let image = SyntheticImages.photograph(width: 8, height: 8)
    for mode in modes {
      await #expect(throws: CodecError.self) { try await encode(image, EncoderOptions(mode: mode)) }
    }
  }
}
