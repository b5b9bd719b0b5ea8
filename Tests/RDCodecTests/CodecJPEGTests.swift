import Foundation
import TestSupport
import Testing

@testable import DecoderCore
@testable import RDCodec

/// JPEG files that are kept: the very same bytes come back, and the picture is the one that
/// libjpeg-turbo decodes.
@Suite struct CodecJPEGTests {
  private func encoded(
    _ jpeg: [UInt8], _ options: EncoderOptions = .init(effort: 3)
  ) async throws -> [UInt8] {
    let reader = try ImageFormat.reader(of: ByteSource(jpeg))
    return try await encode(reader, options).pieces.flatMap { $0 }
  }

  /// A file with segments behind its first marker.
  private func inserting(_ segments: [(marker: UInt8, payload: [UInt8])], in jpeg: [UInt8])
    -> [UInt8]
  {
    var result = Array(jpeg[..<2])
    for (marker, payload) in segments {
      let length = payload.count + 2
      result += [0xFF, marker, UInt8(length >> 8), UInt8(length & 255)]
      result += payload
    }
    return result + jpeg[2...]
  }

  @Test(arguments: JPEGSamples.all.indices)
  func theFileComesBack(index: Int) async throws {
    let jpeg = JPEGSamples.all[index]
    for other in [jpeg, jpeg + Array("and more".utf8)] {
      let file = try await encoded(other)
      let restored = try await decodeJPEG(ByteSource(file))
      #expect(restored == other)
      #expect(try inspect(file).source.hasSuffix(", the file"))
    }
  }

