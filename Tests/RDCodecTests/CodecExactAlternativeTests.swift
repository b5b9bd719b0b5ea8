import TestSupport
import Testing

@testable import DecoderCore
@testable import RDCodec

@Suite struct CodecExactAlternativeTests {
  /// Black letters of a kind on white: sharp edges, few colours, no period that repeats.
  private static let page: Image = {
    var random = SplitMix64(seed: 5)
    let (width, height) = (160, 120)
    var plane = [UInt16](repeating: 255, count: width * height)
    for row in stride(from: 6, to: height - 8, by: 12) {
      for column in stride(from: 4, to: width - 8, by: 7) {
        let glyph = random.next()
        for place in 0..<40 where glyph >> UInt64(place) & 1 == 1 {
          plane[(row + place / 5) * width + column + place % 5] = 0
        }
      }
    }
    return Image(
      width: width, height: height, colorType: .rgb, depth: 8, planes: [plane, plane, plane])
  }()

  private static func photograph(depth: Int = 8, scaledBy scale: Int = 1, plus offset: Int = 0)
    -> Image
  {
    var image = SyntheticImages.photograph(width: 128, height: 96)
    image.depth = depth
    image.planes = image.planes.map { $0.map { UInt16(Int($0) * scale + offset) } }
    return image
  }

  private static func encoded(
    _ image: Image, _ mode: EncoderOptions.Mode
  ) async throws -> (file: EncodedImage, decoded: Image) {
    let file = try await encode(image, EncoderOptions(mode: mode, effort: 3))
    return (file, try await decode(file.bytes))
  }

  @Test(arguments: [
    (EncoderOptions.Mode.lossy(quality: 60), ExactReason.smaller),
    (.target(.byteCount(20_000)), .fits), (.target(.bitsPerPixel(9)), .fits),
    (.target(.psnr(60)), .qualityOutOfReach), (.target(.ssimulacra2(100)), .qualityOutOfReach),
  ])
  func aPageOfTextIsKeptExactly(mode: EncoderOptions.Mode, reason: ExactReason) async throws {
    let (file, decoded) = try await Self.encoded(Self.page, mode)
    #expect(file.exactReason == reason)
    #expect(decoded == Self.page)
  }

  @Test func anApproximationIsWrittenWhereNothingElseIsAllowed() async throws {
    var options = EncoderOptions(mode: .lossy(quality: 60), effort: 1)
    options.allowsExact = false
    let file = try await encode(Self.page, options)
    #expect(file.exactReason == nil)
    #expect(try inspect(file.bytes).isLossless == false)
  }

  @Test(arguments: [EncoderOptions.Mode.lossy(quality: 60), .target(.byteCount(3000))])
  func photographsStayApproximations(mode: EncoderOptions.Mode) async throws {
    let (file, _) = try await Self.encoded(Self.photograph(), mode)
    #expect(file.exactReason == nil)
  }

  @Test(arguments: [1, 2, 4], [1, 2])
  func boundsThatLeaveLittleKeepTheImage(depth: Int, maximumError: Int) async throws {
    var image = Self.page
    image.depth = depth
    image.colorType = .grey
    image.planes = [image.planes[0].map { $0 >> (8 - depth) }]
    let (file, decoded) = try await Self.encoded(
      image, .nearLossless(maximumError: maximumError))
    #expect(file.exactReason == .coarseBound)
    #expect(decoded == image)
  }

  @Test func aBoundThatIsALargeShareOfWhatOccursKeepsTheImage() async throws {
    let image = Self.photograph(depth: 16, scaledBy: 1, plus: 300)
    let narrow = Image(
      width: image.width, height: image.height, colorType: .grey, depth: 16,
      planes: [image.planes[0].map { 300 + $0 % 90 }])
    let (file, decoded) = try await Self.encoded(narrow, .nearLossless(maximumError: 16))
    #expect(file.exactReason == .coarseBound)
    #expect(decoded == narrow)
  }

  /// 12 bits in 16, from zero on and around a middle: errors are those of the range.
  @Test(arguments: [0, 30_000])
  func lossyErrorsAreRelativeToTheRangeThatIsUsed(offset: Int) async throws {
    let image = Self.photograph(depth: 16, scaledBy: 16, plus: offset)
    let plain = Self.photograph()
    let (file, decoded) = try await Self.encoded(image, .lossy(quality: 90))
    let range = try #require(try inspect(file.bytes).colorRange)
    #expect(range == image.colorRange)
    let (_, plainDecoded) = try await Self.encoded(plain, .lossy(quality: 90))
    let psnr = try #require(PSNR.pooled(ColorPlanes(image), ColorPlanes(decoded)))
    let plainPSNR = try #require(PSNR.pooled(ColorPlanes(plain), ColorPlanes(plainDecoded)))
    #expect(psnr > plainPSNR - 1.5)
    #expect(file.exactReason == nil)
  }

