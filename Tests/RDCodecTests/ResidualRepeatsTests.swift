import TestSupport
import Testing

@testable import DecoderCore
@testable import RDCodec

@Suite struct ResidualRepeatsTests {
  private func tile(
    _ width: Int, _ height: Int, depth: Int = 8, _ planes: [(Int, Int) -> Int]
  ) -> TileSamples {
    TileSamples(
      width: width, height: height, depth: depth, hasAlpha: false,
      planes: planes.map { sample in
        (0..<width * height).map { UInt16(sample($0 % width, $0 / width) & (1 << depth - 1)) }
      })
  }

  private func noise(_ width: Int, _ height: Int, seed: UInt64) -> [Int] {
    var random = SplitMix64(seed: seed)
    return (0..<width * height).map { _ in Int.random(in: 0...255, using: &random) }
  }

  @Test(arguments: [1, 3, 5, 7])
  func noiseThatRepeatsFarAwayCostsItsFirstCopy(effort: Int) throws {
    let cell = noise(48, 40, seed: 3)
    let tile = tile(240, 160, [{ x, y in cell[y % 40 * 48 + x % 48] }])
    let (bytes, _) = ResidualCoder.encode(tile, prediction: nil, effort: effort)
    #expect(bytes.count < 48 * 40 * 5 / 4)
    let decoded = try ResidualTiles.decode(bytes, like: tile)
    #expect(decoded == tile)
  }

  @Test func photographsDoNotRepeat() {
    let image = SyntheticImages.photograph(width: 400, height: 300)
    let repeats = DistantRepeats(image.planes, width: 400, height: 300)
    #expect(!repeats.isWorthTrying && repeats.count > 100)
    let stacked = image.planes.map { $0 + $0 }
    #expect(DistantRepeats(stacked, width: 400, height: 600).isWorthTrying)
  }

  @Test func exactSurfacesCostAlmostNothing() throws {
    let ramp = tile(200, 150, depth: 16, [{ x, y in 3 * x + 5 * y }, { x, y in 7 * x - y + 4000 }])
    for effort in [1, 5] {
      let (bytes, _) = ResidualCoder.encode(ramp, prediction: nil, effort: effort)
      #expect(bytes.count < 1500, "effort \(effort): \(bytes.count)")
      let decoded = try ResidualTiles.decode(bytes, like: ramp)
      #expect(decoded == ramp)
    }
  }

  /// Slopes that are no whole numbers, products of both places, rows and columns whose differences
  /// repeat, images of one row; also with borders that a surface cannot know.
  @Test(arguments: [1, 5], [(300, 90), (400, 1), (9, 200)])
  func surfacesOfEveryKindComeBackExactly(effort: Int, size: (width: Int, height: Int)) throws {
    let kinds: [(name: String, depth: Int, planes: [(Int, Int) -> Int])] = [
      ("slopes", 8, [{ x, y in x * 2 / 7 + y / 3 }, { x, y in 255 - x / 5 }, { x, _ in x / 2 }]),
      ("products", 16, [{ x, y in 20_000 + (x - 70) * (y - 31) }]),
      ("columns", 8, [{ x, y in x % 49 * 5 + 2 }, { x, y in x / 49 + 7 * (y % 7) }]),
      ("rows", 8, [{ x, y in (y % 13) * (y % 13) + y / 13 }, { x, y in x / 3 + y % 5 * 9 }]),
      ("products that wrap", 8, [{ x, y in x * y }]),
      ("sums that wrap", 8, [{ x, y in 7 * x + 5 * y }]),
      ("exclusive or", 8, [{ x, y in x ^ y }, { x, y in (x ^ y) >> 1 ^ 5 }]),
    ]
    for kind in kinds {
      let tile = tile(size.width, size.height, depth: kind.depth, kind.planes)
      let (bytes, _) = ResidualCoder.encode(tile, prediction: nil, effort: effort)
      #expect(bytes.count < 700, "\(kind.name): \(bytes.count)")
      let decoded = try ResidualTiles.decode(bytes, like: tile)
      #expect(decoded == tile, "\(kind.name)")
    }
  }

  @Test func everySurfaceIsReadAndNoOther() throws {
    for columns in [0, -4, -5, -67, -68, -130, -131, -RepeatDistances.surfaceCount + 1] {
      let distance = RepeatDistances.Distance(rows: 0, columns: columns)
      #expect(distance.surface == -columns)
      for (x, y) in [(0, 0), (3, 0), (0, 3), (5, 5)] {
        let number = RepeatDistances.surfaceAtEdge(-columns, x: x, y: y)
        #expect((0..<RepeatDistances.surfaceCount).contains(number))
      }
    }
    #expect(RepeatDistances.period(5) == (2, 0) && RepeatDistances.period(67) == (64, 0))
    #expect(RepeatDistances.period(68) == (0, 2) && RepeatDistances.period(130) == (0, 64))
    // Methods that read distances, and bits of all kinds after them.
    let other = tile(2, 3, [{ x, y in x + y }])
    var random = SplitMix64(seed: 21)
    for method in [UInt8(0x20), 0x23, 0x30, 0x33] {
      for _ in 0..<200 {
        let bytes = [method] + (0..<60).map { _ in UInt8.random(in: 0...255, using: &random) }
        _ = try? ResidualTiles.decode(bytes, like: other)
      }
    }
  }

