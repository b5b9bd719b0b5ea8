import TestSupport
import Testing

@testable import DecoderCore
@testable import RDCodec

/// Images that came from something smaller: found, coded as that, and restored exactly.
@Suite struct SourceRecoveryTests {
  private static func options(_ recovers: Bool = true, jobs: Int = 1) -> EncoderOptions {
    EncoderOptions(effort: 1, jobs: jobs, verify: false, recoversSource: recovers)
  }

  @Test(
    arguments: [
      (SourceImages.Chroma.full, "lattice"), (.replicated, "lattice 4:2:0 replicated"),
      (.bilinear, "lattice 4:2:0 bilinear"), (.triangle, "lattice 4:2:0 triangle"),
      (.triangleAcross, "lattice 4:2:0 triangle"),
    ])
  func findsWhatAnImageCameFrom(chroma: SourceImages.Chroma, name: String) async throws {
    let image = SourceImages.jpegLike(chroma, width: 95, height: 71)
    let file = try await encode(image, Self.options())
    let plain = try await encode(image, Self.options(false))
    let found = try inspect(file.bytes).source
    let decoded = try await decode(file.bytes)
    #expect(decoded == image)
    #expect(found.hasPrefix("lattice"))
    #expect(chroma == .triangleAcross || found == name)
    #expect(try inspect(plain.bytes).source == "none")
    #expect(file.bytes.count < plain.bytes.count * 9 / 10)
  }

  @Test func findsALatticeThatNothingKnows() async throws {
    let image = SourceImages.unknownLattice(width: 160, height: 120)
    let file = try await encode(image, Self.options())
    let plain = try await encode(image, Self.options(false))
    let decoded = try await decode(file.bytes)
    #expect(decoded == image)
    #expect(try inspect(file.bytes).source == "lattice")
    #expect(file.bytes.count < plain.bytes.count * 9 / 10)
  }

  @Test(arguments: [[800, 33], [33, 800], [17, 97]])
  func keepsImagesOfSeveralTilesAndOddSizes(size: [Int]) async throws {
    let image = SourceImages.jpegLike(.bilinear, width: size[0], height: size[1])
    let file = try await encode(image, Self.options())
    #expect(try inspect(file.bytes).source == "lattice 4:2:0 bilinear")
    for jobs in [1, 3] {
      let again = try await encode(image, Self.options(jobs: jobs))
      let decoded = try await decode(file.bytes, DecoderOptions(jobs: jobs))
      #expect(again == file)
      #expect(decoded == image)
    }
  }

  @Test func keepsAnImageThatWasCroppedOffTheGrid() async throws {
    let whole = SourceImages.jpegLike(.triangle, width: 98, height: 75)
    var image = whole
    (image.width, image.height) = (95, 73)
    image.planes = whole.planes.map { plane in
      (0..<73).flatMap { y in plane[(y + 1) * 98 + 1..<(y + 1) * 98 + 96] }
    }
    let file = try await encode(image, Self.options())
    let decoded = try await decode(file.bytes)
    #expect(decoded == image)
    #expect(try inspect(file.bytes).source == "lattice 4:2:0 triangle")
  }

  @Test func keepsImagesThatOnlyPartlyCameFromALattice() async throws {
    var image = SourceImages.jpegLike(.bilinear, width: 96, height: 64)
    var random = SplitMix64(seed: 9)
    for place in 0..<60 {
      image.planes[place % 3][place * 37] = UInt16.random(in: 0...255, using: &random)
    }
    let file = try await encode(image, Self.options())
    let decoded = try await decode(file.bytes)
    #expect(decoded == image)
  }

  @Test func leavesOtherImagesAlone() async throws {
    for image in [
      SyntheticImages.photograph(width: 160, height: 120),
      SyntheticImages.image(.init(.rgb, 8), width: 90, height: 70),
    ] {
      let file = try await encode(image, Self.options())
      let plain = try await encode(image, Self.options(false))
      #expect(file.bytes == plain.bytes)
      #expect(try inspect(file.bytes).source == "none")
    }
  }

  @Test func writtenBitsAreTheObjective() async throws {
    for chroma in SourceImages.Chroma.allCases {
      let image = SourceImages.jpegLike(chroma, width: 64, height: 50)
      let file = try await encode(image, Self.options())
      for layer in [file.rate, file.residual] {
        let difference = abs(Double(layer.writtenBits) - layer.objectiveBits)
        #expect(difference <= 0.001 * layer.objectiveBits + 64 * 8)
      }
    }
  }
}