  @Test(arguments: JPEGSamples.all.indices)
  func thePictureIsThatOfOtherDecoders(index: Int) async throws {
    let image = try await decode(encoded(JPEGSamples.all[index]))
    let pixels = (0..<image.pixelCount).flatMap { place in image.planes.map { UInt8($0[place]) } }
    #expect(
      Checksum.crc32(pixels, in: pixels.indices) == JPEGSamples.checksums[index])
    let read = try readImage(JPEGSamples.all[index])
    #expect(read == image)
  }

  @Test func metadataIsStoredOnceAndFillsOtherFormats() async throws {
    let exif = Array("MM\0*\0\0\0\u{8}\0\0".utf8)
    let profile = (0..<300).map { UInt8($0 * 7 & 255) }
    let xmp = Array("<x:xmpmeta/>".utf8)
    let jpeg = inserting(
      [
        (0xE1, Array("Exif\0\0".utf8) + exif),
        (0xE1, Array("http://ns.adobe.com/xap/1.0/\0".utf8) + xmp),
        (0xE2, Array("ICC_PROFILE\0".utf8) + [1, 2] + profile[..<200]),
        (0xE2, Array("ICC_PROFILE\0".utf8) + [2, 2] + profile[200...]),
        (0xFE, Array("a comment".utf8)),
      ], in: JPEGSamples.all[0])
    let file = try await encoded(jpeg)
    let restored = try await decodeJPEG(ByteSource(file))
    #expect(restored == jpeg)
    let image = try await decode(file)
    let contents = image.metadata.map(\.content)
    #expect(contents.contains(.exif(exif)))
    #expect(contents.contains(.xmp(xmp, isCompressed: false)))
    #expect(contents.contains(.iccProfile(name: [], profile: profile)))
    let plain = try await encoded(JPEGSamples.all[0])
    #expect(file.count - plain.count < 480)
  }

  @Test func segmentsInAnotherOrderComeBackToo() async throws {
    let parts: [[UInt8]] = [[2, 2, 9, 9], [1, 2, 8], [7, 0]]
    let jpeg = inserting(
      parts.map { (0xE2, Array("ICC_PROFILE\0".utf8) + $0) }, in: JPEGSamples.all[1])
    let restored = try await decodeJPEG(ByteSource(encoded(jpeg)))
    #expect(restored == jpeg)
  }

  @Test func aProfileIsPutInOrderOrIsNone() throws {
    func profile(_ parts: [[UInt8]]) throws -> [MetadataItem] {
      try readImage(
        inserting(
          parts.map { (0xE2, Array("ICC_PROFILE\0".utf8) + $0) }, in: JPEGSamples.all[0])
      ).metadata
    }
    #expect(
      try profile([[2, 2, 9, 9], [1, 2, 8]]).map(\.content)
        == [.iccProfile(name: [], profile: [8, 9, 9])])
    for parts: [[UInt8]] in [[[1, 2, 8]], [[1, 1, 8], [1, 1, 8]], [[2, 2, 8], [3, 2, 8]]] {
      #expect(try profile(parts).isEmpty)
    }
  }

  @Test func whatStandsBesideThePictureIsLimited() {
    let limits = DecoderLimits(
      dimension: 1 << 20, pixelCount: 1 << 28, metadataByteCount: 1000)
    let jpeg = JPEGSamples.all[0] + [UInt8](repeating: 0, count: 2000)
    #expect(throws: CodecError.self) { try readImage(jpeg, limits: limits) }
  }

  @Test func thePictureNeedsAllOfTheFile() async throws {
    var file = try await encoded(JPEGSamples.all[0])
    file[file.count - 3] ^= 1
    let damaged = file
    await #expect(throws: CodecError.self) { try await decode(damaged) }
  }

  @Test func aJPEGFromAPipeIsReadToItsEnd() throws {
    let runner = try CLIRunner()
    let jpeg = JPEGSamples.all[0] + [UInt8](repeating: 7, count: 200_000)
    try runner.write(jpeg, to: "a.jpg")
    let outcome = try runner.shell(
      """
      cat a.jpg | "$rdcodec" compress -q - a.rdc && "$rdcodec" verify -q a.rdc &&
      "$rdcodec" decompress -q a.rdc b.jpg && cmp a.jpg b.jpg
      """)
    #expect(outcome.status == 0, "\(outcome.errors)")
    for options in ["--layer preview", "--region 0,0,2,2", "--format png"] {
      #expect(try runner.shell("\"$rdcodec\" decompress -q a.rdc c.jpg \(options)").status == 64)
    }
    #expect(try runner.shell("\"$rdcodec\" decompress -q a.rdc c.png --format jpg").status == 64)
  }

  @Test func withOtherOptionsItIsAPicture() async throws {
    let jpeg = JPEGSamples.all[0]
    let image = try readImage(jpeg)
    for options in [
      EncoderOptions(mode: .lossy(quality: 60), effort: 1),
      EncoderOptions(effort: 1, stripMetadata: true),
    ] {
      let file = try await encoded(jpeg, options)
      await #expect(throws: CodecError.noJPEG) { try await decodeJPEG(ByteSource(file)) }
    }
    let file = try await encode(image, EncoderOptions(effort: 1)).bytes
    await #expect(throws: CodecError.noJPEG) { try await decodeJPEG(ByteSource(file)) }
  }

  @Test func aFileThatIsNotTheOneIsRefused() async throws {
    let file = try await encoded(JPEGSamples.all[0])
    var (header, end) = try ContainerFiles.header(of: file)
    let source = try #require(header.source)
    guard case .coefficients(let levels) = source else { return }
    // The last stream with another checksum of the whole.
    let start = file.count - header.residuals[levels.bandCount].byteCount
    let reader = try JPEGReader(JPEGSamples.all[0], .default)
    var kept = reader.kept
    kept.checksum ^= 1
    let rest = kept.bytes(deflate: Zlib.deflate)
    header.residuals[levels.bandCount] = CodedStream(bytes: rest, bits: 0).entry
    let other = header.bytes() + file[end..<start] + rest
    await #expect(throws: CodecError.wrongContents(.file)) {
      try await decodeJPEG(ByteSource(other))
    }
    await #expect(throws: Never.self) { try await decode(other) }
  }

  @Test(arguments: JPEGSamples.all.indices)
  func damageNeverTraps(index: Int) async throws {
    let jpeg = JPEGSamples.all[index]
    var random = SplitMix64(seed: UInt64(index))
    for count in jpeg.indices { _ = try? readImage(Array(jpeg.prefix(count))) }
    for _ in 0..<400 {
      var damaged = jpeg
      damaged[Int.random(in: 2..<jpeg.count, using: &random)] ^= UInt8.random(
        in: 1...255, using: &random)
      guard let reader = try? ImageFormat.reader(of: ByteSource(damaged)) else { continue }
      // What was read comes back; that is checked while it is read.
      _ = try ReadImage(reader)
    }
    let file = try await encoded(jpeg)
    let start = try ContainerFiles.header(of: file).end
    for _ in 0..<200 {
      let offset = Int.random(in: start..<file.count, using: &random)
      let damaged = try ContainerFiles.flipping(
        offset, by: UInt8.random(in: 1...255, using: &random), in: file)
      if let restored = try? await decodeJPEG(ByteSource(damaged)) { #expect(restored == jpeg) }
    }
  }

  @Test func aHugeHeaderTakesNoMemory() {
    var jpeg = JPEGSamples.all[0]
    let frame = jpeg.indices.first { jpeg[$0] == 0xFF && jpeg[$0 + 1] == 0xC0 }!
    for place in frame + 5..<frame + 9 { jpeg[place] = 0xFF }
    let huge = jpeg
    let limits = DecoderLimits(
      dimension: 1 << 20, pixelCount: 1 << 28, metadataByteCount: 1 << 20)
    #expect(throws: CodecError.self) { try readImage(huge, limits: limits) }
  }
}
