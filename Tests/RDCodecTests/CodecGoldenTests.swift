import Foundation
import TestSupport
import Testing

@testable import DecoderCore
@testable import RDCodec

/// Files that were written once, which every later decoder must read as the first one did.
///
/// `Golden/v9/NAME.rdc` has beside it `NAME.txt`: the CRC-32 of its image, then that of its
/// preview, then that of its JPEG file. With UPDATE_GOLDEN=1 in the environment files that are missing are written; one that
/// exists is never changed.
@Suite struct CodecGoldenTests {
  struct Sample: Sendable, CustomTestStringConvertible {
    var name: String
    var options = EncoderOptions.lossless
    var image: @Sendable () -> Image = { CodecGoldenTests.synthetic(.init(.rgb, 8)) }
    /// A JPEG file that is kept, in place of the image.
    var jpeg: [UInt8]?
    var testDescription: String { name }
  }

  /// Every content, kind of source, method and profile of the residual, and both models.
  static let samples: [Sample] = [
    Sample(name: "palette", image: { synthetic(.init(.palette, 4)) }),
    Sample(name: "lossless-rgb", options: .init(mode: .lossless(preview: 20))),
    Sample(name: "lossless-grey16", image: { synthetic(.init(.grey, 16)) }),
    Sample(name: "no-preview", options: .init(hasPreview: false)),
    Sample(name: "wavefront-1", options: .init(effort: 1), image: largePhotograph),
    Sample(name: "wavefront-2", options: .init(effort: 2), image: largePhotograph),
    Sample(name: "wavefront-3", options: .init(effort: 3), image: largePhotograph),
    Sample(name: "wavefront-4", options: .init(effort: 4), image: largePhotograph),
    Sample(
      name: "wavefront-5", options: .init(effort: 5, hasPreview: false), image: largePhotograph),
    Sample(name: "wavefront-6", options: .init(effort: 9), image: largePhotograph),
    Sample(
      name: "wavefront-grey16", options: .init(effort: 3),
      image: { SyntheticImages.image(.init(.grey, 16), width: 150, height: 130) }),
    Sample(
      name: "wavefront-rgba16", options: .init(effort: 5),
      image: { SyntheticImages.image(.init(.rgba, 16), width: 140, height: 130) }),
    Sample(name: "effort-2", options: .init(effort: 2), image: photograph),
    Sample(name: "effort-3", options: .init(effort: 3), image: photograph),
    Sample(name: "effort-4", options: .init(effort: 4), image: photograph),
    Sample(name: "effort-7", options: .init(effort: 7), image: photograph),
    Sample(name: "effort-9", options: .init(effort: 9), image: photograph),
    Sample(name: "planar-3", options: .init(effort: 3), image: tilePhotograph),
    Sample(name: "planar-4", options: .init(effort: 4), image: tilePhotograph),
    Sample(name: "planar-7", options: .init(effort: 7), image: tilePhotograph),
    Sample(name: "planar-9", options: .init(effort: 9), image: tilePhotograph),
    Sample(name: "enlarged", image: enlarged),
    Sample(name: "lossy-rgba", options: approximation(60), image: { synthetic(.init(.rgba, 8)) }),
    Sample(name: "lossy-grey", options: approximation(30), image: { synthetic(.init(.grey, 8)) }),
    Sample(
      name: "lossy-visual", options: approximation(50, .visual),
      image: photograph),
    Sample(
      name: "lossy-tiles", options: approximation(2),
      image: { SyntheticImages.photograph(width: 900, height: 40) }),
    Sample(
      name: "lossy-filter", options: approximation(75),
      image: {
        var image = SyntheticImages.photograph(width: 900, height: 60)
        image.planes[2] = image.planes[2].map { $0 / 3 }
        return image
      }),
    Sample(
      name: "lossy-range", options: approximation(60),
      image: {
        var image = photograph()
        image.depth = 16
        image.planes = image.planes.map { $0.map { 16 * $0 + 1000 } }
        return image
      }),
    Sample(
      name: "peak-1000",
      image: {
        var image = synthetic(.init(.grey, 10))
        image.statedPeak = 1000
        image.planes = image.planes.map { $0.map { min($0, 1000) } }
        return image
      }),
    Sample(name: "within-2", options: .init(mode: .nearLossless(maximumError: 2))),
    Sample(
      name: "within-9", options: .init(mode: .nearLossless(maximumError: 9)), image: photograph),
    Sample(name: "lattice", image: { SourceImages.jpegLike(.bilinear, width: 95, height: 71) }),
    Sample(
      name: "jpeg",
      image: {
        CoefficientImages.image(
          .init(
            name: "4:2:0 cropped", sampling: CoefficientImages.Kind.half, left: 5, top: 2,
            contrast: 2), width: 75, height: 60)
      }),
    Sample(
      name: "jpeg-grey",
      image: { CoefficientImages.image(.init(name: "grey", isGrey: true), width: 75, height: 60) }),
    Sample(
      name: "jpeg-scaled-fast",
      image: {
        CoefficientImages.image(
          .init(
            name: "both", sampling: CoefficientImages.Kind.replicated, left: 5, top: 2,
            method: .fast, scalesChroma: true), width: 75, height: 60)
      }),
    Sample(name: "jpeg-file", jpeg: JPEGSamples.all[0]),
    Sample(name: "jpeg-file-progressive", jpeg: JPEGSamples.all[1]),
    Sample(name: "jpeg-file-ycck", jpeg: JPEGSamples.other("ycck")),
    Sample(name: "jpeg-file-rgb", jpeg: JPEGSamples.other("rgb")),
    Sample(name: "jpeg-file-odd", jpeg: JPEGSamples.other("thirds")),
    Sample(name: "jpeg-file-steps", jpeg: JPEGSamples.other("large steps")),
    Sample(name: "jpeg-file-grey", options: .init(hasPreview: false), jpeg: JPEGSamples.all[2]),
    Sample(name: "effort-1", options: .init(effort: 1), image: photograph),
    Sample(name: "drawing-1", options: .init(effort: 1), image: { drawing(90, 110) }),
    Sample(name: "drawing-3", options: .init(effort: 3), image: { drawing(90, 110) }),
    Sample(name: "drawing-5", image: { drawing(90, 110) }),
    Sample(name: "drawing-7", options: .init(effort: 7), image: { drawing(90, 110) }),
    Sample(name: "drawing-9", options: .init(effort: 9), image: { drawing(90, 110) }),
    Sample(name: "drawing-wide", image: { drawing(2060, 24) }),
    Sample(name: "drawing-2048", image: { drawing(2048, 18) }),
    Sample(name: "bilevel", options: .init(hasPreview: false), image: page),
    Sample(name: "dither", options: .init(hasPreview: false), image: dither),
    Sample(name: "thin", options: .init(hasPreview: false), image: { drawing(3000, 2) }),
    Sample(name: "surfaces", options: .init(hasPreview: false), image: surfaces),
    Sample(name: "follows", image: follows),
    Sample(name: "wavefront-streams", options: .init(effort: 1), image: { grain(of: 4) }),
    Sample(name: "wavefront-shared", options: .init(effort: 1), image: { grain(of: 1) }),
    Sample(name: "beside", image: beside),
    Sample(name: "wider", options: .init(effort: 3), image: wider),
    Sample(name: "noise", options: .init(hasPreview: false), image: noise),
    Sample(name: "palette-alpha", image: { synthetic(.init(.palette, 8)) }),
    Sample(name: "grey-1", image: { synthetic(.init(.grey, 1)) }),
    Sample(name: "grey-alpha", image: { synthetic(.init(.greyAlpha, 8)) }),
    Sample(name: "rgb-16", image: { synthetic(.init(.rgb, 16)) }),
    Sample(name: "rgba-16", options: .init(effort: 1), image: { synthetic(.init(.rgba, 16)) }),
    Sample(
      name: "visual-preview",
      options: .init(mode: .lossless(preview: 30), tuning: .visual), image: photograph),
    Sample(
      name: "two-tiles", image: { SyntheticImages.photograph(width: 900, height: 24) }),
    Sample(
      name: "two-tiles-1", options: .init(effort: 1),
      image: { SyntheticImages.photograph(width: 24, height: 900) }),
    Sample(name: "lattice-unknown", image: { SourceImages.unknownLattice(width: 70, height: 60) }),
    Sample(
      name: "lattice-1", options: .init(effort: 1),
      image: { SourceImages.jpegLike(.triangle, width: 95, height: 71) }),
  ]

