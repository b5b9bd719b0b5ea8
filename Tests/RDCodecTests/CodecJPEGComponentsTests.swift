import Entropy
import Foundation
import TestSupport
import Testing

@testable import DecoderCore
@testable import RDCodec

/// JPEG files of any components and sampling factors that are kept.
@Suite struct CodecJPEGComponentsTests {
  private func encoded(
    _ jpeg: [UInt8], _ options: EncoderOptions = .init(effort: 3)
  ) async throws -> [UInt8] {
    let reader = try ImageFormat.reader(of: ByteSource(jpeg))
    return try await encode(reader, options).pieces.flatMap { $0 }
  }

  private func source(_ jpeg: [UInt8]) throws -> CoefficientSource {
    try JPEGReader(jpeg, .default).source
  }

  @Test(arguments: JPEGSamples.others)
  func theFileAndItsPictureComeBack(sample: JPEGSamples.Other) async throws {
    let file = try await encoded(sample.bytes)
    let restored = try await decodeJPEG(ByteSource(file))
    #expect(restored == sample.bytes)
    #expect(try inspect(file).keepsJPEG)
    let image = try await decode(file)
    let read = try readImage(sample.bytes)
    #expect(read == image)
    let pixels = (0..<image.pixelCount).flatMap { place in image.planes.map { UInt8($0[place]) } }
    if let checksum = sample.checksum {
      #expect(Checksum.crc32(pixels, in: pixels.indices) == checksum)
    }
  }

