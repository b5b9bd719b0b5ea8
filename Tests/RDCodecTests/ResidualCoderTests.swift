import Entropy
import TestSupport
import Testing

@testable import DecoderCore
@testable import RDCodec

@Suite struct ResidualCoderTests {
  private static let sizes = [(1, 1), (1, 9), (13, 1), (2, 2), (7, 11), (41, 19)]

  @Test(arguments: [1, 2, 5, 8, 10, 16], [1, 2, 3, 4])
  func everyTileComesBackExactly(depth: Int, planes: Int) throws {
    for kind in ResidualTiles.Kind.allCases {
      for (width, height) in Self.sizes {
        let tile = ResidualTiles.make(
          kind, width: width, height: height, depth: depth, planes: planes,
          hasAlpha: planes % 2 == 0)
        let isPredicted = (width + height + depth + planes) % 2 == 0
        let prediction = isPredicted ? ResidualTiles.prediction(of: tile) : nil
        let effort = (width + depth) % 9 + 1
        let (bytes, _) = ResidualCoder.encode(tile, prediction: prediction, effort: effort)
        let decoded = try ResidualTiles.decode(bytes, like: tile, prediction: prediction)
        #expect(decoded == tile, "\(kind), \(width)x\(height), effort \(effort)")
      }
    }
  }

  @Test(arguments: ResidualMethod.allCases, ResidualProfile.all.indices)
  func everyMethodIsExact(method: ResidualMethod, profile: Int) throws {
    // Which takes one plane of two values.
    guard !method.isForOneBit else { return }
    for kind in ResidualTiles.Kind.allCases {
      let samples = ResidualTiles.make(
        kind, width: 41, height: 29, depth: 8, planes: 4, hasAlpha: true)
      let (bytes, _) = ResidualCoder.encode(
        wholly: samples, by: method, ResidualProfile.all[profile], prediction: nil,
        kernels: KernelISA.current.residualKernels)
      let decoded = try ResidualTiles.decode(bytes, like: samples)
      #expect(decoded == samples, "\(kind)")
    }
  }

  @Test(arguments: ResidualTiles.Kind.allCases)
  func everyInstructionSetWritesTheSameBytes(kind: ResidualTiles.Kind) throws {
    let tile = ResidualTiles.make(
      kind, width: 83, height: 61, depth: 8, planes: 4, hasAlpha: true)
    let prediction = ResidualTiles.prediction(of: tile)
    let sets = KernelISA.all.filter(\.isAvailable)
    for profile in ResidualProfile.all {
      let bytes = sets.map {
        ResidualCoder.encode(
          tile, prediction: prediction, profile: profile, kernels: $0.residualKernels
        ).bytes
      }
      #expect(bytes.allSatisfy { $0 == bytes[0] })
    }
  }

  /// Slopes of values of which some are missing by chance: whoever codes the plane takes them as they
  /// are, but a plane that is known has the map that its samples alone tell.
  @Test(arguments: [1, 3, 5, 9])
  func aKnownPlaneMayLackValues(effort: Int) throws {
    let (width, height, top) = (130, 128, 417)
    var generator = SplitMix64(seed: 4)
    let isUsed = (0...top).map { $0 == 0 || $0 == top || generator.next() % 5 > 0 }
    let known = (0..<width * height).map { place -> UInt16 in
      let slope = (37 * (place % width) + 29 * (place / width)) % (2 * top)
      var value = slope > top ? 2 * top - slope : slope
      while !isUsed[value] { value += 1 }
      return UInt16(value)
    }
    #expect(ValueMap(of: known).count < ValueMap(of: known, width: width).count)
    let chroma = [1, 2].map { scale in
      known.indices.map { UInt16(Int(known[$0]) / scale + Int(generator.next() % 7)) }
    }
    let samples = TileSamples(
      width: width, height: height, depth: 10, hasAlpha: false,
      planes: [chroma[0], known, chroma[1]])
    let stream = ResidualCoder.encode(samples, knownPlane: 1, prediction: nil, effort: effort)
    let decoded = try ResidualCoder.decode(
      StreamSlice(stream.bytes, in: stream.bytes.indices), TileGeometry(samples),
      known: (plane: 1, samples: known), prediction: nil)
    #expect(decoded == samples)
  }