  private static func approximation(
    _ quality: Double, _ tuning: Tuning = .psnr
  ) -> EncoderOptions {
    EncoderOptions(mode: .lossy(quality: quality), tuning: tuning, allowsExact: false)
  }

  private static func synthetic(_ kind: SyntheticImages.Kind) -> Image {
    SyntheticImages.image(kind, width: 37, height: 22, hasMetadata: true)
  }

  @Sendable private static func photograph() -> Image {
    SyntheticImages.photograph(width: 48, height: 40)
  }

  /// Nearly large enough for the wavefront.
  @Sendable private static func tilePhotograph() -> Image {
    SyntheticImages.photograph(width: 126, height: 120)
  }

  /// Large enough for the wavefront.
  @Sendable private static func largePhotograph() -> Image {
    SyntheticImages.photograph(width: 144, height: 120)
  }

  /// Areas of few colours with irregular edges, and letters that come again.
  @Sendable private static func drawing(_ width: Int, _ height: Int) -> Image {
    let colors: [[UInt16]] = [[255, 255, 255], [20, 20, 30], [200, 60, 40], [30, 90, 200]]
    let places = (0..<width * height).map { place -> Int in
      let (x, y) = (place % width, place / width)
      if (x / 3 + y / 4 * 5) % 7 == 0 && y % 16 < 8 { return 1 }
      return (x * x + y * 9) / 700 % 3 == 1 ? 2 + (x + y) / 40 % 2 : 0
    }
    return Image(
      width: width, height: height, colorType: .rgb, depth: 8,
      planes: (0..<3).map { plane in places.map { colors[$0][plane] } })
  }

