import Entropy
import TestSupport
import Testing

@testable import DecoderCore
@testable import RDCodec

/// Images that were decoded from JPEG: their coefficients are found, coded and restored.
@Suite struct CoefficientTests {
  private typealias Kind = CoefficientImages.Kind

  private static let kinds: [CoefficientImages.Kind] = [
    .init(name: "4:4:4"), .init(name: "4:2:0", sampling: Kind.half),
    .init(name: "4:2:2", quality: 90, sampling: Kind.across),
    .init(name: "4:2:0 replicated", sampling: Kind.replicated),
    .init(name: "steps of 1", quality: 96),
    .init(name: "cropped", left: 5, top: 11),
    .init(name: "4:2:0 cropped", quality: 85, sampling: Kind.half, left: 5, top: 10),
    .init(name: "clamped", contrast: 3),
    .init(name: "4:2:0 clamped", sampling: Kind.half, contrast: 2),
    .init(name: "own tables", hasOwnTables: true), .init(name: "grey", isGrey: true),
    .init(name: "grey cropped", isGrey: true, left: 3, top: 6, contrast: 2),
    .init(name: "quality 25 at 4:2:0", quality: 25, sampling: Kind.half),
    .init(name: "quality 10 at 4:2:2", quality: 10, sampling: Kind.across),
    .init(name: "quality 10 at 4:4:4", quality: 10),
    .init(name: "quality 10, grey", quality: 10, isGrey: true),
    .init(name: "own tables at 4:2:0", sampling: Kind.half, hasOwnTables: true),
  ]

  /// As other decoders than libjpeg-turbo's default give them.
  private static let others: [CoefficientImages.Kind] = [
    .init(name: "4:2:0 by a scaled DCT", sampling: Kind.replicated, scalesChroma: true),
    .init(
      name: "4:2:2 by a scaled DCT", quality: 90, sampling: Kind.replicatedAcross,
      scalesChroma: true),
    .init(name: "4:4:0 by a scaled DCT", sampling: Kind.replicatedDown, scalesChroma: true),
    .init(
      name: "4:2:0 by a scaled DCT, cropped", sampling: Kind.replicated, left: 5, top: 11,
      scalesChroma: true),
    .init(
      name: "4:2:0 by a scaled DCT, clamped", sampling: Kind.replicated, contrast: 2,
      scalesChroma: true),
    .init(name: "grey by the fast DCT", isGrey: true, method: .fast),
    .init(name: "4:4:4 by the fast DCT", method: .fast),
    .init(name: "4:2:0 by the fast DCT", sampling: Kind.half, method: .fast),
    .init(name: "4:2:0 by the fast DCT at 92", quality: 92, sampling: Kind.half, method: .fast),
    .init(
      name: "both", sampling: Kind.replicated, left: 8, top: 4, method: .fast, scalesChroma: true),
  ]

  @Test(arguments: others)
  func findsCoefficientsOfOtherDecoders(kind: CoefficientImages.Kind) async throws {
    let image = CoefficientImages.image(kind, width: 141, height: 107)
    let file = try await encode(image, Self.options())
    let plain = try await encode(image, Self.options(false))
    #expect(try await decode(file.bytes) == image)
    let source = try inspect(file.bytes).source
    #expect(source.hasPrefix("JPEG"))
    #expect(source.hasSuffix("fast DCT") == (kind.method == .fast))
    #expect(source.contains("scaled DCT") == kind.scalesChroma)
    #expect(file.bytes.count < plain.bytes.count * 8 / 10)
  }

  private static func options(_ recovers: Bool = true, jobs: Int = 1) -> EncoderOptions {
    EncoderOptions(effort: 1, jobs: jobs, verify: false, recoversSource: recovers)
  }

  @Test(arguments: kinds)
  func findsCoefficients(kind: CoefficientImages.Kind) async throws {
    let image = CoefficientImages.image(kind, width: 141, height: 107)
    let file = try await encode(image, Self.options())
    let plain = try await encode(image, Self.options(false))
    let decoded = try await decode(file.bytes)
    #expect(decoded == image)
    #expect(try inspect(file.bytes).source.hasPrefix("JPEG"))
    #expect(file.bytes.count < plain.bytes.count * 8 / 10)
    let difference = abs(Double(file.residual.writtenBits) - file.residual.objectiveBits)
    #expect(difference <= 0.001 * file.residual.objectiveBits + 64 * 8)
  }