  /// Noise that comes again 37 columns to the right and 23 rows further down.
  @Test func repeatedTexturesCostTheirFirstCopy() throws {
    let texture = ResidualTiles.make(.noise, width: 37, height: 23, depth: 8, planes: 3)
    var tile = ResidualTiles.make(.constant, width: 150, height: 120, depth: 8, planes: 3)
    for place in 0..<150 * 120 {
      let source = place / 150 % 23 * 37 + place % 150 % 37
      for plane in 0..<3 { tile.planes[plane][place] = texture.planes[plane][source] }
    }
    for method in [ResidualMethod.candidates, .bitwise] {
      let (bytes, bits) = ResidualCoder.encode(
        wholly: tile, by: method, .level4, prediction: nil,
        kernels: KernelISA.current.residualKernels)
      let decoded = try ResidualTiles.decode(bytes, like: tile)
      #expect(decoded == tile)
      #expect(bits < 2 * Double(37 * 23 * 24))
    }
  }

  @Test func repeatDistancesOutsideTheTileThrow() {
    for (rows, columns) in [(0, -134), (0, -2000), (9, 0), (1, 12), (4000, 3)] {
      var encoder = BinaryEncoder()
      _ = encoder.codeUniform(1, bitCount: 3)
      _ = encoder.codeUniform(UInt32(rows), bitCount: 12)
      _ = encoder.codeUniform(UInt32(columns + 2048), bitCount: 12)
      let bytes = encoder.finish()
      var decoder = BinaryDecoder(StreamSlice(bytes, in: bytes.indices))
      var distances = RepeatDistances()
      do {
        try distances.code(width: 12, height: 9, planeCount: 3, with: &decoder)
        Issue.record("(\(rows), \(columns)) was taken")
      } catch {}
    }
  }

  @Test(arguments: ResidualTiles.Kind.allCases, [3, 8, 16])
  func writtenBytesMatchTheObjective(kind: ResidualTiles.Kind, depth: Int) {
    let tile = ResidualTiles.make(kind, width: 96, height: 80, depth: depth, planes: 3)
    for effort in [1, 3, 5, 9] {
      let (bytes, bits) = ResidualCoder.encode(tile, prediction: nil, effort: effort)
      let gap = abs(Double(8 * bytes.count) - bits)
      #expect(gap <= 0.001 * bits + 64 * 8, "effort \(effort)")
    }
  }

  /// The likely outcome of every decision leaves the range coder's low end at zero.
  @Test func streamsThatEndInZerosDecode() throws {
    var encoder = BinaryEncoder()
    for _ in 0..<5000 { _ = encoder.code(true, probability: 15 << 20) }
    let bytes = encoder.finish()
    var decoder = BinaryDecoder(StreamSlice(bytes, in: bytes.indices))
    var count = 0
    for _ in 0..<5000 where decoder.code(false, probability: 15 << 20) { count += 1 }
    let isExhausted = decoder.isExhausted
    #expect(count == 5000)
    #expect(!isExhausted)
  }

  @Test(arguments: [1, 8, 16])
  func constantTilesCostAlmostNothing(depth: Int) {
    let tile = ResidualTiles.make(
      .constant, width: 512, height: 512, depth: depth, planes: 4, hasAlpha: true)
    let (bytes, _) = ResidualCoder.encode(tile, prediction: nil, effort: 5)
    #expect(bytes.count < 30)
  }

  /// What is expected of errors grows beyond all samples where large values follow a long run of one,
  /// and a plane's values are looked for in parts, of which the first have one alone.
  @Test(arguments: [14, 15, 16], [(495, 34, 17), (300, 80, 40)])
  func noiseAfterALongRunComesBack(
    depth: Int, size: (width: Int, height: Int, rows: Int)
  ) throws {
    var tile = ResidualTiles.make(
      .noise, width: size.width, height: size.height, depth: depth, planes: 1)
    for place in 0..<size.rows * size.width { tile.planes[0][place] = 0 }
    tile.planes[0][size.rows * size.width] = UInt16((1 << depth) - 1)
    for profile in ResidualProfile.all {
      for method in [ResidualMethod.planar, .candidates] {
        let (bytes, _) = ResidualCoder.encode(
          wholly: tile, by: method, profile, prediction: nil,
          kernels: KernelISA.current.residualKernels)
        let decoded = try ResidualTiles.decode(bytes, like: tile)
        #expect(decoded == tile, "\(method), profile \(profile.id)")
      }
    }
  }