  @Test func namesTellTheComponents() throws {
    let names = try JPEGSamples.others.map { try source($0.bytes).name }
    #expect(
      names == [
        "JPEG RGB, the file", "JPEG CMYK, the file", "JPEG YCCK 2x2,1x1,1x1,2x2, the file",
        "JPEG 4:1:1, the file", "JPEG YCbCr 1x2,2x1,1x1, the file",
        "JPEG YCbCr 3x1,1x1,3x3, the file", "JPEG YCbCr 1x1,2x2,2x1, the file",
        "JPEG YCbCr 3x2,2x1,1x1, the file", "JPEG YCbCr, the file",
        "JPEG 2 components 2x1,1x1, the file", "JPEG grey, the file",
      ])
  }

  @Test func whatAPictureLacksIsSaid() async throws {
    for sample in JPEGSamples.others {
      let loss = try inspect(try await encoded(sample.bytes)).pictureLoss
      #expect((loss != nil) == ["cmyk", "ycck", "pair"].contains(sample.name))
      let reader = try ImageFormat.reader(of: ByteSource(sample.bytes))
      #expect(try ReadImage(reader).warnings == (loss.map { [$0] } ?? []))
    }
  }

  @Test func aProfileOfInksStaysWithTheFile() async throws {
    for (name, count) in [("cmyk", 0), ("rgb", 1)] {
      let jpeg = JPEGSamples.other(name)
      let profile = Array("ICC_PROFILE\0".utf8) + [1, 1] + (0..<200).map { UInt8($0) }
      let length = profile.count + 2
      let segment = [0xFF, 0xE2, UInt8(length >> 8), UInt8(length & 255)] + profile
      let whole = jpeg[..<2] + segment + jpeg[2...]
      let file = try await encoded(Array(whole))
      let restored = try await decodeJPEG(ByteSource(file))
      #expect(restored == Array(whole))
      #expect(try await decode(file).metadata.count == count)
    }
  }

  @Test func cutFilesAreKeptAndSaySo() async throws {
    for name in ["ycck", "411", "fractions"] {
      let jpeg = JPEGSamples.other(name)
      for count in [jpeg.count - 1, jpeg.count - 2, jpeg.count - 40] {
        let cut = Array(jpeg.prefix(count))
        let reader = try ImageFormat.reader(of: ByteSource(cut))
        let result = try await encode(reader, EncoderOptions(effort: 1))
        let restored = try await decodeJPEG(ByteSource(result.pieces.flatMap { $0 }))
        #expect(restored == cut)
        #expect(result.warnings == ["the file ends early; it is kept as it is"])
      }
    }
  }

  @Test func manyBandsAreCodedByThemselves() throws {
    var random = SplitMix64(seed: 3)
    for factors in [[22, 11, 11, 22], [11, 22, 22], [13, 11, 22], [41, 11, 14, 23], [11, 44]] {
      let components = ComponentPicture(
        factors.count == 4 ? .ycck : factors.count == 3 ? .yCbCr : .first,
        factors.map { ComponentPicture.Factors(horizontal: $0 / 10, vertical: $0 % 10) })
      var source = CoefficientSource(
        components, tables: factors.map { _ in QuantisationTable(code: 80) }, width: 70, height: 90)
      for count in [1, 2, source.grids[0].rows] {
        source.bandCount = count
        for band in 0..<count {
          let given = LevelBand(
            levels: source.grids.indices.map { plane in
              let blocks = source.rows(of: plane, in: band).count * source.grids[plane].columns
              return (0..<64 * blocks).map { _ in Int16.random(in: -3...3, using: &random) / 3 }
            }, differences: source.grids.map { _ in [:] })
          let stream = CoefficientStreams.encode(given, source, band: band)
          var reader = BinaryDecoder(StreamSlice(stream.bytes, in: stream.bytes.indices))
          var decoder = LevelBandCoder(
            source, band: band, kernels: KernelISA.current.residualKernels)
          let levels = try decoder.code(nil, with: &reader).levels
          #expect(levels == given.levels)
        }
      }
    }
  }

  // MARK: The header

  private func parsed(
    _ bytes: [UInt8], _ colorType: Image.ColorType = .rgb
  ) throws -> CoefficientSource {
    var reader = ByteReader(bytes)
    return try CoefficientSource(&reader, width: 50, height: 41, colorType: colorType)
  }

  @Test func theHeaderKeepsComponents() throws {
    for sample in JPEGSamples.others where sample.name != "grey factors" {
      let source = try source(sample.bytes)
      var writer = ByteWriter()
      source.write(to: &writer)
      var reader = ByteReader(writer.bytes)
      let again = try CoefficientSource(
        &reader, width: 20, height: 12, colorType: source.components!.colors.colorType)
      #expect(again == source && reader.remaining == 0)
    }
    // Steps of any two bytes.
    let table = QuantisationTable(steps: (1...64).map { Int32($0 * 1023) })
    let wide = CoefficientSource(
      ComponentPicture(.first, [.init(horizontal: 1, vertical: 1)]), tables: [table], width: 50,
      height: 41)
    var writer = ByteWriter()
    wide.write(to: &writer)
    #expect(try parsed(writer.bytes, .grey) == wide)
    for count in writer.bytes.indices {
      let part = Array(writer.bytes.prefix(count))
      #expect(throws: CodecError.self) { try parsed(part, .grey) }
    }
  }

  @Test func otherHeadersAreErrors() throws {
    let good: [UInt8] = [2 | 1 << 2, 0x22, 0x11, 0x11, 50, 150, 255, 1]
    #expect(try parsed(good).bandCount == 1)
    #expect(throws: CodecError.self) { try parsed(good, .grey) }
    let changes: [(Int, [UInt8])] = [
      // Colours that there are not, or that have other numbers of components.
      (0, [2, 3 | 1 << 2, 1 | 2 << 2, 2 | 3 << 2, 2 | 4 << 2, 2 | 5 << 2, 0x80 | 2 | 1 << 2]),
      (1, [0x00, 0x20, 0x02, 0x52, 0x25, 0xF1, 0x1F]), (3, [0x10, 0x01]),
      (4, [0, 201, 252, 253, 254, 255]), (7, [0, 7, 255]),
    ]
    for (place, values) in changes {
      for value in values {
        var bytes = good
        bytes[place] = value
        let changed = bytes
        #expect(throws: CodecError.self) { try parsed(changed) }
      }
    }
  }

  @Test func aFrameOfOtherFactorsIsRefused() async throws {
    let file = try await encoded(JPEGSamples.other("ycck"))
    var (header, end) = try ContainerFiles.header(of: file)
    guard case .coefficients(var source)? = header.source else { return }
    source.components!.factors[1].horizontal = 2
    source.grids = source.components!.grids(width: 20, height: 12)
    header.source = .coefficients(source)
    let other = header.bytes() + file[end...]
    await #expect(throws: CodecError.self) { try await decodeJPEG(ByteSource(other)) }
    await #expect(throws: CodecError.self) { try await decode(other) }
  }

  @Test(arguments: JPEGSamples.others)
  func damageNeverTraps(sample: JPEGSamples.Other) async throws {
    var random = SplitMix64(seed: 8)
    for _ in 0..<150 {
      var damaged = sample.bytes
      damaged[Int.random(in: 2..<damaged.count, using: &random)] ^= UInt8.random(
        in: 1...255, using: &random)
      guard let reader = try? ImageFormat.reader(of: ByteSource(damaged)) else { continue }
      _ = try ReadImage(reader)
    }
    let file = try await encoded(sample.bytes)
    let start = try ContainerFiles.header(of: file).end
    for _ in 0..<150 {
      let offset = Int.random(in: 5..<file.count, using: &random)
      let value = UInt8.random(in: 1...255, using: &random)
      let damaged =
        offset < start
        ? try ContainerFiles.setting(offset, to: value, in: file)
        : try ContainerFiles.flipping(offset, by: value, in: file)
      _ = try? await decode(damaged)
      if let restored = try? await decodeJPEG(ByteSource(damaged)) {
        #expect(restored == sample.bytes)
      }
    }
  }
}
