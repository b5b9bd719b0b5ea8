import TestSupport
import Testing

@testable import DecoderCore
@testable import RDCodec

@Suite struct ContainerHeaderTests {
  private func header(_ tiling: Tiling, _ kind: SyntheticImages.Kind = .init(.rgb, 8)) -> Header {
    let entry = Header.StreamEntry(byteCount: 300, checksum: 0xDEAD_BEEF)
    let image = SyntheticImages.image(kind, width: 3, height: 3, hasMetadata: true)
    let entries = [Header.StreamEntry](repeating: entry, count: tiling.tileCount)
    return Header(
      content: .lossless, colorType: kind.colorType, depth: kind.depth, width: tiling.width,
      height: tiling.height, replication: .none, tiling: tiling, latentShift: 0,
      position: QualityPosition(quality: 33), modelName: 0x0123_4567, boxes: Boxes(image),
      latents: entries, residuals: entries,
      contents: .init(
        latents: entries.map { _ in 0x1234_5678 }, samples: entries.map { _ in 0x9ABC_DEF0 }))
  }

  /// The header's fields before the boxes, then `boxes`.
  private func file(boxes: (inout ByteWriter) -> Void) -> [UInt8] {
    let plain = header(Tiling(width: 13, height: 7)).bytes()
    var writer = ByteWriter()
    writer.append(Array(plain[..<ContainerFiles.Offset.boxes]))
    boxes(&writer)
    return ContainerFiles.withChecksum(writer.bytes)
  }

  private func parse(_ bytes: [UInt8]) throws(CodecError) -> Header {
    try Header.parse(bytes, limits: .default).header
  }

  @Test(arguments: SyntheticImages.kinds)
  func parsesWhatItWrote(kind: SyntheticImages.Kind) throws {
    for tiling in [
      Tiling(width: 2000, height: 900),
      Tiling(width: 2000, height: 900, tileWidthUnits: 128, tileHeightUnits: 30),
    ] {
      let header = header(tiling, kind)
      let bytes = header.bytes()
      let parsed = try Header.parse(bytes + [1, 2, 3], limits: .default)
      #expect(parsed.header == header)
      #expect(parsed.end == bytes.count)
    }
  }

  /// Of one tile without residual.
  private static func lossy(filter: WienerFilter?) -> Header {
    let entry = Header.StreamEntry(byteCount: 300, checksum: 0xDEAD_BEEF)
    return Header(
      content: .latentsOnly, colorType: .rgb, depth: 8, width: 13, height: 7, replication: .none,
      tiling: Tiling(width: 13, height: 7), latentShift: 0,
      position: QualityPosition(quality: 33), modelName: 0x0123_4567, filter: filter,
      boxes: Boxes(SyntheticImages.image(.init(.rgb, 8), width: 1, height: 1)), latents: [entry],
      residuals: [], contents: .init(latents: [1], samples: [2]))
  }

  @Test func parsesEveryKindOfHeader() throws {
    let filter = WienerFilter(fineness: 11, levels: (0..<48).map { $0 % 7 - 3 })
    var headers = [
      ContainerHeaderTests.lossy(filter: nil), ContainerHeaderTests.lossy(filter: filter),
    ]
    var alpha = ContainerHeaderTests.lossy(filter: filter)
    (alpha.content, alpha.colorType, alpha.depth) = (.latentsAndAlpha, .greyAlpha, 16)
    alpha.residuals = alpha.latents
    headers.append(alpha)
    var preview = ContainerHeaderTests.lossy(filter: nil)
    preview.latentShift = 5
    headers.append(preview)
    var bare = header(Tiling(width: 13, height: 7))
    (bare.hasLatents, bare.position, bare.modelName, bare.latents) = (false, .lowest, 0, [])
    bare.contents.latents = []
    headers.append(bare)
    for content in [Header.Content.lattice, .steps] {
      var near = header(Tiling(width: 13, height: 7))
      (near.content, near.maximumError) = (content, 16)
      headers.append(near)
    }
    var repeated = header(Tiling(width: 13, height: 7))
    repeated.replication = PixelReplication(columns: 3, rows: 2)
    (repeated.width, repeated.height) = (39, 14)
    headers.append(repeated)
    for header in headers {
      let bytes = header.bytes()
      #expect(try parse(bytes) == header)
      for count in bytes.indices {
        #expect(throws: CodecError.self) { try parse(Array(bytes.prefix(count))) }
      }
    }
  }