  @Test(arguments: [1, 8, 16])
  func noiseHardlyGrows(depth: Int) {
    let tile = ResidualTiles.make(.noise, width: 200, height: 150, depth: depth, planes: 3)
    let (bytes, _) = ResidualCoder.encode(tile, prediction: nil, effort: 2)
    #expect(Double(8 * bytes.count) < 1.005 * Double(200 * 150 * 3 * depth))
  }

  @Test func eightBitsInSixteenCostNoMoreThanEight() {
    let tile = ResidualTiles.make(.photograph, width: 128, height: 96, depth: 8, planes: 3)
    var wide = tile
    wide.depth = 16
    wide.planes = tile.planes.map { $0.map { $0 * 257 } }
    let narrowBits = ResidualCoder.encode(tile, prediction: nil, effort: 2).bits
    let wideBits = ResidualCoder.encode(wide, prediction: nil, effort: 2).bits
    #expect(wideBits < narrowBits * 1.005 + 400)
  }

  @Test func aGoodPredictionHelps() {
    let tile = ResidualTiles.make(.noise, width: 96, height: 96, depth: 8, planes: 3)
    let prediction = ResidualTiles.prediction(of: tile)
    let with = ResidualCoder.encode(tile, prediction: prediction, effort: 2).bits
    let without = ResidualCoder.encode(tile, prediction: nil, effort: 2).bits
    #expect(with < 0.7 * without)
  }

  @Test(arguments: ResidualTiles.Kind.allCases)
  func damagedStreamsNeverTrap(kind: ResidualTiles.Kind) throws {
    for depth in [1, 8, 16] {
      let tile = ResidualTiles.make(
        kind, width: 24, height: 17, depth: depth, planes: 4, hasAlpha: true)
      let (bytes, _) = ResidualCoder.encode(tile, prediction: nil, effort: 2)
      for count in stride(from: 0, to: bytes.count, by: max(bytes.count / 10, 1)) {
        _ = try? ResidualTiles.decode(Array(bytes.prefix(count)), like: tile)
      }
      for bit in stride(from: 0, to: 8 * bytes.count, by: max(bytes.count / 2, 1)) {
        var damaged = bytes
        damaged[bit / 8] ^= 1 << (bit % 8)
        _ = try? ResidualTiles.decode(damaged, like: tile)
      }
      for method in ResidualMethod.allCases {
        for profile in ResidualProfile.all {
          var random = SplitMix64(seed: UInt64(depth))
          var garbage = (0..<200).map { _ in UInt8.random(in: 0...255, using: &random) }
          garbage[0] = UInt8(method.rawValue << 4 | profile.id(for: method))
          _ = try? ResidualTiles.decode(garbage, like: tile)
        }
      }
    }
  }

  @Test func missingBytesThrow() {
    let tile = ResidualTiles.make(.noise, width: 64, height: 64, depth: 8, planes: 3)
    let (bytes, _) = ResidualCoder.encode(tile, prediction: nil, effort: 2)
    for count in [0, 20, bytes.count / 2, bytes.count - 100] {
      #expect(throws: CodecError.self) {
        _ = try ResidualTiles.decode(Array(bytes.prefix(count)), like: tile)
      }
    }
    #expect(throws: CodecError.self) { _ = try ResidualTiles.decode([0xFF, 1, 2, 3], like: tile) }
  }

  /// A plane whose values need 8 bits, and some rows of which need more: those are not coded bit by
  /// bit to try it.
  @Test(arguments: [4, 5, 7], [(250, 150, 293), (300, 120, 289), (10, 2000, 65536)])
  func rowsMayNeedMoreBitsThanTheirPlane(
    effort: Int, shape: (width: Int, height: Int, span: Int)
  ) throws {
    var random = SplitMix64(seed: 1)
    let count = shape.span > 300 ? 250 : 256
    let others = (1..<shape.span - 1).shuffled(using: &random).prefix(count - 2)
    let values = [0, shape.span - 1] + others
    var plane: [UInt16] = []
    for place in 0..<shape.width * shape.height {
      let value = UInt16(values[Int.random(in: 0..<count, using: &random)])
      let repeats = place >= shape.width && Int.random(in: 0..<100, using: &random) < 35
      plane.append(repeats ? plane[place - shape.width] : value)
    }
    let tile = TileSamples(
      width: shape.width, height: shape.height, depth: shape.span > 300 ? 16 : 9, hasAlpha: false,
      planes: [plane])
    let (bytes, _) = ResidualCoder.encode(tile, prediction: nil, effort: effort)
    #expect(try ResidualTiles.decode(bytes, like: tile) == tile)
  }
}
