import TestSupport
import Testing

@testable import DecoderCore
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
    let enlarged = PixelReplication(columns: factors.columns, rows: factors.rows).enlarge(
      image, width: width, height: height)
    // Images of one bit may be alike across, which says nothing about factors.
    if kind.depth > 1 { #expect(PixelReplication(of: enlarged) == replication) }
    let reduced = replication.reduce(enlarged)
    #expect(replication.enlarge(reduced, width: width, height: height) == enlarged)
  }

  @Test func anEnlargedImageCostsNoMoreThanItself() async throws {
    let image = SyntheticImages.image(.init(.rgb, 8), width: 61, height: 45)
    let enlarged = PixelReplication(columns: 3, rows: 2).enlarge(image, width: 183, height: 90)
    var options = EncoderOptions.lossless
    options.keepsPreview = true
    let small = try await encode(image, options)
    let large = try await encode(enlarged, options)
    // Sides of two bytes, and the layout.
    #expect(large.bytes.count <= small.bytes.count + 2 + 4)
    let decoded = try await decode(large.bytes)
    let preview = try await decode(large.bytes, DecoderOptions(layer: .preview))
    #expect(decoded == enlarged)
    #expect((preview.width, preview.height) == (183, 90))
    for region in [
      ImageRegion(x: 4, y: 3, width: 7, height: 2), .init(x: 0, y: 89, width: 183, height: 1),
    ] {
      let part = try await decode(large.bytes, DecoderOptions(region: region))
      #expect((part.width, part.height) == (region.width, region.height))
      let expected = region.rows.flatMap { y in
        region.columns.map { enlarged.planes[1][y * 183 + $0] }
      }
      #expect(part.planes[1] == expected)
    }
  }
}

extension PixelReplication {
  /// The image of this size of which `image` is what is coded.
  func enlarge(_ image: Image, width: Int, height: Int) -> Image {
    let whole = ImageRegion(x: 0, y: 0, width: width, height: height)
    return expand(image, of: coded(whole), to: whole)
  }
}