  @Test(arguments: [75, 95])
  func findsTheLevelsThemselves(quality: Int) {
    let values = SyntheticImages.photograph(width: 96, height: 80).planes[1].map { Int($0) }
    let plane = CoefficientImages.decoded(values, 96, 80, QuantisationTable(code: quality))
    let found = CoefficientRecovery(
      grey: plane.samples(), width: 96, height: 80, work: RecoveryWork(effort: 5))
    #expect(found?.planes[0].table == plane.table)
    #expect(found?.planes[0].grid == plane.grid)
    let wrong = zip(found?.planes[0].levels ?? [], plane.levels).count { $0 != $1 }
    #expect(wrong < plane.levels.count / 1000)
  }

  /// Positions whose coefficients are nearly all 0 say little by themselves: the family of tables
  /// does, and both planes of chroma together.
  @Test(arguments: [20, 40, 75, 90])
  func findsTheTablesThemselves(quality: Int) {
    let kind = Kind(name: "", quality: quality, sampling: Kind.half)
    let image = CoefficientImages.image(kind, width: 240, height: 160)
    let work = RecoveryWork(effort: 5)
    let start = LatticeStart.find(image.planes, width: 240, height: 160)
    let known = start?.jfif(image.planes, work)
    let found = known.flatMap { CoefficientRecovery($0, image.planes, work: work) }
    #expect(found?.known?.sampling == Kind.half)
    #expect(found?.planes[0].table == CoefficientImages.table(kind, isChroma: false))
    let chroma = CoefficientImages.table(kind, isChroma: true)
    #expect(found?.planes[1].table == found?.planes[2].table)
    for plane in found?.planes[1...] ?? [] {
      // A step whose levels are all small may be any that gives the same samples.
      var same = plane
      same.table = chroma
      #expect(same.samples() == plane.samples())
    }
  }

  /// What the search may do grows with the picture and with the effort, and ends.
  @Test func workIsBounded() {
    let works = [1, 3, 5, 9].map { RecoveryWork(effort: $0) }
    for count in [0, 64, 1 << 20] {
      for (less, more) in zip(works, works.dropFirst()) {
        #expect(less.cellTries(count) <= more.cellTries(count))
        #expect(less.descentPixels(count) <= more.descentPixels(count))
        #expect(less.rounds(count) <= more.rounds(count))
      }
      #expect(works[3].cellTries(count) <= 8 * count)
    }
  }

