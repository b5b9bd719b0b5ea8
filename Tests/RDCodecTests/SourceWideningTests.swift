import TestSupport
import Testing

@testable import DecoderCore
@testable import RDCodec

@Suite struct SourceWideningTests {
  private static func base(_ type: Image.ColorType) -> Image {
    SyntheticImages.image(.init(type, 8), width: 67, height: 45)
  }

  /// An image that was exported wider than it is.
  private static func widened(_ image: Image, grey: Bool, alpha: Bool, bits: Bool) -> Image {
    var image = image
    if grey {
      image.planes = [image.planes[0], image.planes[0], image.planes[0]]
      image.colorType = .rgb
    }
    if alpha {
      image.planes.append(image.planes[0].map { _ in 255 })
      image.colorType = image.colorType == .grey ? .greyAlpha : .rgba
    }
    if bits {
      image.depth = 16
      image.planes = image.planes.map { $0.map { 257 * $0 } }
    }
    return image
  }

  @Test(arguments: [false, true], [false, true])
  func whatFollowsCostsAByte(alpha: Bool, bits: Bool) async throws {
    for (type, grey) in [(Image.ColorType.rgb, false), (.grey, false), (.grey, true)] {
      let narrow = Self.base(type)
      let wide = Self.widened(narrow, grey: grey, alpha: alpha, bits: bits)
      let options = EncoderOptions(effort: 3)
      let small = try await encode(narrow, options)
      let large = try await encode(wide, options)
      #expect(large.bytes.count <= small.bytes.count + 1)
      let decoded = try await decode(large.bytes)
      #expect(decoded == wide)
      let info = try inspect(large.bytes)
      #expect(info.depth == wide.depth && info.colorType == "\(wide.colorType)")
      let region = ImageRegion(x: 9, y: 20, width: 30, height: 4)
      let part = try await decode(large.bytes, DecoderOptions(region: region))
      #expect(part.colorType == wide.colorType)
      #expect(part.planes.allSatisfy { $0.count == 120 })
    }
  }

  @Test func fewColoursBecomeAPalette() async throws {
    var image = Self.base(.rgb)
    let values = (0..<67 * 45).map { (index: Int) in (index * 7919 >> 5) % 200 }
    image.planes = [
      values.map { UInt16(255 - $0) }, values.map { UInt16($0 * $0 / 200) },
      values.map { UInt16(abs($0 - 100)) },
    ]
    let indexed = try #require(Widening.none.withPalette(image))
    #expect(indexed.image.colorType == .palette)
    #expect(indexed.widening.applied(to: indexed.image).planes == image.planes)
    let decoded = try await decode(encode(image).bytes)
    #expect(decoded == image)
  }

  /// Heights in RGB: red highest, or red and green alone.
  @Test(arguments: [UInt32(0), 8], [false, true])
  func packedNumbersAreCodedAsNumbers(shift: UInt32, alpha: Bool) async throws {
    let (width, height) = (120, 90)
    let numbers = (0..<width * height).map { (place: Int) -> Int in
      let (x, y) = (place % width - 50, place / width - 30)
      return 108_900 + (x * x * 3 + y * y * 5 + x * y) / 2
    }
    var image = Image(
      width: width, height: height, colorType: .rgb, depth: 8,
      planes: [16, 8, 0].map { (bits: Int) in
        numbers.map { UInt16((shift == 0 ? $0 : ($0 - 108_000) << 8 | 7) >> bits & 0xFF) }
      })
    let packing = try #require(Widening(of: image).packing)
    #expect(packing.shift == shift)
    #expect(Widening.Packing(rawValue: packing.rawValue) == packing)
    if alpha {
      image.planes.append([UInt16](repeating: 255, count: width * height))
      image.colorType = .rgba
    }
    let bytes = try await encode(image).bytes
    #expect(bytes.count < 4000)
    let decoded = try await decode(bytes)
    #expect(decoded == image)
    let part = try await decode(
      bytes, DecoderOptions(region: ImageRegion(x: 9, y: 20, width: 30, height: 4)))
    #expect(part.colorType == image.colorType && part.planes.allSatisfy { $0.count == 120 })
    let info = try inspect(bytes)
    #expect(info.depth == 8 && info.colorType == "\(image.colorType)")
    // Bits above the shift's mean nothing; another base gives another image.
    let place = ContainerFiles.Offset.colorType + 1
    #expect(bytes[place] == (alpha ? 20 : 16))
    let wrong = try ContainerFiles.setting(place + 4, to: 2, in: bytes)
    await #expect(throws: CodecError.self) { try await decode(wrong) }
    let other = try await decode(ContainerFiles.setting(place + 3, to: 255, in: bytes))
    #expect(other != image)
  }

  @Test func picturesAreNoNumbers() {
    var image = SyntheticImages.photograph(width: 90, height: 70)
    #expect(Widening(of: image).packing == nil)
    image.planes[2] = image.planes[2].map { _ in 40 }
    #expect(Widening(of: image).packing == nil)
    image.planes[0] = image.planes[2]
    #expect(Widening(of: image).packing == nil)
  }

  @Test func metadataKeepsItsMeaning() async throws {
    for type in [Image.ColorType.rgba, .greyAlpha] {
      var image = SyntheticImages.image(.init(type, 8), width: 30, height: 20, hasMetadata: true)
      image.planes[image.planes.count - 1] = image.planes[0].map { _ in 255 }
      let decoded = try await decode(encode(image).bytes)
      #expect(decoded == image)
    }
  }

  @Test func fieldsThatDoNotFitThrow() async throws {
    let wide = Self.widened(Self.base(.rgb), grey: false, alpha: true, bits: true)
    let bytes = try await encode(wide, EncoderOptions(effort: 1)).bytes
    let place = ContainerFiles.Offset.colorType + 1
    #expect(bytes[place] == 12)
    for value in [UInt8(0), 1, 2, 3, 9, 16, 255] {
      let damaged = try ContainerFiles.setting(place, to: value, in: bytes)
      await #expect(throws: CodecError.self) { try await decode(damaged) }
    }
    for value in [UInt8(4), 8] {
      let other = try ContainerFiles.setting(place, to: value, in: bytes)
      let image = try await decode(other)
      #expect(image != wide)
    }
  }

  @Test func thinImagesAreOneTile() async throws {
    for (width, height) in [(9000, 1), (3, 5000)] {
      let image = SyntheticImages.image(.init(.grey, 8), width: width, height: height)
      let bytes = try await encode(image, EncoderOptions(effort: 1)).bytes
      let header = try ContainerFiles.header(of: bytes).header
      #expect(header.tiling.tileCount == 1)
      let decoded = try await decode(bytes)
      #expect(decoded == image)
      let region = ImageRegion(x: width / 2, y: height / 2, width: 1, height: 1)
      let pixel = try await decode(bytes, DecoderOptions(region: region))
      #expect(pixel.planes[0][0] == image.planes[0][height / 2 * width + width / 2])
    }
    #expect(Tiling.isAllowed(129, 1, width: 3000, height: 16))
    #expect(!Tiling.isAllowed(129, 129, width: 3000, height: 3000))
    #expect(!Tiling.isAllowed(1 << 16 | 1, 1, width: 10, height: 1))
    #expect(!Tiling.isAllowed(1 << 16, 2, width: 1 << 20, height: 2))
  }
}
