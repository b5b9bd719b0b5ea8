import TestSupport
import Testing

@testable import DecoderCore
@testable import RDCodec

/// Lossy files of a wanted size, PSNR or score.
@Suite struct CodecTargetTests {
  private static let image = SyntheticImages.photograph(width: 160, height: 128)

  private func options(_ target: LossyTarget, effort: Int = 1) -> EncoderOptions {
    EncoderOptions(mode: .target(target), effort: effort, allowsExact: false)
  }

  /// A lossy file of the image, and its PSNR.
  private func file(quality: Double) async throws -> (byteCount: Int, psnr: Double) {
    let options = EncoderOptions(mode: .lossy(quality: quality), effort: 1)
    let file = try await encode(Self.image, options)
    let decoded = try await decode(file.bytes)
    let psnr = try #require(PSNR.pooled(ColorPlanes(Self.image), ColorPlanes(decoded)))
    return (file.bytes.count, psnr)
  }

  @Test(arguments: [20.0, 55, 90], [1, 5])
  func aSizeIsMetAndNotExceeded(quality: Double, effort: Int) async throws {
    // Not what a position has, but something between.
    let limit = try await file(quality: quality).byteCount + 2
    let exact = try await encode(Self.image, options(.byteCount(limit), effort: effort))
    #expect(exact.bytes.count <= limit && Double(exact.bytes.count) > 0.97 * Double(limit))
    let bits = Double(8 * limit) / Double(Self.image.pixelCount)
    let again = try await encode(Self.image, options(.bitsPerPixel(bits), effort: effort))
    #expect(abs(again.bytes.count - exact.bytes.count) <= limit / 50)
    #expect(again.bytes.count <= limit)
  }

  @Test(arguments: [20.0, 55, 90])
  func aPSNRIsReached(quality: Double) async throws {
    let limit = try await file(quality: quality).psnr + 0.01
    let file = try await encode(Self.image, options(.psnr(limit)))
    let decoded = try await decode(file.bytes)
    let psnr = try #require(PSNR.pooled(ColorPlanes(Self.image), ColorPlanes(decoded)))
    #expect(psnr >= limit && psnr < limit + 0.1)
  }

  @Test(arguments: [40.0, 55, 70]) func aScoreIsReached(limit: Double) async throws {
    let file = try await encode(Self.image, options(.ssimulacra2(limit)))
    let score = try await score(of: file)
    #expect(score >= limit && score < limit + 1.5)
    let quality = try inspect(file.bytes).quality
    #expect(quality > 1 && quality < 100)
  }

  private func score(of file: EncodedImage) async throws -> Double {
    let decoded = try await decode(file.bytes)
    return try #require(SSIMULACRA2.score(ColorPlanes(Self.image), ColorPlanes(decoded)))
  }

  @Test func anImageTooSmallForAScoreIsKept() async throws {
    let image = SyntheticImages.photograph(width: 40, height: 7)
    let mode = EncoderOptions.Mode.target(.ssimulacra2(50))
    let file = try await encode(image, EncoderOptions(mode: mode, effort: 1))
    #expect(file.exactReason == .tooSmall)
    #expect(try await decode(file.bytes) == image)
    await #expect(throws: CodecError.self) { try await encode(image, options(.ssimulacra2(50))) }
  }

  @Test func theResultIsThatOfItsQuality() async throws {
    let limit = try await file(quality: 40).byteCount
    let file = try await encode(Self.image, options(.byteCount(limit)))
    let quality = try inspect(file.bytes).quality
    let again = try await encode(
      Self.image, EncoderOptions(mode: .lossy(quality: quality), effort: 1))
    #expect(again == file)
  }

  @Test func whatNoQualityReachesIsAnError() async throws {
    for target in [LossyTarget.byteCount(20), .bitsPerPixel(0.001), .psnr(90), .ssimulacra2(99.9)] {
      let error = await #expect(throws: CodecError.self) {
        try await encode(Self.image, options(target))
      }
      guard case .unreachable = error else {
        Issue.record("threw \(String(describing: error))")
        continue
      }
    }
  }

  @Test func aLimitThatEveryQualityKeepsGivesTheNearestEnd() async throws {
    let large = try await encode(Self.image, options(.byteCount(1 << 30)))
    #expect(try inspect(large.bytes).quality == 100)
    let poor = try await encode(Self.image, options(.psnr(1)))
    #expect(try inspect(poor.bytes).quality == 1)
    let ruined = try await encode(Self.image, options(.ssimulacra2(-100)))
    #expect(try inspect(ruined.bytes).quality == 1)
  }

  @Test(arguments: SyntheticImages.kinds)
  func everyKindOfImageHasTargets(kind: SyntheticImages.Kind) async throws {
    let image = SyntheticImages.image(kind, width: 40, height: 24, hasMetadata: true)
    let limit = 4000
    let file = try await encode(image, options(.byteCount(limit)))
    #expect(file.bytes.count <= limit)
  }
}
