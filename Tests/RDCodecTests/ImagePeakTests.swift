import DecoderCore
import RDCodec
import TestSupport
import Testing

/// Netpbm files of any maxval: one for every depth, both ends of some, and those that cameras use.
@Suite struct ImagePeakTests {
  static let maxvals = [
    1, 2, 3, 5, 7, 8, 14, 15, 31, 63, 99, 127, 128, 200, 254, 255, 256, 511, 512, 1000, 1023, 2047,
    4030, 4095, 8191, 9999, 16383, 32767, 32768, 65534, 65535,
  ]
  private static let types: [(type: Image.ColorType, name: String, format: ImageFormat)] = [
    (.grey, "GRAYSCALE", .pgm), (.rgb, "RGB", .ppm), (.greyAlpha, "GRAYSCALE_ALPHA", .pam),
    (.rgba, "RGB_ALPHA", .pam),
  ]

  /// A PAM of noise in which black and white occur.
  private static func file(
    _ name: String, _ channelCount: Int, _ maxval: Int, width: Int = 9, height: Int = 5
  ) -> [UInt8] {
    var random = SplitMix64(seed: UInt64(maxval))
    let header = """
      P7\nWIDTH \(width)\nHEIGHT \(height)\nDEPTH \(channelCount)\nMAXVAL \(maxval)
      TUPLTYPE \(name)\nENDHDR\n
      """
    let ends = [[Int]](repeating: [0, maxval], count: channelCount).flatMap { $0 }
    let count = width * height * channelCount
    let samples =
      ends + (ends.count..<count).map { _ in Int.random(in: 0...maxval, using: &random) }
    return Array(header.utf8)
      + samples.flatMap { maxval < 256 ? [UInt8($0)] : [UInt8($0 >> 8), UInt8($0 & 255)] }
  }

  @Test(arguments: types.indices, maxvals)
  func filesComeBackByteForByte(type: Int, maxval: Int) throws {
    let (colorType, name, format) = Self.types[type]
    let isBlackAndWhite = maxval == 1 && colorType.channelCount < 3
    let bytes = Self.file(
      isBlackAndWhite ? name.replacing("GRAYSCALE", with: "BLACKANDWHITE") : name,
      colorType.channelCount, maxval)
    let image = try readImage(bytes)
    #expect(image.peak == maxval && image.colorType == colorType)
    #expect(1 << (image.depth - 1) <= maxval && maxval < 1 << image.depth)
    #expect(try writeImage(image, as: .pam) == bytes)
    // Plain files hold the same.
    let other = try readImage(try writeImage(image, as: format))
    let isSame = other == image
    #expect(isSame && format.losses(of: image).isEmpty)
  }