  /// Rings and a dither, of one bit.
  @Sendable private static func page() -> Image {
    let bits = (0..<140 * 90).map { place -> UInt16 in
      let x: Int = place % 140
      let y: Int = place / 140
      let ring: Int = (x * x + y * y) / 200
      if x < 70 { return UInt16(ring & 1) }
      let threshold: Int = (x * 5 + y * 3) % 8
      return threshold < x / 18 ? 1 : 0
    }
    return Image(width: 140, height: 90, colorType: .grey, depth: 1, planes: [bits])
  }

  /// A slope under ordered thresholds, of one bit.
  @Sendable private static func dither() -> Image {
    Image(
      width: 150, height: 100, colorType: .grey, depth: 1,
      planes: [SyntheticImages.dither(width: 150, height: 100)])
  }

  /// Sixteen bits that rise evenly.
  @Sendable private static func surfaces() -> Image {
    let samples = (0..<80 * 60).map { (place: Int) -> UInt16 in
      UInt16(3 * (place % 80)) + UInt16(5 * (place / 80))
    }
    return Image(width: 80, height: 60, colorType: .grey, depth: 16, planes: [samples])
  }

  /// A photograph in which red and blue follow from green.
  @Sendable private static func follows() -> Image {
    var image = largePhotograph()
    image.planes[0] = image.planes[1].map { UInt16(Int($0) * Int($0) / 255) }
    image.planes[2] = image.planes[1]
    return image
  }

  /// A photograph in which red is green, three columns to the right.
  @Sendable private static func beside() -> Image {
    var image = largePhotograph()
    let green = image.planes[1]
    let width = image.width
    image.planes[0] = green.indices.map { $0 % width + 3 < width ? green[$0 + 3] : 9 }
    return image
  }

