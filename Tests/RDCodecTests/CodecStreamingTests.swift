import Foundation
import TestSupport
import Testing

@testable import DecoderCore
@testable import RDCodec

/// Bytes in by parts, rows out by strips: the same image as in one call.
@Suite struct CodecStreamingTests {
  private struct Content: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var image: Image
    var mode: EncoderOptions.Mode
    var layer = DecoderOptions.Layer.full
    var isWhole = false
  }

  /// Several rows of tiles of each, except where samples follow from a source of the whole image.
  private static let contents: [Content] = {
    let photograph = SyntheticImages.photograph(width: 40, height: 1700)
    let rgba = SyntheticImages.image(.init(.rgba, 8), width: 24, height: 1600, hasMetadata: true)
    let grey = SyntheticImages.image(.init(.grey, 16), width: 24, height: 1600)
    return [
      Content(testDescription: "exact", image: photograph, mode: .lossless(preview: nil)),
      Content(
        testDescription: "preview", image: photograph, mode: .lossless(preview: 50),
        layer: .preview),
      Content(testDescription: "lossy", image: photograph, mode: .lossy(quality: 40)),
      Content(testDescription: "lossy with alpha", image: rgba, mode: .lossy(quality: 40)),
      Content(testDescription: "within 2", image: grey, mode: .nearLossless(maximumError: 2)),
    ]
  }()

  @Test(arguments: contents.indices, [1, 3])
  func stripsMakeTheWholeImage(index: Int, jobs: Int) async throws {
    let content = Self.contents[index]
    let bytes = try await encode(
      content.image, EncoderOptions(mode: content.mode, effort: 1, verify: false)
    ).bytes
    for region in [nil, ImageRegion(x: 3, y: 700, width: 11, height: 860)] {
      let options = DecoderOptions(layer: content.layer, region: region, jobs: jobs)
      let whole = try await decode(bytes, options)
      let rows = ImageRows()
      try await decode(ByteSource(bytes), options, into: rows)
      #expect(rows.image == whole)
      #expect(rows.heights.reduce(0, +) == whole.height)
      let parts = ImageRows()
      let counted = CountedBytes(bytes)
      try await decode(counted.source, options, into: parts)
      #expect(parts.image == whole)
      #expect(try inspect(counted.source) == inspect(bytes))
    }
  }

  /// Twelve rows of tiles: four of them at once, and no more of the file than its header and a
  /// stream.
  @Test func partsAreSmall() async throws {
    let image = SyntheticImages.photograph(width: 64, height: 9000)
    let bytes = try await encode(image, EncoderOptions(effort: 1, verify: false)).bytes
    let (rows, counted) = (ImageRows(), CountedBytes(bytes))
    try await decode(counted.source, into: rows)
    #expect(rows.image == image)
    #expect(rows.heights.count == 3 && rows.heights.allSatisfy { $0 <= 4 * 768 })
    #expect(counted.largestPart < bytes.count / 4)
  }

  /// What is shown alone comes by few rows where one thread decodes: tiles side by side in parts, each
  /// with its checksum.
  @Test(arguments: [EncoderOptions.Mode.lossless(preview: 50), .lossy(quality: 40)])
  func firstRowsOfApproximationsComeEarly(mode: EncoderOptions.Mode) async throws {
    let image = SyntheticImages.photograph(width: 5000, height: 700)
    let bytes = try await encode(image, EncoderOptions(mode: mode, effort: 1, verify: false)).bytes
    let rows = ImageRows()
    try await decode(ByteSource(bytes), DecoderOptions(layer: .preview, jobs: 1), into: rows)
    #expect(rows.heights == [416, 284])
    let whole = try await decode(bytes, DecoderOptions(layer: .preview, jobs: 3))
    #expect(rows.image == whole)
  }

  /// Coded rows that were repeated come back by few of them at once.
  @Test func repeatedRowsAreSmallParts() async throws {
    let small = SyntheticImages.image(.init(.rgb, 8), width: 40, height: 30)
    var large = small
    (large.width, large.height) = (2000, 1800)
    large.planes = small.planes.map { plane in
      (0..<2000 * 1800).map { plane[$0 / 2000 / 60 * 40 + $0 % 2000 / 50] }
    }
    let bytes = try await encode(large, EncoderOptions(effort: 1, verify: false)).bytes
    #expect(bytes.count < 40 * 30 * 4)
    let rows = ImageRows()
    try await decode(ByteSource(bytes), into: rows)
    #expect(rows.image == large)
    #expect(rows.heights.count > 1)
  }

  @Test func whatTheReceiverThrowsEndsDecoding() async throws {
    let image = SyntheticImages.photograph(width: 40, height: 4000)
    let bytes = try await encode(image, EncoderOptions(effort: 1, verify: false)).bytes
    let rows = ImageRows(endsAfter: 1)
    await #expect(throws: CodecError.outputFailed) {
      try await decode(ByteSource(bytes), into: rows)
    }
    #expect(rows.heights.count == 1)
  }

  @Test func nothingBeginsWhereTheHeaderIsDamaged() async throws {
    var bytes = try await ContainerFiles.small()
    bytes[ContainerFiles.Offset.width] ^= 1
    let rows = ImageRows()
    await #expect(throws: CodecError.self) { try await decode(ByteSource(bytes), into: rows) }
    #expect(rows.image == nil)
  }

  /// As estimated before: memory for some rows of tiles, whatever the height.
  @Test func estimatesGrowWithTheWidthAlone() async throws {
    func estimate(_ width: Int, _ height: Int, holdsImage: Bool = false) async throws -> Int {
      var header = try ContainerFiles.header(of: try await ContainerFiles.small()).header
      (header.width, header.height) = (width, height)
      header.tiling = Tiling(width: width, height: height)
      header.boxes.transparentColor = nil
      return MemoryEstimate.decoding(
        header, jobs: 2, heldByteCount: 0, holdsImage: holdsImage
      ).byteCount
    }
    let (low, high) = (try await estimate(9984, 1000), try await estimate(9984, 9984))
    #expect(high < 2 * low && high < 500 << 20)
    #expect(try await estimate(9984, 9984, holdsImage: true) == high + 6 * 9984 * 9984)
  }

  /// A given model may be larger than those that are built in, and its memory is refused as well.
  @Test func estimatesGrowWithTheModel() async throws {
    let (header, _) = try ContainerFiles.header(
      of: try await ContainerFiles.small(mode: .lossy(quality: 50)))
    var large = OtherShape.large
    large.width = 512
    large.prior.expansion = 4
    let estimates = [nil, OtherShape.small, large].map { model in
      MemoryEstimate.decoding(
        header, jobs: 1, heldByteCount: 0, holdsImage: true, model: model
      ).byteCount
    }
    #expect(estimates[0] == estimates[1])
    // Features of 512 channels, four times as many inside a block, at each of four positions.
    #expect(estimates[2] >= estimates[1] + 4 * 2 * 512 * 6)

    let small = try LearnedModel(OtherShape.weights(OtherShape.small))
    let bytes = try await encode(
      SyntheticImages.image(.init(.rgb, 8), width: 40, height: 30),
      EncoderOptions(mode: .lossy(quality: 50), effort: 1, verify: false, model: small)
    ).bytes
    var limits = DecoderLimits.default
    limits.memoryByteCount = estimates[0] + 1 << 20
    await #expect(throws: Never.self) {
      try await decode(bytes, DecoderOptions(limits: limits, model: small))
    }
  }

  // MARK: The example of ``decode(_:_:into:progress:)``

  private func convert(_ input: CInt, to output: FileHandle) async throws {
    guard let source = ByteSource(descriptor: input) else { return }
    let writer = ImageFormat.png.writer { bytes throws(CodecError) in
      guard (try? output.write(contentsOf: bytes)) != nil else { throw .outputFailed }
    }
    try await decode(source, into: writer)
    try writer.finish()
  }

  @Test func filesBecomeFiles() async throws {
    let image = SyntheticImages.image(.init(.rgb, 8), width: 50, height: 900, hasMetadata: true)
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let (input, output) = (folder.appending(path: "a.rdc"), folder.appending(path: "a.png"))
    try Data(try await encode(image, EncoderOptions(effort: 1)).bytes).write(to: input)
    try Data().write(to: output)
    let handle = try FileHandle(forWritingTo: output)
    try await convert(open(input.path, O_RDONLY), to: handle)
    #expect(Array(try Data(contentsOf: output)) == (try image.pngBytes()))
    // A full disk.
    let full = FileHandle(forWritingAtPath: "/dev/full")
    if let full {
      await #expect(throws: CodecError.outputFailed) {
        try await convert(open(input.path, O_RDONLY), to: full)
      }
    }
  }
}
