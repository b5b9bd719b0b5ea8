import Entropy
import TestSupport
import Testing

@testable import DecoderCore
@testable import RDCodec

/// Reference values by `python3 scripts/ssimulacra2_reference.py`: PyPI ssimulacra2 0.3.0.
@Suite struct MetricsSSIMULACRA2Tests {
  enum Distortion: Sendable {
    case blur, noise, faintNoise, quantisation, colorShift, blocks, brightness, negative
  }

  struct Reference: Sendable {
    var size: (width: Int, height: Int)
    var channels: Int
    var distortion: Distortion
    var score: Double

    init(_ width: Int, _ height: Int, _ channels: Int, _ distortion: Distortion, _ score: Double) {
      size = (width, height)
      self.channels = channels
      self.distortion = distortion
      self.score = score
    }
  }

  static let references = [
    Reference(160, 120, 3, .blur, 85.6484), Reference(160, 120, 3, .noise, 42.9508),
    Reference(160, 120, 3, .faintNoise, 93.6959),
    Reference(160, 120, 3, .quantisation, 61.5484),
    Reference(160, 120, 3, .colorShift, 48.8457), Reference(160, 120, 3, .blocks, 34.2942),
    Reference(160, 120, 3, .brightness, 91.0354),
    Reference(160, 120, 3, .negative, -1645.7859),
    Reference(97, 61, 3, .blur, 85.5693), Reference(61, 97, 3, .noise, -43.0581),
    Reference(97, 61, 3, .blocks, -20.0026), Reference(333, 257, 3, .blocks, -22.2037),
    Reference(160, 120, 1, .noise, 88.2560), Reference(97, 61, 1, .blocks, 75.7513),
    Reference(8, 8, 3, .noise, 92.7362), Reference(9, 200, 3, .blur, 96.6180),
    Reference(200, 11, 3, .quantisation, 91.1123),
  ]

  /// A plane of samples that may lie beyond 8 bits.
  struct Plane {
    var width: Int
    var height: Int
    var samples: [Int]

    init(width: Int, height: Int, sample: (_ x: Int, _ y: Int) -> Int) {
      (self.width, self.height) = (width, height)
      samples = (0..<width * height).map { sample($0 % width, $0 / width) }
    }

    /// The nearest sample.
    subscript(x: Int, y: Int) -> Int {
      samples[min(max(y, 0), height - 1) * width + min(max(x, 0), width - 1)]
    }

    /// Three times nearer to the mean of its block of 8 × 8.
    var inBlocks: Plane {
      Plane(width: width, height: height) { x, y in
        let (left, top) = (x / 8 * 8, y / 8 * 8)
        let block = (top..<min(top + 8, height)).flatMap { y in
          (left..<min(left + 8, width)).map { self[$0, y] }
        }
        return (self[x, y] + 3 * (block.reduce(0, +) / block.count)) / 4
      }
    }

    var blurred: Plane {
      let weights = [1, 2, 1]
      return Plane(width: width, height: height) { x, y in
        var sum = 8
        for (j, row) in weights.enumerated() {
          for (i, column) in weights.enumerated() {
            sum += row * column * self[x + i - 1, y + j - 1]
          }
        }
        return sum / 16
      }
    }

    func map(_ sample: (Int) -> Int) -> Plane {
      Plane(width: width, height: height) { x, y in sample(self[x, y]) }
    }
  }

  /// Ramps, waves of rising frequency and edges.
  static func picture(width: Int, height: Int, channels: Int) -> [Plane] {
    (0..<channels).map { channel in
      Plane(width: width, height: height) { x, y in
        let wave = abs((x * x / 24 + (3 + channel) * y) % 128 - 64) * (4 - channel) / 4
        let edge = 50 * ((x / 17 + y / 13) % 2)
        return min(20 + (x + (channel + 1) * y) / 3 + wave + edge, 255)
      }
    }
  }

  static func distorted(_ planes: [Plane], _ distortion: Distortion) -> [Plane] {
    switch distortion {
    case .blur: planes.map(\.blurred)
    case .noise: noisy(planes, reach: 12)
    case .faintNoise: noisy(planes, reach: 1)
    case .quantisation: planes.map { $0.map { $0 / 16 * 16 + 8 } }
    case .colorShift:
      [planes[0].map { $0 + 10 }, planes[1].map { $0 - 6 }, planes[2].map { $0 / 32 * 32 + 16 }]
    case .blocks: planes.map(\.inBlocks)
    case .brightness: planes.map { $0.map { $0 + 5 } }
    case .negative: planes.map { $0.map { 255 - $0 } }
    }
  }

  private static func noisy(_ planes: [Plane], reach: Int) -> [Plane] {
    var random = SplitMix64(seed: 5)
    return planes.map { plane in
      plane.map { $0 + Int(random.next() % UInt64(2 * reach + 1)) - reach }
    }
  }

  static func image(_ planes: [Plane], depth: Int = 8) -> Image {
    Image(
      width: planes[0].width, height: planes[0].height,
      colorType: planes.count == 1 ? .grey : .rgb, depth: depth,
      planes: planes.map { plane in
        plane.samples.map { UInt16(min(max($0, 0), 255)) * (depth == 16 ? 257 : 1) }
      })
  }

  @Test(arguments: references)
  func agreesWithAnIndependentImplementation(reference: Reference) throws {
    let planes = Self.picture(
      width: reference.size.width, height: reference.size.height, channels: reference.channels)
    let other = Self.distorted(planes, reference.distortion)
    let (a, b) = (ColorPlanes(Self.image(planes)), ColorPlanes(Self.image(other)))
    let score = try #require(SSIMULACRA2.score(a, b))
    #expect(abs(score - reference.score) < 0.01, "\(score)")
    // Grey as RGB, and 16 bits, score the same.
    #expect(SSIMULACRA2.score(a.asRGB, b.asRGB) == score)
    let deep = [planes, other].map { ColorPlanes(Self.image($0, depth: 16)) }
    #expect(SSIMULACRA2.score(deep[0], deep[1]).map { abs($0 - score) < 1e-3 } == true)
  }

  @Test(arguments: [1, 3]) func equalImagesScore100(channels: Int) {
    for (width, height) in [(97, 61), (8, 300), (40, 9)] {
      let planes = Self.picture(width: width, height: height, channels: channels)
      let image = ColorPlanes(Self.image(planes))
      #expect(SSIMULACRA2.score(image, image) == 100)
    }
  }

  @Test(arguments: [1, 7, 8]) func scoresNeedEightPixels(side: Int) {
    for (width, height) in [(side, 50), (50, side)] {
      let planes = Self.picture(width: width, height: height, channels: 3)
      let image = ColorPlanes(Self.image(planes))
      #expect((SSIMULACRA2.score(image, image) == nil) == (side < 8))
    }
  }

  @Test func differentShapesHaveNoScore() {
    let (small, large) = (
      ColorPlanes(Self.image(Self.picture(width: 20, height: 20, channels: 3))),
      ColorPlanes(Self.image(Self.picture(width: 20, height: 21, channels: 3)))
    )
    #expect(SSIMULACRA2.score(small, large) == nil)
  }

  @Test func cubeRootsAreExactToBinary32() {
    var largest = 0.0
    for step in 0..<4000 {
      let x = Float(0.001) * Float(1 + step)
      let root = Double(DeterministicMath.cubeRoot(x))
      largest = max(largest, abs(root * root * root / Double(x) - 1))
    }
    #expect(largest < 9e-7)
  }
}
