import TestSupport
import Testing

@testable import DecoderCore
@testable import RDCodec

/// Reference values by `python3 scripts/metrics_reference.py`: PSNR and SSIM by scikit-image
/// 0.26.0, MS-SSIM by TensorFlow 2.21.0 in single precision, which is off by up to 5e-7.
@Suite struct MetricsTests {
  struct Reference: Sendable {
    var size: (width: Int, height: Int)
    var channels: Int
    var depth: Int
    var seed: UInt64
    var pooled: Double
    var channelMean: Double
    /// Nil where TensorFlow refuses.
    var similarity: Double?
    var singleScale: Double
  }

  static let references = [
    Reference(
      size: (192, 176), channels: 3, depth: 8, seed: 7, pooled: 28.910073689830313,
      channelMean: 28.910114848775077, similarity: 0.9882988929748535,
      singleScale: 0.8842577679284913),
    Reference(
      size: (192, 176), channels: 3, depth: 16, seed: 7, pooled: 28.910073689830313,
      channelMean: 28.910114848775077, similarity: 0.9882987141609192,
      singleScale: 0.8842577679284913),
    Reference(
      size: (80, 48), channels: 1, depth: 8, seed: 8, pooled: 28.80349032200163,
      channelMean: 28.80349032200163, similarity: nil,
      singleScale: 0.7296900257750571),
    Reference(
      size: (203, 181), channels: 3, depth: 8, seed: 9, pooled: 28.93835541799177,
      channelMean: 28.938366884307708, similarity: 0.9890277981758118,
      singleScale: 0.8887129095538828),
  ]

  /// Sizes that are odd at one scale or more.
  static let oddSizes: [(width: Int, height: Int, seed: UInt64, similarity: Double)] = [
    (161, 161, 10, 0.9867474436759949), (177, 305, 11, 0.9909132122993469),
    (162, 163, 12, 0.9870889782905579),
  ]

  /// A pattern of ramps and its noisy copy.
  static func images(
    width: Int, height: Int, channels: Int, depth: Int, seed: UInt64
  ) -> (Image, Image) {
    var random = SplitMix64(seed: seed)
    let step: UInt16 = depth == 16 ? 257 : 1
    var clean = Array(repeating: [UInt16](), count: channels)
    var noisy = clean
    for channel in 0..<channels {
      for y in 0..<height {
        for x in 0..<width {
          let value = ((x * (channel + 1) + 2 * y) ^ ((x * y) >> 5)) & 255
          let noise = Int(random.next() % 32) - 16
          clean[channel].append(UInt16(value) * step)
          noisy[channel].append(UInt16(min(max(value + noise, 0), 255)) * step)
        }
      }
    }
    let pair = [clean, noisy].map {
      Image(
        width: width, height: height, colorType: channels == 1 ? .grey : .rgb, depth: depth,
        planes: $0)
    }
    return (pair[0], pair[1])
  }

  @Test(arguments: references)
  func agreesWithIndependentImplementations(reference: Reference) throws {
    let (clean, noisy) = Self.images(
      width: reference.size.width, height: reference.size.height, channels: reference.channels,
      depth: reference.depth, seed: reference.seed)
    let (a, b) = (ColorPlanes(clean), ColorPlanes(noisy))
    let pooled = try #require(PSNR.pooled(a, b))
    let channelMean = try #require(PSNR.channelMean(a, b))
    let similarity = MSSSIM.mean(a, b)
    #expect(abs(pooled - reference.pooled) < 1e-9)
    #expect(abs(channelMean - reference.channelMean) < 1e-9)
    let singleScale = try #require(SSIM.mean(a, b))
    #expect((similarity == nil) == (reference.similarity == nil))
    if let similarity, let expected = reference.similarity {
      #expect(abs(similarity - expected) < 1e-6)
      #expect(MSSSIM.mean(a.asRGB, b.asRGB).map { abs($0 - similarity) < 1e-12 } == true)
    }
    #expect(abs(singleScale - reference.singleScale) < 1e-9)
    // Grey as RGB measures the same.
    #expect(PSNR.pooled(a.asRGB, b.asRGB) == pooled)
  }

