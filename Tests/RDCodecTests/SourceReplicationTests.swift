import TestSupport
import Testing

@testable import RDCodec

@Suite struct SourceReplicationTests {
  @Test(arguments: [(1, 1), (2, 2), (3, 1), (1, 4), (5, 3)], SyntheticImages.kinds)
  func findsTheFactorsOfAnEnlargedImage(
    factors: (columns: Int, rows: Int), kind: SyntheticImages.Kind
  ) {
    let image = SyntheticImages.image(kind, width: 23, height: 17)
    let least = PixelReplication(of: image)
    let replication = PixelReplication(
      columns: factors.columns * least.columns, rows: factors.rows * least.rows)
    // The last column and row are cut.
    let width = 23 * factors.columns - (factors.columns > 2 ? 1 : 0)
    let height = 17 * factors.rows - (factors.rows > 2 ? 1 : 0)
    let enlarged = PixelReplication(columns: factors.columns, rows: factors.rows).expand(
      image, width: width, height: height)
    // Images of one bit may be alike across, which says nothing about factors.
    if kind.depth > 1 { #expect(PixelReplication(of: enlarged) == replication) }
    let reduced = replication.reduce(enlarged)
    #expect(replication.expand(reduced, width: width, height: height) == enlarged)
  }

  @Test func anEnlargedImageCostsNoMoreThanItself() async throws {
    let image = SyntheticImages.image(.init(.rgb, 8), width: 61, height: 45)
    let enlarged = PixelReplication(columns: 3, rows: 2).expand(image, width: 183, height: 90)
    let small = try await encode(image)
    let large = try await encode(enlarged)
    #expect(large.bytes.count <= small.bytes.count + 2)
    let decoded = try await decode(large.bytes)
    let preview = try await decode(large.bytes, DecoderOptions(layer: .preview))
    #expect(decoded == enlarged)
    #expect((preview.width, preview.height) == (183, 90))
  }
}