  @Test func refusesWhatOnlyOtherContentsHave() throws {
    var filtered = ContainerHeaderTests.lossy(
      filter: WienerFilter(fineness: 11, levels: (0..<48).map { $0 % 7 - 3 }))
    filtered.latentShift = 1
    #expect(throws: CodecError.self) { try parse(filtered.bytes()) }
    let lossy = ContainerHeaderTests.lossy(filter: nil)
    try refuses(
      [0xF0], at: ContainerFiles.Offset.quality + 1, of: lossy, field: "scale of the latents")
  }

  @Test func everyTruncationThrows() {
    let bytes = header(Tiling(width: 2000, height: 900), .init(.palette, 2)).bytes()
    for count in bytes.indices {
      #expect(throws: CodecError.self) { try parse(Array(bytes.prefix(count))) }
    }
  }

  @Test func everyChangedByteThrows() {
    let bytes = header(Tiling(width: 2000, height: 900)).bytes()
    for index in bytes.indices {
      var damaged = bytes
      damaged[index] ^= 0x10
      #expect(throws: CodecError.self) { try parse(damaged) }
    }
  }

  @Test func refusesOtherFilesAndVersions() throws {
    #expect(throws: CodecError.notBitstream(nil)) { try parse(Array("not a bitstream".utf8)) }
    #expect(throws: CodecError.notBitstream(.png)) { try parse([0x89, 0x50, 0x4E, 0x47]) }
    #expect(throws: CodecError.truncated(at: 2)) { try parse([0x8F, 0x52]) }
    let bytes = header(Tiling(width: 13, height: 7)).bytes()
    for version in [UInt8(0), 1, Header.version + 1, 255] {
      let other = try ContainerFiles.setting(ContainerFiles.Offset.version, to: version, in: bytes)
      let error = #expect(throws: CodecError.self) { try parse(other) }
      guard case .otherVersion(Int(version)) = error else {
        Issue.record("threw \(String(describing: error))")
        continue
      }
    }
  }

  @Test(
    arguments: [
      (ContainerFiles.Offset.content, [5, 255], "content"),
      (ContainerFiles.Offset.colorType, [0x39, 0x3D, 0x3F], "colour type"),
      (ContainerFiles.Offset.colorType, [0xBA, 0xB8], "widening"),
      (ContainerFiles.Offset.width, [0], "size"),
      (ContainerFiles.Offset.height, [0], "size"),
      (ContainerFiles.Offset.quality + 1, [9, 0x1F, 0xF8], "quality"),
      (ContainerFiles.Offset.quality + 1, [0x60, 0xE0], "scale of the latents"),
    ] as [(Int, [UInt8], String)])
  func refusesValuesThatNoFieldHas(offset: Int, values: [UInt8], field: String) throws {
    try refuses(values, at: offset, of: header(Tiling(width: 13, height: 7)), field: field)
  }

  @Test(
    arguments: [
      (ContainerFiles.Offset.replication, [0], "column repetition"),
      (ContainerFiles.Offset.replication + 1, [0], "row repetition"),
      (ContainerFiles.Offset.tileWidth, [0, 129, 255], "tile width"),
      (ContainerFiles.Offset.tileHeight, [129, 255], "tile height"),
    ] as [(Int, [UInt8], String)])
  func refusesLayoutsThatNoFileHas(offset: Int, values: [UInt8], field: String) throws {
    let tiling = Tiling(width: 13, height: 7, tileWidthUnits: 2, tileHeightUnits: 2)
    try refuses(values, at: offset, of: header(tiling), field: field)
  }

  private func refuses(
    _ values: [UInt8], at offset: Int, of header: Header, field: String
  ) throws {
    for value in values {
      let damaged = try ContainerFiles.setting(offset, to: value, in: header.bytes())
      let error = #expect(throws: CodecError.self) { try parse(damaged) }
      guard case .corrupt(field, _) = error else {
        Issue.record("\(value) threw \(String(describing: error))")
        continue
      }
    }
  }