  /// A photograph of few colours as RGBA of 16 bits, all of it opaque.
  @Sendable private static func wider() -> Image {
    var image = photograph()
    let green = image.planes[1].map { $0 / 16 * 16 * 257 }
    image.planes = [green.map { 65535 - $0 }, green, image.planes[1].map { ($0 & 1) * 65535 }]
    image.planes.append(green.map { _ in 65535 })
    (image.depth, image.colorType) = (16, .rgba)
    return image
  }

  /// A slope of which so many fifths of the samples are one more or not, as large as a tile whose planes may
  /// have a stream each.
  private static func grain(of fifths: Int) -> Image {
    var random = SplitMix64(seed: 6)
    let (width, height) = (512, 256)
    return Image(
      width: width, height: height, colorType: .rgb, depth: 8,
      planes: (0..<3).map { plane in
        (0..<width * height).map { place in
          let slope = UInt16(place % width / 4 + place / width / 3 + 10 * plane)
          return slope + (place % 5 < fifths ? UInt16.random(in: 0...1, using: &random) : 0)
        }
      })
  }

  @Sendable private static func noise() -> Image {
    var random = SplitMix64(seed: 4)
    return Image(
      width: 40, height: 30, colorType: .rgb, depth: 8,
      planes: (0..<3).map { _ in
        (0..<40 * 30).map { _ in UInt16(UInt8.random(in: 0...255, using: &random)) }
      })
  }

  /// Every column three times, every row twice.
  @Sendable static func enlarged() -> Image {
    var image = synthetic(.init(.rgb, 8))
    image.planes = image.planes.map { plane in
      (0..<2 * 22).flatMap { y in (0..<3 * 37).map { x in plane[y / 2 * 37 + x / 3] } }
    }
    (image.width, image.height) = (3 * 37, 2 * 22)
    return image
  }

  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Golden/v\(Header.version)")

  private static let isUpdating = ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1"

  /// The names of all files, of any version, relative to the folder of goldens.
  static let names: [String] = {
    let root = folder.deletingLastPathComponent()
    let names = FileManager.default.enumerator(atPath: root.path)?.compactMap { $0 as? String }
    return (names ?? []).filter { $0.hasSuffix(".rdc") }.sorted()
  }()

  @Test(.enabled(if: isUpdating, "UPDATE_GOLDEN=1 writes missing files"), arguments: samples)
  func writesMissingFiles(sample: Sample) async throws {
    let place = Self.folder.appendingPathComponent(sample.name + ".rdc")
    guard !FileManager.default.fileExists(atPath: place.path) else { return }
    let bytes =
      if let jpeg = sample.jpeg {
        try await encode(ImageFormat.reader(of: ByteSource(jpeg)), sample.options).pieces
          .flatMap { $0 }
      } else {
        try await encode(sample.image(), sample.options).bytes
      }
    let sums = try await checksums(bytes)
    try FileManager.default.createDirectory(at: Self.folder, withIntermediateDirectories: true)
    try Data(bytes).write(to: place)
    try Data((sums + "\n").utf8).write(to: textFile(of: place))
  }

  @Test(.disabled(if: isUpdating, "files are being written")) func noneIsMissing() {
    #expect(Self.names.count >= Self.samples.count)
  }

  @Test(arguments: names)
  func decodesAsEver(name: String) async throws {
    let root = Self.folder.deletingLastPathComponent()
    let place = root.appendingPathComponent(name)
    let expected = try String(contentsOf: textFile(of: place), encoding: .utf8)
    let sums = try await checksums(Array(Data(contentsOf: place)))
    #expect(sums + "\n" == expected)
  }

