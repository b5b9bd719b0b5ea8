import TestSupport
import Testing

@testable import DecoderCore
@testable import RDCodec

/// The wavefront alone: every profile over awkward sizes, on every instruction set.
@Suite struct WavefrontTests {
  private func encode(
    _ tile: TileSamples, _ profile: WavefrontProfile, prediction: TilePrediction? = nil,
    on isa: KernelISA = .current, workers: BandWorkers? = nil
  ) throws -> (bytes: [UInt8], bits: Double) {
    try #require(
      ResidualCoder.encode(
        tile, by: .wavefront, ResidualProfile.level4.with(profile), prediction: prediction,
        kernels: isa.residualKernels, workers: workers))
  }

  private func decode(
    _ bytes: [UInt8], like tile: TileSamples, prediction: TilePrediction? = nil,
    on isa: KernelISA = .current, workers: BandWorkers? = nil
  ) throws -> TileSamples {
    try ResidualCoder.decode(
      StreamSlice(bytes, in: bytes.indices), TileGeometry(tile), prediction: prediction,
      kernels: isa.residualKernels, workers: workers)
  }

  /// One column or row, around the eight rows of a band, around the lag, and one pixel.
  private static let sizes = [
    (1, 1), (1, 40), (40, 1), (7, 8), (8, 9), (9, 7), (15, 17), (33, 16), (130, 25),
  ]

  @Test(arguments: WavefrontProfile.all.indices, [1, 4, 8, 9, 12, 16])
  func everyTileComesBackExactly(profile: Int, depth: Int) throws {
    let profile = WavefrontProfile.all[profile]
    for kind in ResidualTiles.Kind.allCases {
      for (width, height) in Self.sizes {
        let planes = (width + height + depth) % 4 + 1
        let tile = ResidualTiles.make(
          kind, width: width, height: height, depth: depth, planes: planes,
          hasAlpha: planes % 2 == 0)
        let prediction = width % 2 == 0 ? ResidualTiles.prediction(of: tile) : nil
        let (bytes, _) = try encode(tile, profile, prediction: prediction)
        let decoded = try decode(bytes, like: tile, prediction: prediction)
        #expect(decoded == tile, "\(kind), \(width) x \(height), \(planes) planes")
      }
    }
  }

  @Test(arguments: WavefrontProfile.all.indices, [8, 16])
  func everyInstructionSetWritesTheSameBytes(profile: Int, depth: Int) throws {
    let profile = WavefrontProfile.all[profile]
    for kind in ResidualTiles.Kind.allCases {
      let tile = ResidualTiles.make(
        kind, width: 83, height: 61, depth: depth, planes: 4, hasAlpha: true)
      let prediction = ResidualTiles.prediction(of: tile)
      let sets = KernelISA.all.filter(\.isAvailable)
      let streams = try sets.map { try encode(tile, profile, prediction: prediction, on: $0).bytes }
      #expect(streams.allSatisfy { $0 == streams[0] }, "\(kind)")
      for isa in sets {
        let decoded = try decode(streams[0], like: tile, prediction: prediction, on: isa)
        #expect(decoded == tile, "\(kind), \(isa.name)")
      }
    }
  }

  /// More symbols than a block holds.
  @Test(arguments: [WavefrontProfile.symbols1, .mixed1, .mixed2])
  func longPlanesAreSeveralBlocks(profile: WavefrontProfile) throws {
    let tile = ResidualTiles.make(.photograph, width: 760, height: 720, depth: 8, planes: 1)
    let (bytes, bits) = try encode(tile, profile)
    #expect(try decode(bytes, like: tile) == tile)
    #expect(abs(Double(8 * bytes.count) - bits) < 0.001 * bits + 64 * 8)
  }

  /// A lane's state is known at a block's end, so that a stream tells when it is damaged.
  @Test(arguments: WavefrontProfile.all.indices)
  func damageIsNoticed(profile: Int) throws {
    let tile = ResidualTiles.make(.photograph, width: 90, height: 40, depth: 8, planes: 3)
    let (bytes, _) = try encode(tile, WavefrontProfile.all[profile])
    for count in stride(from: 0, to: bytes.count, by: bytes.count / 37) {
      #expect(throws: CodecError.self) { try decode(Array(bytes.prefix(count)), like: tile) }
    }
    for place in stride(from: 20, to: bytes.count, by: bytes.count / 41) {
      var damaged = bytes
      damaged[place] ^= 0x10
      #expect(throws: CodecError.self, "byte \(place)") { try decode(damaged, like: tile) }
    }
  }

  /// Two neighbouring steps of 16 bits are told apart where a picture is smooth.
  @Test func smoothWideSamplesCostFewBits() throws {
    var tile = ResidualTiles.make(.constant, width: 200, height: 120, depth: 16, planes: 1)
    for place in tile.planes[0].indices {
      let (x, y) = (place % 200, place / 200)
      tile.planes[0][place] = UInt16(12_000 + 31 * x + 17 * y + (x * y) % 3)
    }
    let (_, bits) = try encode(tile, .symbols3)
    #expect(bits < 4.5 * 200 * 120)
  }

  @Test func aHigherProfileIsSmaller() throws {
    let tile = ResidualTiles.make(.photograph, width: 256, height: 192, depth: 8, planes: 3)
    let sizes = try WavefrontProfile.all.map { try encode(tile, $0).bytes.count }
    #expect(sizes[4] < sizes[0] && sizes[5] < sizes[4], "\(sizes)")
  }

  @Test(arguments: [WavefrontProfile.symbols3, .mixed1, .mixed2], [1, 2, 4])
  func threadsWriteAndReadTheSameBytes(profile: WavefrontProfile, planes: Int) throws {
    let tile = ResidualTiles.make(
      .photograph, width: 400, height: 333, depth: 8, planes: planes, hasAlpha: planes % 2 == 0)
    let prediction = ResidualTiles.prediction(of: tile)
    let alone = try encode(tile, profile, prediction: prediction)
    for jobs in [2, 3, 7] {
      let workers = BandRun.workers(jobs: jobs, tileCount: 1)
      let together = try encode(tile, profile, prediction: prediction, workers: workers)
      #expect(together.bytes == alone.bytes && together.bits == alone.bits, "\(jobs) threads")
      let decoded = try decode(alone.bytes, like: tile, prediction: prediction, workers: workers)
      #expect(decoded == tile, "\(jobs) threads")
    }
  }

  @Test func threadsNoticeDamageToo() throws {
    let tile = ResidualTiles.make(.photograph, width: 400, height: 333, depth: 8, planes: 3)
    let (bytes, _) = try encode(tile, .symbols1)
    for place in stride(from: 40, to: bytes.count, by: bytes.count / 11) {
      var damaged = bytes
      damaged[place] ^= 0x10
      #expect(throws: CodecError.self, "byte \(place)") {
        try decode(damaged, like: tile, workers: BandRun.workers(jobs: 2, tileCount: 1))
      }
    }
  }

  /// Every plane's states would be more than what bits and bytes may differ by.
  @Test(arguments: [WavefrontProfile.symbols1, .symbols4])
  func planesOfLittleShareAStream(profile: WavefrontProfile) throws {
    var tile = ResidualTiles.make(.constant, width: 512, height: 512, depth: 8, planes: 4)
    for place in 0..<512 * 512 {
      let (x, y) = (place % 512, place / 512)
      for plane in 0..<4 { tile.planes[plane][place] = UInt16((x / 3 + plane * y / 5) % 256) }
    }
    let (bytes, bits) = try encode(tile, profile)
    #expect(try decode(bytes, like: tile) == tile)
    #expect(Double(8 * bytes.count) - bits < 0.001 * bits + 64 * 8)
  }
}