  @Test func smoothSurfacesOfSixteenBitsKeepTheirSlopes() throws {
    let cone = tile(
      200, 150, depth: 16,
      [{ x, y in 60_000 - ((x - 90) * (x - 90) + (y - 60) * (y - 60)) * 37 / 10 }])
    for (effort, most) in [(1, 2.5), (5, 2.2)] {
      let (bytes, _) = ResidualCoder.encode(cone, prediction: nil, effort: effort)
      #expect(Double(8 * bytes.count) < most * 200 * 150, "effort \(effort): \(bytes.count)")
      let decoded = try ResidualTiles.decode(bytes, like: cone)
      #expect(decoded == cone)
    }
    #expect(ValueMap(of: cone.planes[0], width: 200).used == nil)
  }

  @Test(arguments: [(1, 1), (1, 40), (40, 1), (2, 3), (97, 61), (300, 170)])
  func pagesOfOneBitComeBackExactly(width: Int, height: Int) throws {
    var random = SplitMix64(seed: 8)
    let kinds: [(Int, Int) -> Int] = [
      { x, y in (x / 3 + y / 5) & 1 }, { x, y in (x & 7) * 8 + (y & 7) < x % 64 ? 1 : 0 },
      { _, _ in Int.random(in: 0...1, using: &random) }, { x, y in x == y ? 1 : 0 },
    ]
    for (index, kind) in kinds.enumerated() {
      let tile = tile(width, height, depth: 1, [kind])
      for effort in [1, 5, 9] {
        let (bytes, bits) = ResidualCoder.encode(tile, prediction: nil, effort: effort)
        #expect(Double(8 * bytes.count) < 1.001 * bits + 512)
        let decoded = try ResidualTiles.decode(bytes, like: tile)
        #expect(decoded == tile, "kind \(index), effort \(effort)")
      }
    }
  }

  @Test func everyInstructionSetCodesOneBitAlike() {
    let tile = tile(120, 90, depth: 1, [{ x, y in (x * x + y * y) / 90 & 1 }])
    let streams = KernelISA.all.filter(\.isAvailable).map {
      ResidualCoder.encode(
        wholly: tile, by: .bilevel, .level3, prediction: nil, kernels: $0.residualKernels
      ).bytes
    }
    #expect(streams.allSatisfy { $0 == streams[0] })
    #expect(streams[0][0] == 0x50)
  }

  @Test func onlyOnePlaneOfTwoValuesIsCodedAsOneBit() {
    let other = tile(16, 16, [{ x, y in x + y }, { x, y in x * y }])
    for first in [UInt8(0x50), 0x51, 0x5F] {
      var random = SplitMix64(seed: UInt64(first))
      for _ in 0..<20 {
        let bytes = [first] + (0..<200).map { _ in UInt8.random(in: 0...255, using: &random) }
        _ = try? ResidualTiles.decode(bytes, like: other)
        if first != 0x50 {
          #expect(throws: CodecError.self) { try ResidualTiles.decode(bytes, like: other) }
        }
      }
    }
  }

  @Test(arguments: [1, 5, 9], [96, 400])
  func planesThatFollowAnotherAreNotCoded(effort: Int, side: Int) throws {
    let grey = noise(side, side, seed: 4)
    let value = { (x: Int, y: Int) in (grey[y * side + x] + x) / 5 }
    let alone = tile(side, side, [value])
    let map = tile(
      side, side,
      [{ x, y in value(x, y) * value(x, y) / 100 }, value, { x, y in 255 - value(x, y) }])
    let (single, _) = ResidualCoder.encode(alone, prediction: nil, effort: effort)
    let (bytes, bits) = ResidualCoder.encode(map, prediction: nil, effort: effort)
    #expect(bytes.count < single.count * 101 / 100 + 300)
    #expect(abs(Double(8 * bytes.count) - bits) <= 0.001 * bits + 512)
    let decoded = try ResidualTiles.decode(bytes, like: map)
    #expect(decoded == map)
  }

  /// Red follows from green, which would follow from blue.
  @Test func planesThatAreFollowedFollowNone() throws {
    let ramp = tile(300, 200, [{ x, _ in x / 4 }, { x, _ in x / 2 }, { x, _ in 3 * x / 4 }])
    for effort in [1, 5, 7] {
      let (bytes, _) = ResidualCoder.encode(ramp, prediction: nil, effort: effort)
      let decoded = try ResidualTiles.decode(bytes, like: ramp)
      #expect(decoded == ramp)
    }
  }

  @Test func damagedRelationsNeverTrap() throws {
    let grey = noise(64, 64, seed: 5)
    let map = tile(
      64, 64, [{ x, y in grey[y * 64 + x] / 2 }, { x, y in grey[y * 64 + x] }, { x, _ in x }])
    for effort in [1, 5] {
      let (bytes, _) = ResidualCoder.encode(map, prediction: nil, effort: effort)
      for bit in 0..<min(8 * bytes.count, 400) {
        var damaged = bytes
        damaged[bit / 8] ^= 1 << (bit % 8)
        _ = try? ResidualTiles.decode(damaged, like: map)
      }
    }
  }
}