  @Test(
    arguments: [
      (2_000_000, 1, .width), (1, 2_000_000, .height),
      (Int(Int32.max), Int(Int32.max), .pixelCount), (1_000_000, 1_000_000, .pixelCount),
    ] as [(Int, Int, DecoderLimits.Quantity)])
  func refusesHugeImages(width: Int, height: Int, what: DecoderLimits.Quantity) {
    var header = header(Tiling(width: 13, height: 7))
    header.width = width
    header.height = height
    let error = #expect(throws: CodecError.self) { try parse(header.bytes()) }
    guard case .limitExceeded(what, _, _) = error else {
      Issue.record("threw \(String(describing: error))")
      return
    }
  }

  @Test func refusesASideThatTheFormatDoesNotAllow() {
    var header = header(Tiling(width: 13, height: 7))
    header.width = 1 << 31
    let error = #expect(throws: CodecError.self) { try parse(header.bytes()) }
    guard case .corrupt("width", _) = error else {
      Issue.record("threw \(String(describing: error))")
      return
    }
  }

  @Test func refusesATileTableThatTheFileCannotHold() {
    var header = header(Tiling(width: 13, height: 7))
    header.width = 16000
    header.height = 16000
    let bytes = header.bytes()
    #expect(throws: CodecError.truncated(at: bytes.count)) { try parse(bytes) }
  }

  @Test(arguments: [2, 200, 254, 1000, 65534])
  func keepsThePeak(peak: Int) throws {
    var header = header(Tiling(width: 13, height: 7))
    header.depth = Int.bitWidth - peak.leadingZeroBitCount
    header.boxes.statedPeak = peak
    let parsed = try parse(header.bytes())
    #expect(parsed == header && parsed.peak == peak)
  }

  /// The largest sample takes the header's depth, or no image is decoded.
  @Test(arguments: [0, 1, 127, 255, 256, 65535])
  func refusesAPeakOfAnotherDepth(peak: Int) async throws {
    let (whole, end) = try ContainerFiles.header(of: try await ContainerFiles.small())
    var header = whole
    header.boxes.statedPeak = peak
    let bytes = header.bytes() + (try await ContainerFiles.small())[end...]
    for layer in [DecoderOptions.Layer.full, .preview] {
      await #expect(throws: CodecError.self) {
        try await decode(bytes, DecoderOptions(layer: layer))
      }
    }
  }

  @Test func refusesMetadataThatInflatesBeyondWhatItSays() {
    let deflated = Zlib.deflate([UInt8](repeating: 0, count: 1 << 22))
    func error(claiming count: Int) -> CodecError? {
      let bytes = file { writer in
        writer.varint(count)
        writer.varint(deflated.count)
        writer.append(deflated)
      }
      return #expect(throws: CodecError.self) { try parse(bytes) }
    }
    for count in [(64 << 20) + 2049, 1 << 40] {
      guard case .limitExceeded = error(claiming: count) else {
        Issue.record("\(count) bytes were not refused")
        continue
      }
    }
    for count in [100, 1 << 20, 1 << 22 + 1] {
      guard case .corrupt = error(claiming: count) else {
        Issue.record("metadata that is not of \(count) bytes was not refused")
        continue
      }
    }
  }

  @Test(
    arguments: [
      [9], [1], [1, 255, 0, 0], [1, 0, 2, 0, 1, 2, 3], [2, 2, 0, 0, 0, 0], [2, 3, 0, 0],
      [3, 0x67, 0x41, 0x4D, 0x31, 0, 0], [3, 0x67, 0x41, 0x4D, 0x41, 3, 0],
      [3, 0x67, 0x41, 0x4D, 0x41, 0, 9, 1], [4], [4, 200], [1, 0, 0, 0, 1, 2, 3, 4, 200, 0],
    ] as [[UInt8]])
  func refusesDamagedBoxes(plain: [UInt8]) {
    let deflated = Zlib.deflate(plain)
    let bytes = file { writer in
      writer.varint(plain.count)
      writer.varint(deflated.count)
      writer.append(deflated)
    }
    let error = #expect(throws: CodecError.self) { try parse(bytes) }
    switch error {
    case .corrupt, .truncated: break
    default: Issue.record("threw \(String(describing: error))")
    }
  }
}