  @Test(arguments: maxvals)
  func plainFilesHoldTheSame(maxval: Int) throws {
    let text = "P2\n2 2\n\(maxval)\n0 \(maxval) \(maxval / 2)\n\(maxval)"
    let image = try readImage(Array(text.utf8))
    let samples = [0, maxval, maxval / 2, maxval].map { UInt16($0) }
    #expect(image.planes == [samples] && image.peak == maxval)
    #expect(throws: CodecError.self) {
      try readImage(Array("P2 1 1 \(maxval) \(maxval + 1)".utf8))
    }
  }

  @Test(arguments: [2, 14, 254, 1000, 65534], types.indices)
  func losslessFilesKeepThePeak(maxval: Int, type: Int) async throws {
    let bytes = Self.file(
      Self.types[type].name, Self.types[type].type.channelCount, maxval, width: 20, height: 20)
    var options = EncoderOptions(effort: 2)
    options.keepsPreview = true
    let encoded = try await encode(try readImage(bytes), options)
    let decoded = try await decode(encoded.bytes)
    #expect(try writeImage(decoded, as: .pam) == bytes)
    let preview = try await decode(encoded.bytes, DecoderOptions(layer: .preview))
    #expect(preview.peak == maxval)
  }

  /// Half of the picture white, half black: both are to stay so, whatever white is called.
  @Test(arguments: [5, 254, 1000, 4030, 65534], [false, true])
  func lossyWhiteIsWhite(maxval: Int, hasAlpha: Bool) async throws {
    let plane = (0..<64 * 64).map { UInt16($0 % 64 < 32 ? maxval : 0) }
    let image = Image(
      width: 64, height: 64, colorType: hasAlpha ? .greyAlpha : .grey,
      depth: Int.bitWidth - maxval.leadingZeroBitCount, statedPeak: maxval,
      planes: hasAlpha ? [plane, plane.map { $0 / 2 + 1 }] : [plane])
    let encoded = try await encode(
      image, EncoderOptions(mode: .lossy(quality: 95), allowsExact: false))
    let decoded = try await decode(encoded.bytes)
    #expect(decoded.peak == maxval)
    let columns = [8, 56].map { x in Int(decoded.planes[0][32 * 64 + x]) }
    #expect(columns[0] >= maxval - max(1, maxval / 32) && columns[1] <= max(1, maxval / 32))
    if hasAlpha { #expect(decoded.planes[1] == image.planes[1]) }
  }

  @Test(arguments: [100, 254, 1000], [1, 7, 16])
  func boundsHoldUpToThePeak(maxval: Int, maximumError: Int) async throws {
    let image = try readImage(Self.file("RGB", 3, maxval, width: 24, height: 24))
    var options = EncoderOptions(effort: 2)
    options.mode = .nearLossless(maximumError: maximumError)
    let decoded = try await decode(try await encode(image, options).bytes)
    #expect(decoded.peak == maxval)
    let errors = zip(decoded.planes.joined(), image.planes.joined()).map { abs(Int($0) - Int($1)) }
    #expect(errors.allSatisfy { $0 <= maximumError })
  }

  /// Depths that PNG lacks are undone by a shift that sBIT states.
  @Test(arguments: types.indices, 1...16)
  func depthsBecomeThoseOfPNG(type: Int, depth: Int) throws {
    let image = ImageFixtures.image(.init(colorType: Self.types[type].type, depth: depth))
    let copy = try readImage(try image.pngBytes())
    let shift = copy.depth - depth
    let sBIT = copy.metadata.first { $0.pngChunk?.type == "sBIT" }?.pngChunk?.payload
    #expect(shift >= 0 && (shift > 0) == (sBIT != nil))
    if let sBIT {
      #expect(sBIT.allSatisfy { $0 == depth } && sBIT.count == copy.planes.count)
    }
    #expect(copy.planes.map { $0.map { $0 >> shift } } == image.planes)
    #expect(copy.transparentColor?.map { $0 >> shift } == image.transparentColor)
    // The highest bits again below: black stays black and white white.
    let first = try #require(copy.planes.first)
    for (sample, wide) in zip(image.planes[0], first) where shift > 0 {
      #expect((sample == image.peak) == (wide == copy.peak) && (sample == 0) == (wide == 0))
    }
    #expect(ImageFormat.png.losses(of: image).isEmpty)
  }

  @Test(arguments: [2, 5, 99, 200, 254, 1000, 65534])
  func statedPeaksAreScaledToPNGAndNamed(maxval: Int) throws {
    let image = try readImage(Self.file("RGB", 3, maxval))
    let copy = try readImage(try image.pngBytes())
    #expect(copy.depth == (maxval < 256 ? 8 : 16) && copy.metadata.isEmpty)
    #expect(
      copy.planes
        == image.planes.map { plane in
          plane.map { UInt16((Double($0) * Double(copy.peak) / Double(maxval)).rounded()) }
        })
    #expect(
      ImageFormat.png.losses(of: image) == [
        "samples up to \(maxval) are scaled to \(copy.peak), as PNG cannot state their maximum; .ppm keeps them"
      ])
  }

  @Test func aPNGWithSignificantBitsStaysAsItIs() throws {
    var image = ImageFixtures.image(.init(colorType: .rgb, depth: 16))
    image.metadata = [MetadataItem(png: "sBIT", [10, 10, 10], .beforeImageData)]
    let copy = try readImage(try image.pngBytes())
    let isSame = copy == image
    #expect(isSame)
  }
}
