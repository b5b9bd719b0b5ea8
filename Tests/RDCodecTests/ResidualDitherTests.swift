import Entropy
import TestSupport
import Testing

@testable import DecoderCore
@testable import RDCodec

@Suite struct ResidualDitherTests {
  private func tile(_ width: Int, _ height: Int, _ plane: [UInt16]) -> TileSamples {
    TileSamples(width: width, height: height, depth: 1, hasAlpha: false, planes: [plane])
  }

  private func bits(_ count: Int, seed: UInt64) -> [UInt16] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { _ in UInt16.random(in: 0...1, using: &random) }
  }

  @Test(arguments: [1, 5, 9])
  func ditheredSlopesCostTheirFirstCells(effort: Int) throws {
    let tile = tile(400, 300, SyntheticImages.dither(width: 400, height: 300))
    let (bytes, _) = ResidualCoder.encode(tile, prediction: nil, effort: effort)
    #expect(bytes[0] == 0x60)
    #expect(bytes.count < 250, "\(bytes.count)")
    let decoded = try ResidualTiles.decode(bytes, like: tile)
    #expect(decoded == tile)
  }

  @Test func periodsAreThoseOfCells() {
    let dither = SyntheticImages.dither(width: 400, height: 300)
    #expect(DitherPeriod(of: dither, width: 400, height: 300) == .init(columns: 8, rows: 8))
    let cells = (0..<400 * 300).map { (place: Int) -> UInt16 in
      let (x, y) = (place % 400, place / 400)
      return x % 7 > 3 && y % 5 > 1 ? 1 : 0
    }
    #expect(DitherPeriod(of: cells, width: 400, height: 300) == .init(columns: 7, rows: 5))
    #expect(DitherPeriod(of: bits(400 * 300, seed: 3), width: 400, height: 300) == nil)
    for (width, height) in [(1, 1), (300, 1), (1, 300), (3, 3)] {
      let plane = (0..<width * height).map { UInt16($0 & 1) }
      #expect(DitherPeriod(of: plane, width: width, height: height) == nil)
    }
  }

  /// Also with periods that the plane does not have, and cells larger than it.
  @Test(arguments: [(1, 1), (2, 3), (9, 70), (97, 61)])
  func anyPlaneOfOneBitComesBackExactly(width: Int, height: Int) throws {
    for plane in [
      SyntheticImages.dither(width: width, height: height), bits(width * height, seed: 5),
    ] {
      let tile = tile(width, height, plane)
      let (bytes, bits) = ResidualCoder.encode(
        wholly: tile, by: .dither, .level3, prediction: nil,
        kernels: KernelISA.current.residualKernels)
      #expect(Double(8 * bytes.count) < 1.001 * bits + 512)
      let decoded = try ResidualTiles.decode(bytes, like: tile)
      #expect(decoded == tile)
    }
  }

  @Test func everyInstructionSetCodesDithersAlike() {
    let tile = tile(120, 90, SyntheticImages.dither(width: 120, height: 90))
    let streams = KernelISA.all.filter(\.isAvailable).map {
      ResidualCoder.encode(
        wholly: tile, by: .dither, .level3, prediction: nil, kernels: $0.residualKernels
      ).bytes
    }
    #expect(streams.allSatisfy { $0 == streams[0] })
  }

  @Test(arguments: [(1, 8), (8, 1), (1, 1), (2, 2), (64, 64)])
  func periodsOfOnePixelAreRefused(columns: Int, rows: Int) throws {
    var encoder = BinaryEncoder()
    for pixels in [columns, rows] { _ = encoder.codeUniform(UInt32(pixels - 1), bitCount: 6) }
    let bytes = encoder.finish()
    var decoder = BinaryDecoder(StreamSlice(bytes, in: bytes.indices))
    var period = DitherPeriod(columns: 2, rows: 2)
    guard min(columns, rows) > 1 else {
      var error: CodecError?
      do { try period.code(with: &decoder) } catch let refusal { error = refusal }
      #expect(error == .corrupt(field: "period of a dither", at: 0))
      return
    }
    try period.code(with: &decoder)
    #expect(period == .init(columns: columns, rows: rows))
  }

  @Test func damageNeverTraps() throws {
    let small = tile(60, 40, SyntheticImages.dither(width: 60, height: 40))
    let (bytes, _) = ResidualCoder.encode(
      wholly: small, by: .dither, .level3, prediction: nil,
      kernels: KernelISA.current.residualKernels)
    for bit in 0..<8 * bytes.count {
      var damaged = bytes
      damaged[bit / 8] ^= 1 << (bit % 8)
      _ = try? ResidualTiles.decode(damaged, like: small)
    }
    let other = TileSamples(
      width: 8, height: 8, depth: 8, hasAlpha: false,
      planes: [(0..<64).map { UInt16($0) }, (0..<64).map { UInt16($0 * 3) }])
    for first in [UInt8(0x60), 0x61, 0x70] {
      let bytes = [first] + bits(200, seed: UInt64(first)).map { UInt8($0 * 255) }
      let decoded = Result { try ResidualTiles.decode(bytes, like: other) }
      // Planes of one value are no matter of the method.
      if first != 0x60 { #expect(throws: CodecError.self) { try decoded.get() } }
    }
  }
}
