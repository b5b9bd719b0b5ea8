import TestSupport
import Testing

@testable import RDCodec

/// Image files that are written while their rows come.
@Suite struct ImageWriterTests {
  private static let images: [Image] =
    ImageFixtures.pngKinds.flatMap { kind in
      var image = ImageFixtures.image(kind, height: 11)
      image.metadata = ImageFixtures.metadata(hasPalette: kind.colorType == .palette)
      var opaque = image
      opaque.transparentColor = nil
      return [image, opaque]
    }

  @Test(arguments: ImageFormat.written, [1, 3, 11])
  func stripsMakeTheSameFile(format: ImageFormat, count: Int) throws {
    for image in Self.images {
      let file = WrittenFile()
      let writer = format.writer(file.sink)
      do {
        try writer.begin(image.withoutSamples)
        for row in stride(from: 0, to: image.height, by: count) {
          try writer.receive(image.strip(row..<min(row + count, image.height)))
        }
        try writer.finish()
      } catch CodecError.unsupported {
        // Of several reasons another one may come first.
        #expect(writer.misfit != nil && format.misfit(of: image) != nil)
        #expect(file.bytes.isEmpty)
        continue
      }
      #expect(writer.misfit == nil && format.misfit(of: image) == nil)
      #expect(file.bytes == (try writeImage(image, as: format)))
    }
  }

  /// Large files go out in pieces, long before the last row.
  @Test(arguments: [ImageFormat.png, .ppm, .pnm, .pam])
  func bytesComeWithTheRows(format: ImageFormat) throws {
    let image = SyntheticImages.image(.init(.rgb, 8), width: 1000, height: 600)
    let file = WrittenFile()
    let writer = format.writer(file.sink)
    try writer.begin(image.withoutSamples)
    try writer.receive(image.strip(0..<500))
    #expect(file.bytes.count > 500_000)
    try writer.receive(image.strip(500..<600))
    try writer.finish()
    #expect(file.pieces.allSatisfy { $0 < 700_000 })
    #expect(file.bytes == (try writeImage(image, as: format)))
  }

  @Test(arguments: ImageFormat.written)
  func rowsThatDoNotBelongAreRefused(format: ImageFormat) throws {
    let image = Image(
      width: 4, height: 4, colorType: .grey, depth: 1,
      planes: [[UInt16](repeating: 1, count: 16)])
    var narrow = image
    narrow.width = 3
    var short = image
    short.planes[0].removeLast()
    var twoPlanes = image
    twoPlanes.planes.append(twoPlanes.planes[0])
    #expect(throws: CodecError.self) { try format.writer { _ in }.finish() }
    #expect(throws: CodecError.self) { try format.writer { _ in }.receive(image) }
    for rows in [narrow, short, twoPlanes] {
      let writer = format.writer { _ in }
      try writer.begin(image.withoutSamples)
      #expect(throws: CodecError.self) { try writer.receive(rows) }
    }
    let writer = format.writer { _ in }
    try writer.begin(image.withoutSamples)
    try writer.receive(image.strip(0..<3))
    #expect(throws: CodecError.self) { try writer.finish() }
    #expect(throws: CodecError.self) { try writer.receive(image.strip(2..<4)) }
  }

  @Test(arguments: ImageFormat.written) func aFailedOutputEndsWriting(format: ImageFormat) throws {
    let image = Image(width: 2, height: 1, colorType: .grey, depth: 1, planes: [[0, 1]])
    let writer = format.writer { _ throws(CodecError) in throw .outputFailed }
    #expect(throws: CodecError.outputFailed) {
      try writer.begin(image.withoutSamples)
      try writer.receive(image)
      try writer.finish()
    }
  }
}
