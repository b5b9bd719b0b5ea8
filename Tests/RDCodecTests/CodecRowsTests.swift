import TestSupport
import Testing

@testable import DecoderCore
@testable import RDCodec

/// Images that are read and encoded by rows.
@Suite struct CodecRowsTests {
  private static let kinds: [SyntheticImages.Kind] = [
    .init(.rgb, 8), .init(.grey, 8), .init(.rgba, 8), .init(.rgb, 16),
  ]

  private func reader(_ image: Image) throws -> any ImageFileReader {
    try ImageFormat.reader(of: ByteSource(try writeImage(image, as: .png)))
  }

  private func photograph(_ kind: SyntheticImages.Kind) -> Image {
    var image = SyntheticImages.photograph(width: 1000, height: 900)
    if kind.colorType.isGrey { image.planes = [image.planes[1]] }
    if kind.colorType.hasAlpha { image.planes.append(image.planes[0].map { $0 / 2 + 64 }) }
    if kind.depth == 16 { image.planes = image.planes.map { $0.map { 200 * $0 + 77 } } }
    (image.colorType, image.depth) = (kind.colorType, kind.depth)
    return image
  }

  @Test(arguments: kinds, [1, 3])
  func aLargeImageGivesTheBytesOfTheWholeOne(kind: SyntheticImages.Kind, jobs: Int) async throws {
    let image = photograph(kind)
    let reader = try reader(image)
    let options = EncoderOptions(effort: 1, jobs: jobs)
    let survey = try #require(
      try RowSurvey(reader, options, smallestPixelCount: 1, samplePixelCount: 60_000))
    let encoded = try await RowEncoder(reader, survey, EncodingPlan(options), nil).encoded()
    // Images that are read by rows are so large that their previews stay.
    var keeping = options
    keeping.keepsPreview = true
    let whole = try await encode(image, keeping)
    #expect(Array(encoded.pieces.joined()) == whole.bytes)
    #expect(encoded.rate == whole.rate && encoded.residual == whole.residual)
  }

  @Test func whatOnlyWholeImagesAreCodedByIsReadAsAWhole() throws {
    let photograph = photograph(.init(.rgb, 8))
    var enlarged = photograph
    enlarged.planes = photograph.planes.map { plane in
      plane.indices.map { plane[$0 / 2000 * 1000 + $0 % 1000 / 2] }
    }
    let source = SourceImages.jpegLike(.bilinear, width: 300, height: 200)
    let page = SyntheticImages.image(.init(.palette, 4), width: 300, height: 200)
    for image in [enlarged, source, page] {
      let reader = try reader(image)
      #expect(try RowSurvey(reader, .lossless, smallestPixelCount: 1) == nil)
      #expect(try ReadImage(reader).image.planes == image.planes)
    }
    let lossy = try RowSurvey(reader(photograph), .lossy(quality: 50), smallestPixelCount: 1)
    #expect(lossy == nil)
  }

  @Test func piecesAreReadAsOne() throws {
    let encoded = EncodedPieces(
      EncodedImage(bytes: [1, 2, 3], rate: .init(), residual: .init()), warnings: [])
    #expect(try encoded.source.slice(1..<3).bytes == [2, 3])
  }
}