  /// A hot pixel, or a border without data, sets the range.
  @Test(arguments: [1, 900])
  func fewSamplesDoNotLoseAllOthers(count: Int) async throws {
    var image = Self.photograph(depth: 16, scaledBy: 1, plus: 12_000)
    for plane in image.planes.indices {
      for place in 0..<count { image.planes[plane][place] = count == 1 ? 65_535 : 0 }
    }
    for mode in [
      EncoderOptions.Mode.lossy(quality: 90), .target(.psnr(45)), .target(.ssimulacra2(80)),
    ] {
      let (file, decoded) = try await Self.encoded(image, mode)
      #expect(file.exactReason == .unevenRange)
      #expect(decoded == image)
    }
  }

  @Test func hiddenSamplesDoNotSetTheRange() async throws {
    let range = 12_000...12_255
    var image = Self.photograph(depth: 16, scaledBy: 1, plus: range.lowerBound)
    image.colorType = .rgba
    image.planes.append((0..<image.pixelCount).map { $0 < 128 * 20 ? 0 : 65_535 })
    for plane in 0..<3 {
      for place in 0..<128 * 20 { image.planes[plane][place] = UInt16(place * 7 % 65_536) }
    }
    let (file, _) = try await Self.encoded(image, .lossy(quality: 60))
    let stated = try #require(try inspect(file.bytes).colorRange)
    #expect(range.contains(stated.lowerBound) && range.contains(stated.upperBound))
  }

  /// Noise that repeats without an equal neighbour.
  @Test(arguments: [1, 5])
  func smallTexturesAreFoundAtEveryEffort(effort: Int) async throws {
    var random = SplitMix64(seed: 11)
    let tile = (0..<256).map { _ in UInt16(random.next() & 255) }
    let image = Image(
      width: 192, height: 192, colorType: .grey, depth: 8,
      planes: [(0..<192 * 192).map { tile[$0 / 192 % 16 * 16 + $0 % 192 % 16] }])
    let exact = try await encode(image, EncoderOptions(effort: effort)).bytes.count
    #expect(exact < 1500)
    let lossy = try await encode(image, EncoderOptions(mode: .lossy(quality: 60), effort: effort))
    #expect(lossy.exactReason == .smaller)
  }

  @Test func fullRangesAreNotStated() async throws {
    let (file, _) = try await Self.encoded(
      Self.photograph(depth: 16, scaledBy: 257), .lossy(quality: 30))
    #expect(try inspect(file.bytes).colorRange == nil)
  }

  @Test func theBestQualityOfADrawingIsWithinOneStep() async throws {
    // Noise that makes the exact file the larger one.
    var random = SplitMix64(seed: 3)
    var image = Self.page
    image.planes = image.planes.map { plane in
      plane.map { $0 == 0 && random.next() & 3 == 0 ? UInt16(random.next() & 63) : $0 }
    }
    let (file, decoded) = try await Self.encoded(image, .lossy(quality: 100))
    let errors = zip(image.planes, decoded.planes).flatMap { zip($0, $1) }
      .map { abs(Int($0) - Int($1)) }
    #expect((errors.max() ?? 0) <= 8)
    let info = try inspect(file.bytes)
    #expect(file.exactReason != nil || info.maximumError == 1)
  }

  @Test func lossyFilesDropHiddenColourUnlessTold() async throws {
    var random = SplitMix64(seed: 9)
    var image = Self.photograph()
    image.colorType = .rgba
    image.planes.append((0..<image.pixelCount).map { $0 % image.width < 64 ? 0 : 255 })
    for plane in 0..<3 {
      for place in image.planes[3].indices where image.planes[3][place] == 0 {
        image.planes[plane][place] = UInt16(random.next() & 255)
      }
    }
    var options = EncoderOptions(mode: .lossy(quality: 60), effort: 1)
    let dropped = try await encode(image, options).bytes.count
    options.keepsHiddenColor = true
    let kept = try await encode(image, options).bytes.count
    #expect(2 * dropped < kept)
    let exact = try await Self.encoded(image, .lossless(preview: nil))
    #expect(exact.decoded == image)
  }
}