  @Test func reportsSayWhatWasFound() async throws {
    let image = CoefficientImages.image(Self.kinds[1], width: 141, height: 107)
    let note = try await encode(image, Self.options()).sourceNote
    #expect(
      note?.hasPrefix("JFIF's YCbCr, 4:2:0 triangle; steps of a JPEG file of quality 80") == true)
    #expect(note?.hasSuffix("taken: JPEG 4:2:0") == true)
    #expect(try await encode(image, Self.options(false)).sourceNote == nil)
    let photograph = SyntheticImages.photograph(width: 160, height: 120)
    #expect(
      try await encode(photograph, Self.options()).sourceNote
        == "no lattice of colours; taken: none")
  }

  @Test func keepsImagesThatOnlyPartlyCameFromJPEG() async throws {
    for kind in [Kind(name: "", isGrey: true), Kind(name: "", sampling: Kind.half)] {
      var image = CoefficientImages.image(kind, width: 128, height: 96)
      var random = SplitMix64(seed: 9)
      for place in 0..<60 {
        for plane in image.planes.indices {
          image.planes[plane][40 * 128 + place * 3] = UInt16.random(in: 0...255, using: &random)
        }
      }
      let file = try await encode(image, Self.options())
      let decoded = try await decode(file.bytes)
      #expect(decoded == image)
      #expect(try inspect(file.bytes).source.hasPrefix("JPEG"))
    }
  }

  /// A flat plane of chroma has every grid, and both have one.
  @Test(arguments: [0, 1])
  func chromaThatIsFlatTakesTheOthersGrid(flatPlane: Int) async throws {
    let kind = Kind(name: "", sampling: Kind.half, left: 8, flatPlane: flatPlane)
    let image = CoefficientImages.image(kind, width: 136, height: 96)
    let file = try await encode(image, Self.options())
    let plain = try await encode(image, Self.options(false))
    let decoded = try await decode(file.bytes)
    #expect(decoded == image)
    #expect(try inspect(file.bytes).source == "JPEG 4:2:0")
    #expect(file.bytes.count < plain.bytes.count * 8 / 10)
  }

  @Test func aBlackFirstPixelHidesNothing() async throws {
    var image = CoefficientImages.image(Kind(name: ""), width: 128, height: 96)
    for plane in image.planes.indices { image.planes[plane][0] = 0 }
    let file = try await encode(image, Self.options())
    #expect(try inspect(file.bytes).source.hasPrefix("JPEG"))
    #expect(try await decode(file.bytes) == image)
  }

  @Test func leavesOtherImagesAlone() async throws {
    for kind in [SyntheticImages.Kind(.grey, 8), .init(.rgb, 8), .init(.grey, 4)] {
      let file = try await encode(
        SyntheticImages.image(kind, width: 90, height: 70), Self.options())
      #expect(try inspect(file.bytes).source == "none")
    }
    let image = SyntheticImages.photograph(width: 160, height: 120)
    let file = try await encode(image, Self.options())
    #expect(try inspect(file.bytes).source == "none")
  }

  @Test func regionsAndPreviewsAreThoseOfTheWhole() async throws {
    let image = CoefficientImages.image(Self.kinds[1], width: 120, height: 90)
    let file = try await encode(image, Self.options())
    let region = ImageRegion(x: 17, y: 9, width: 50, height: 33)
    let part = try await decode(file.bytes, DecoderOptions(region: region))
    for plane in 0..<3 {
      let expected = (9..<42).flatMap { y in image.planes[plane][y * 120 + 17..<y * 120 + 67] }
      #expect(part.planes[plane] == expected)
    }
    let preview = try await decode(file.bytes, DecoderOptions(layer: .preview))
    #expect(preview.width == 120)
  }

  @Test(arguments: [1, 2, 5])
  func bandsAreCodedByThemselves(count: Int) async throws {
    let image = CoefficientImages.image(Self.kinds[1], width: 90, height: 75)
    let planes = (0..<3).map { plane in
      let (width, height) = plane == 0 ? (90, 75) : (45, 38)
      return CoefficientImages.decoded(
        image.planes[plane].prefix(width * height).map { Int($0) }, width, height,
        QuantisationTable(code: 90))
    }
    var source = CoefficientSource(
      sampling: Kind.half, grids: planes.map(\.grid), tables: planes.map(\.table))
    source.bandCount = count
    let kernels = KernelISA.current.residualKernels
    for band in 0..<count {
      var given = LevelBand(levels: [], differences: [[:], [:], [:]])
      for (index, plane) in planes.enumerated() {
        let rows = source.rows(of: index, in: band)
        let width = 64 * plane.grid.columns
        given.levels.append(
          Array(plane.levels[rows.lowerBound * width..<rows.upperBound * width]))
      }
      given.differences[1][0] = (0..<64).map { Int16($0 % 5 - 2) }
      var binary = BinaryEncoder(room: LevelBandCoder.room)
      var coder = LevelBandCoder(source, band: band, kernels: kernels)
      _ = try coder.code(given, with: &binary)
      let bytes = binary.finish()
      var reader = BinaryDecoder(StreamSlice(bytes, in: 0..<bytes.count))
      var decoder = LevelBandCoder(source, band: band, kernels: kernels)
      let back = try decoder.code(nil, with: &reader)
      #expect(back.levels == given.levels)
      #expect(back.differences[1][0]?.prefix(5) == given.differences[1][0]?.prefix(5))
    }
  }

  @Test func theHeaderKeepsASource() throws {
    for sampling in [nil, Kind.half, Kind.across] {
      for codes in [[75, 175, 175], [90, 0, 190], [0, 0, 0]] {
        let width = sampling?.columns(width: 50).cellCount ?? 50
        let height = sampling?.rows(height: 41).cellCount ?? 41
        let grids = [(50, 41, 3), (width, height, 5), (width, height, 5)].map {
          BlockGrid(width: $0.0, height: $0.1, columnPhase: $0.2, rowPhase: 7 - $0.2)
        }
        let own = QuantisationTable(steps: (1...64).map { Int32($0 * 3) })
        let source = CoefficientSource(
          sampling: sampling, grids: grids,
          tables: codes.map { $0 == 0 ? own : QuantisationTable(code: $0) })
        var writer = ByteWriter()
        source.write(to: &writer)
        var reader = ByteReader(writer.bytes)
        let parsed = try CoefficientSource(
          &reader, width: 50, height: 41, isColor: true, keepsFile: false)
        #expect(parsed == source)
      }
    }
  }
}
