import Foundation
import TestSupport
import Testing

@testable import DecoderCore
@testable import RDCodec

/// Image files by rows: from memory and from disk, in parts of any size, twice.
@Suite struct ImageReaderTests {
  private static let files: [(name: String, bytes: [UInt8])] = {
    let rgb = ImageFixtures.image(.init(colorType: .rgb, depth: 16))
    let bits = ImageFixtures.image(.init(colorType: .grey, depth: 1))
    let alpha = ImageFixtures.image(.init(colorType: .rgba, depth: 8))
    var opaque = rgb
    opaque.transparentColor = nil
    var bitmap = bits
    bitmap.transparentColor = nil
    return [
      ("PNG", try! rgb.pngBytes()), ("PNG of bits", try! bits.pngBytes()),
      ("PPM", try! writeImage(opaque, as: .ppm)), ("PBM", try! writeImage(bitmap, as: .pbm)),
      ("PAM", try! writeImage(alpha, as: .pam)),
      ("plain PGM", Array("P2 # a comment\n2 7 9\n1 2 3 4 5 6 7 8 9 0 1 2\n3 4".utf8)),
      ("plain PBM", Array("P1 2 7 1 0 11001100 1 1 00".utf8)),
    ]
  }()

  @Test(arguments: files.indices, [1, 2, 3, 100])
  func rowsMakeTheWholeImage(index: Int, count: Int) throws {
    let whole = try ReadImage(Self.files[index].bytes)
    let reader = try ImageFormat.reader(of: ByteSource(Self.files[index].bytes))
    for _ in 0..<2 {
      var image = reader.header
      #expect(image.planes.allSatisfy { $0.isEmpty })
      var rowCount = 0
      while true {
        let added = try reader.readRows(count, to: &image.planes)
        rowCount += added
        #expect(image.planes.allSatisfy { $0.count == rowCount * image.width })
        if added < count { break }
      }
      #expect(try reader.readRows(count, to: &image.planes) == 0)
      #expect(try reader.finish() == whole.warnings)
      #expect(image == whole.image)
      try reader.rewind()
    }
  }

  /// Back at the top from any row.
  @Test(arguments: files.indices, [0, 1, 4])
  func rewindsInTheMiddle(index: Int, count: Int) throws {
    let reader = try ImageFormat.reader(of: ByteSource(Self.files[index].bytes))
    var planes = reader.header.planes
    _ = try reader.readRows(count, to: &planes)
    try reader.rewind()
    #expect(try ReadImage(reader).image == readImage(Self.files[index].bytes))
  }

  @Test(arguments: files.indices)
  func readsFromDisk(index: Int) throws {
    let url = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: url) }
    try Data(Self.files[index].bytes).write(to: url)
    let file = try #require(ByteSource(descriptor: open(url.path, O_RDONLY)))
    #expect(file.count == Self.files[index].bytes.count)
    let (read, whole) = (try ReadImage(file), try ReadImage(Self.files[index].bytes))
    #expect(read.image == whole.image && read.warnings == whole.warnings)
    #expect(ByteSource(descriptor: open(url.path + ".none", O_RDONLY)) == nil)
    #expect(ByteSource(descriptor: open("/", O_RDONLY)) == nil)
  }

  @Test func fileThatBecomesShorterEndsEarly() throws {
    let url = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: url) }
    for (_, bytes) in Self.files {
      try Data(bytes).write(to: url)
      let file = try #require(ByteSource(descriptor: open(url.path, O_RDONLY)))
      #expect(truncate(url.path, 12) == 0)
      #expect(throws: CodecError.self) { try ReadImage(file) }
    }
  }

  /// Formats as the list has them: each is found by what it is called and by what it wrote.
  @Test(arguments: ImageFormat.written)
  func everyFormatIsFound(format: ImageFormat) throws {
    #expect(ImageFormat(fileExtension: format.fileExtension.uppercased()) == format)
    let image = Image(width: 2, height: 1, colorType: .grey, depth: 1, planes: [[0, 1]])
    let bytes = try writeImage(image, as: format)
    let found = try #require(ImageFormat(start: bytes))
    #expect(found.isLikely(bytes))
    #expect(try readImage(bytes).width == 2)
  }
}
