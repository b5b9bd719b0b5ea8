import TestSupport
import Testing

@testable import DecoderCore
@testable import RDCodec

@Suite struct SourcePartsTests {
  @Test(arguments: [0.0, 0.1, 0.125, 0.3, 0.5, 0.77, 1.9, -3.3, 12.25])
  func circleFunctionsAreThoseOfAnyLibrary(turns: Double) {
    let point = CircleFunctions.point(turns: turns)
    #expect(abs(point.cosine * point.cosine + point.sine * point.sine - 1) < 1e-9)
    let half = CircleFunctions.point(turns: turns / 2)
    #expect(abs(2 * half.cosine * half.sine - point.sine) < 1e-9)
  }

  @Test func aWaveBecomesOnePeak() {
    var cube = FourierCube(side: 8)
    for i in 0..<512 {
      let phase = Double(i / 64) * 3 / 8 + Double(i % 8) / 8
      cube[i] = Float(CircleFunctions.point(turns: phase).cosine)
    }
    cube.transform()
    let strong = (0..<512).filter { cube.power($0) > 1 }
    #expect(strong == [3 * 64 + 1, 5 * 64 + 7])
    #expect(abs(cube.power(3 * 64 + 1) - 256 * 256) < 1)
  }

  @Test(arguments: ChromaSampling.Filter.allCases, [[16, 16], [17, 23], [20, 33]])
  func cellsAreFoundAgain(filter: ChromaSampling.Filter, size: [Int]) {
    var random = SplitMix64(seed: 21)
    for sampling in ChromaSampling.allCases(filter) {
      let solver = ChromaSolver(sampling, width: size[0], height: size[1])
      let cells = (0..<solver.cellCount).map { _ in Int32.random(in: 0...99, using: &random) }
      let plane = solver.upsampled(cells)
      let found = solver.cells(
        of: plane, reliable: [Bool](repeating: true, count: plane.count))
      let again = solver.upsampled(found)
      let wrong = zip(again, plane).count { $0 != $1 }
      #expect(wrong <= (filter == .triangle ? plane.count / 50 : 0), "\(sampling)")
      let public16 = sampling.upsampled(
        cells.map { UInt16($0) }, width: size[0], height: size[1])
      #expect(public16 == plane.map { UInt16($0) })
    }
  }

  @Test(arguments: ChromaSampling.Filter.allCases, [1, 2, 16, 17, 33, 48, 49])
  func tilesShareNoCells(filter: ChromaSampling.Filter, length: Int) {
    for sampling in ChromaSampling.allCases(filter) {
      let count = sampling.columns(width: length).cellCount
      var next = 0
      for start in stride(from: 0, to: length, by: 16) {
        let cells = sampling.cellColumns(start..<min(start + 16, length), of: length)
        #expect(cells.lowerBound == next)
        next = cells.upperBound
      }
      #expect(next == count)
    }
  }

  @Test func lumasAreThoseThatGiveTheColor() {
    let lattice = ColorLattice(
      matrix: [SIMD3(89000, 0, 119000), SIMD3(89000, -28000, -60000), SIMD3(89000, 145000, 0)],
      offset: SIMD3(100, -3_000_000, 2_000_000))
    var random = SplitMix64(seed: 4)
    for _ in 0..<300 {
      let chroma = SIMD2(
        Int.random(in: -60...60, using: &random), Int.random(in: -60...60, using: &random))
      let k = SIMD3(Int.random(in: -20...260, using: &random), chroma.x, chroma.y)
      let color = SIMD3(lattice.sample(k, 0), lattice.sample(k, 1), lattice.sample(k, 2))
      let right = (-600...900).filter { lattice.distance(SIMD3($0, k.y, k.z), color) == 0 }
      let range = lattice.lumas(k, giving: color)
      #expect(range?.contains(k.x) == true)
      #expect(right.allSatisfy { range?.contains($0) == true })
    }
  }

  @Test func theHeaderKeepsASource() throws {
    let lattice = ColorLattice(
      matrix: [SIMD3(1, -2, 3), SIMD3(4, 5, -6), SIMD3(7, 8, 1 << 27)],
      offset: SIMD3(-9, 10, -(1 << 27)))
    for filter in ChromaSampling.Filter.allCases {
      for sampling in [nil] + ChromaSampling.allCases(filter).map(Optional.some) {
        let source = ColorSource(lattice: lattice, depth: 9, sampling: sampling)
        var writer = ByteWriter()
        source.write(to: &writer)
        var reader = ByteReader(writer.bytes)
        let parsed = try ColorSource(&reader, width: 20, height: 20)
        #expect(parsed == source)
        #expect(writer.bytes.count == 50)
      }
    }
  }
}