  @Test(arguments: oddSizes)
  func oddSidesRepeatTheirLastRowOrColumn(
    width: Int, height: Int, seed: UInt64, similarity: Double
  ) throws {
    let (clean, noisy) = Self.images(
      width: width, height: height, channels: width == 177 ? 1 : 3, depth: 8, seed: seed)
    let measured = try #require(MSSSIM.mean(ColorPlanes(clean), ColorPlanes(noisy)))
    #expect(abs(measured - similarity) < 1e-6)
  }

  @Test(arguments: [160, 161]) func fiveScalesNeed161Pixels(side: Int) {
    let plane = (0..<side * 200).map { UInt16($0 % 251) }
    let image = ColorPlanes(
      Image(width: 200, height: side, colorType: .grey, depth: 8, planes: [plane]))
    #expect(MSSSIM.mean(image, image) == (side < 161 ? nil : 1))
  }

  @Test(arguments: [1, 8, 16]) func equalImagesAreInfinitelyGood(depth: Int) {
    let plane = (0..<400).map { UInt16($0 % (1 << min(depth, 8))) }
    let image = ColorPlanes(
      Image(width: 20, height: 20, colorType: .grey, depth: depth, planes: [plane]))
    #expect(PSNR.pooled(image, image) == .infinity)
    #expect(PSNR.channelMean(image, image) == .infinity)
    #expect(SSIM.mean(image, image) == 1)
    #expect(MSSSIM.decibels(1) == .infinity)
  }

  @Test func alphaDoesNotCount() {
    let plane = [UInt16](repeating: 9, count: 4)
    let opaque = Image(
      width: 2, height: 2, colorType: .greyAlpha, depth: 8, planes: [plane, [255, 255, 255, 255]])
    var clear = opaque
    clear.planes[1] = [0, 0, 0, 0]
    #expect(PSNR.pooled(ColorPlanes(opaque), ColorPlanes(clear)) == .infinity)
  }

  @Test func paletteIsComparedAsColors() throws {
    let indexed = Image(
      width: 2, height: 1, colorType: .palette, depth: 1, planes: [[0, 1]],
      palette: [
        .init(red: 10, green: 20, blue: 30), .init(red: 40, green: 50, blue: 60, alpha: 0),
      ])
    let direct = Image(
      width: 2, height: 1, colorType: .rgb, depth: 8, planes: [[10, 40], [20, 50], [30, 63]])
    let psnr = try #require(PSNR.pooled(ColorPlanes(indexed), ColorPlanes(direct)))
    // One sample of six is off by 3: an MSE of 1.5.
    #expect(abs(psnr - 46.369890) < 1e-5)
  }

  @Test func differentShapesAreNotCompared() {
    let small = ColorPlanes(
      Image(width: 2, height: 2, colorType: .grey, depth: 8, planes: [[0, 0, 0, 0]]))
    let deep = ColorPlanes(
      Image(width: 2, height: 2, colorType: .grey, depth: 16, planes: [[0, 0, 0, 0]]))
    let wide = ColorPlanes(
      Image(width: 4, height: 1, colorType: .grey, depth: 8, planes: [[0, 0, 0, 0]]))
    #expect(PSNR.pooled(small, deep) == nil)
    #expect(PSNR.channelMean(small, wide) == nil)
    #expect(MSSSIM.mean(small, wide) == nil)
  }

  @Test func greyIsComparedAsRGB() {
    let grey = ColorPlanes(
      Image(width: 2, height: 1, colorType: .grey, depth: 8, planes: [[10, 20]]))
    let tinted = ColorPlanes(
      Image(
        width: 2, height: 1, colorType: .rgb, depth: 8, planes: [[10, 20], [13, 20], [10, 20]]))
    // One sample of six is off by 3: an MSE of 1.5.
    #expect(PSNR.pooled(grey, tinted).map { abs($0 - 46.369890) < 1e-5 } == true)
    #expect(PSNR.pooled(grey, grey.asRGB) == .infinity)
  }

  @Test func noSimilarityBelowOneWindow() {
    let plane = [UInt16](repeating: 0, count: 10 * 40)
    let thin = ColorPlanes(
      Image(width: 40, height: 10, colorType: .grey, depth: 8, planes: [plane]))
    #expect(MSSSIM.mean(thin, thin) == nil)
    #expect(SSIM.mean(thin, thin) == nil)
  }
}