  /// What the files of this version hold, read from their own streams: so that no method, profile,
  /// source, model or kind of samples goes without one.
  @Test(.disabled(if: isUpdating, "files are being written")) func filesCoverTheFormat() throws {
    var methods: Set<UInt8> = []
    var (kinds, sources, models): (Set<String>, Set<String>, Set<String>) = ([], [], [])
    for name in Self.names where name.hasPrefix(Self.folder.lastPathComponent + "/") {
      let root = Self.folder.deletingLastPathComponent()
      let bytes = try Array(Data(contentsOf: root.appendingPathComponent(name)))
      let stream = try Bitstream(bytes, limits: .default)
      let header = stream.header
      let depth = header.depth > 8 ? "16" : header.depth == 1 ? "1" : "8"
      kinds.insert("\(header.colorType) \(depth)")
      kinds.insert("\(header.content)")
      if header.content == .lossless, header.tiling.tileCount > 1 { kinds.insert("two tiles") }
      if header.tiling.tiles.contains(where: { $0.columns.count == 2048 }) { kinds.insert("2048") }
      if header.content == .lossless {
        sources.insert(header.source?.name ?? "none")
      }
      if header.hasLatents { models.insert(try inspect(bytes).modelIdentifier) }
      // A method's byte begins the residual of a tile; a source's streams are others.
      guard header.source == nil else { continue }
      for residual in stream.residuals {
        let first = bytes[residual.lowerBound]
        methods.insert(first)
        // A wavefront's profile is in the same byte.
        #expect(first >> 4 < ResidualMethod.allCases.count)
      }
    }
    let planar = ResidualProfile.all.map { UInt8(ResidualMethod.planar.rawValue << 4 | $0.id) }
    let wavefront = WavefrontProfile.all.map {
      UInt8(ResidualMethod.wavefront.rawValue << 4 | $0.id)
    }
    let others = [ResidualMethod.stored, .candidates, .bitwise, .bilevel, .dither].map {
      UInt8($0.rawValue)
    }
    #expect(methods.isSuperset(of: planar), "planar: \(methods.sorted())")
    #expect(methods.isSuperset(of: wavefront), "wavefront: \(methods.sorted())")
    for method in others {
      #expect(methods.contains { $0 >> 4 == method }, "method \(method): \(methods.sorted())")
    }
    #expect(models == Set(Tuning.allCases.map { BuiltIn.modelIdentifier(of: $0) }))
    #expect(
      sources.contains { $0.hasSuffix(", the file") } && sources.count >= 5, "\(sources.sorted())")
    for kind in [
      "grey 1", "grey 8", "grey 16", "greyAlpha 8", "rgb 8", "rgb 16", "rgba 8", "rgba 16",
      "palette 8", "lossless", "lattice", "steps", "latentsOnly", "latentsAndAlpha", "two tiles",
      "2048",
    ] { #expect(kinds.contains(kind), "\(kind): \(kinds.sorted())") }
  }

  private func textFile(of place: URL) -> URL {
    place.deletingPathExtension().appendingPathExtension("txt")
  }

  /// The CRC-32 of the layers' images, in hexadecimal.
  private func checksums(_ bytes: [UInt8]) async throws -> String {
    var sums: [String] = []
    let hasPreview = try inspect(bytes).latentReduction > 0
    for layer in [DecoderOptions.Layer.full, .preview] where layer == .full || hasPreview {
      let image = try await decode(bytes, DecoderOptions(layer: layer))
      sums.append(String(checksum(of: image), radix: 16))
    }
    if let jpeg = try? await decodeJPEG(ByteSource(bytes)) {
      sums.append(String(Checksum.crc32(jpeg, in: jpeg.indices), radix: 16))
    }
    return sums.joined(separator: " ")
  }

  /// CRC-32 of all that an image says; unlike a PNG's it does not depend on zlib's version.
  private func checksum(of image: Image) -> UInt32 {
    var writer = ByteWriter()
    for value in [image.width, image.height, image.depth, image.paletteAlphaCount] {
      writer.varint(value)
    }
    writer.uint8(image.colorType.rawValue)
    for entry in image.palette {
      writer.append([entry.red, entry.green, entry.blue, entry.alpha])
    }
    for value in image.transparentColor ?? [] { writer.uint16(Int(value)) }
    for item in image.metadata {
      guard let chunk = item.pngChunk else { continue }
      writer.append(Array(chunk.type.utf8) + [item.position.rawValue] + chunk.payload)
    }
    for plane in image.planes {
      for sample in plane { writer.uint16(Int(sample)) }
    }
    return Checksum.crc32(writer.bytes, in: 0..<writer.bytes.count)
  }
}
