import RDCodec
import TestSupport
import Testing

@testable import rdcodec

/// Pictures that are made smaller while they are decoded: `decompress --size`.
@Suite struct CLISizeTests {
  /// The mean of what lies under each position, by the definition, with fractions of 2⁻⁸.
  private func means(_ row: [UInt64], target: Int) -> [UInt64] {
    (0..<target).map { (place: Int) -> UInt64 in
      var sum: UInt64 = 0
      for at in row.indices {
        let start = max(at * target, place * row.count)
        let end = min((at + 1) * target, (place + 1) * row.count)
        sum += row[at] * UInt64(max(0, end - start))
      }
      return (sum * 256 + UInt64(row.count) / 2) / UInt64(row.count)
    }
  }

  @Test(arguments: [(1, 1), (2, 1), (7, 3), (64, 63), (1000, 17), (129, 128)])
  func positionsAreMeansByArea(source: Int, target: Int) {
    var random = SplitMix64(seed: UInt64(source * target))
    let row = (0..<source).map { _ in random.next() % 65536 }
    let scale = AreaScale(source: source, target: target)
    let across = scale.reduce(row)
    #expect(across == means(row, target: target))
    var rows = RowScale(scale, count: 1)
    let down = row.compactMap { rows.add([$0 << AreaScale.fractionBits])?[0] }
    #expect(down == across)
  }

  @Test(arguments: [(40, 30, 20, 20, 15), (30, 40, 7, 5, 7), (1000, 1, 10, 10, 1)])
  func sizesFit(width: Int, height: Int, side: Int, expectedWidth: Int, expectedHeight: Int) {
    let size = ScaledRows.size(width, height, within: side)
    #expect(size?.width == expectedWidth && size?.height == expectedHeight)
    #expect(ScaledRows.size(width, height, within: max(width, height)) == nil)
  }

  /// What is handed on, whole.
  private final class Collector: ImageRowReceiver, @unchecked Sendable {
    var image: Image!
    func begin(_ image: Image) { self.image = image }
    func receive(_ rows: Image) {
      for index in rows.planes.indices { image.planes[index] += rows.planes[index] }
    }
  }

  private func scaled(_ image: Image, within side: Int, rowsAtOnce: Int) throws -> Image {
    let collector = Collector()
    let rows = ScaledRows(within: side, to: collector)
    var header = image
    header.planes = image.planes.map { _ in [] }
    try rows.begin(header)
    for y in stride(from: 0, to: image.height, by: rowsAtOnce) {
      var strip = header
      strip.height = min(rowsAtOnce, image.height - y)
      let range = y * image.width..<(y + strip.height) * image.width
      strip.planes = image.planes.map { Array($0[range]) }
      try rows.receive(strip)
    }
    return collector.image
  }

  @Test(arguments: SyntheticImages.kinds, [1, 5, 100])
  func partsGiveWhatTheWholeGives(kind: SyntheticImages.Kind, rowsAtOnce: Int) throws {
    let image = SyntheticImages.image(kind, width: 37, height: 22)
    let whole = try scaled(image, within: 12, rowsAtOnce: 22)
    try whole.validate()
    #expect(whole.width == 12 && whole.height == 7 && whole.depth >= 8)
    #expect(try scaled(image, within: 12, rowsAtOnce: rowsAtOnce) == whole)
    #expect(try scaled(image, within: 37, rowsAtOnce: rowsAtOnce) == image)
  }

  /// What is no longer true goes; what nobody knows comes along, so that an output can say that it
  /// leaves it out.
  @Test func metadataOfOtherSizes() throws {
    var image = SyntheticImages.image(.init(.rgb, 8), width: 37, height: 22)
    let kept: [MetadataItem] = [
      MetadataItem(.gamma(45455)), MetadataItem(.unknown(kind: 40, bytes: [1, 2])),
    ]
    image.metadata = kept + [MetadataItem(.resolution(x: 2835, y: 2835, isPerMetre: true))]
    let small = try scaled(image, within: 12, rowsAtOnce: 22)
    #expect(small.metadata == kept)
    #expect(ImageFormat.png.losses(of: small).contains { $0.contains("kind 40") })
  }

  @Test func coloursCountAsTheyAreOpaque() throws {
    let image = Image(
      width: 2, height: 1, colorType: .rgba, depth: 8,
      planes: [[200, 10], [100, 20], [50, 30], [255, 0]])
    #expect(try scaled(image, within: 1, rowsAtOnce: 1).planes == [[200], [100], [50], [128]])
    let key = Image(
      width: 2, height: 1, colorType: .grey, depth: 1, planes: [[1, 0]], transparentColor: [0])
    let shown = try scaled(key, within: 1, rowsAtOnce: 1)
    #expect(shown.planes == [[255], [128]] && shown.colorType == .greyAlpha)
  }

  @Test func outputFits() throws {
    let runner = try CLIRunner()
    try runner.writeImage("a.ppm", width: 200, height: 100)
    let outcome = try runner.shell(
      """
      set -e
      "$rdcodec" compress -q a.ppm a.rdc
      "$rdcodec" decompress -q a.rdc small.ppm --size 50
      "$rdcodec" decompress -q a.rdc glance.ppm --size 50 --layer preview
      "$rdcodec" decompress -q a.rdc same.ppm --size 200
      "$rdcodec" decompress -q a.rdc part.ppm --size 10 --region 0,0,20,100
      """)
    #expect(outcome.status == 0)
    #expect(try runner.bytes(of: "small.ppm").starts(with: Array("P6\n50 25\n255\n".utf8)))
    #expect(try runner.bytes(of: "glance.ppm").count == runner.bytes(of: "small.ppm").count)
    #expect(try runner.bytes(of: "same.ppm") == runner.bytes(of: "a.ppm"))
    #expect(try runner.bytes(of: "part.ppm").starts(with: Array("P6\n2 10\n255\n".utf8)))
    let refused = try runner.rdcodec("decompress", "a.rdc", "b.ppm", "--size", "0")
    #expect(refused.status == 64 && refused.errors.contains("--size must be at least 1"))
  }

  @Test func aDamagedRestLeavesTheThumbnail() throws {
    let runner = try CLIRunner()
    try runner.writeImage("a.ppm", width: 400, height: 300)
    #expect(try runner.rdcodec("compress", "-q", "a.ppm", "a.rdc", "--preview", "50").status == 0)
    let bytes = try runner.bytes(of: "a.rdc")
    try runner.write(Array(bytes.dropLast(100)), to: "cut.rdc")
    let small = try runner.rdcodec("decompress", "-q", "cut.rdc", "t.png", "--size", "40")
    #expect(small.status == 0)
    let whole = try runner.rdcodec("decompress", "-q", "cut.rdc", "u.png", "--size", "400")
    #expect(whole.status == 65)
  }
}
