import Foundation
import TestSupport
import Testing

@testable import RDCodec

/// Files of every format version, which every later decoder must read as the first one did.
///
/// `Golden/v4/NAME.rdc` has beside it `NAME.txt`: the CRC-32 of its image, then that of its
/// preview. With UPDATE_GOLDEN=1 in the environment files that are missing are written; one that
/// exists is never changed.
@Suite struct CodecGoldenTests {
  struct Sample: Sendable, CustomTestStringConvertible {
    var name: String
    var mode: EncoderOptions.Mode
    var kind: SyntheticImages.Kind
    /// In the place of `kind`.
    var coefficients: CoefficientImages.Kind?
    var testDescription: String { name }
  }

  static let samples: [Sample] = [
    Sample(name: "palette", mode: .lossless(preview: nil), kind: .init(.palette, 4)),
    Sample(name: "lossless-rgb", mode: .lossless(preview: 20), kind: .init(.rgb, 8)),
    Sample(name: "lossless-grey16", mode: .lossless(preview: nil), kind: .init(.grey, 16)),
    Sample(name: "lossy-rgba", mode: .lossy(quality: 60), kind: .init(.rgba, 8)),
    Sample(
      name: "jpeg", mode: .lossless(preview: nil), kind: .init(.rgb, 8),
      coefficients: .init(
        name: "4:2:0 cropped", sampling: CoefficientImages.Kind.half, left: 5, top: 2,
        contrast: 2)),
  ]

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
    let image =
      sample.coefficients.map { CoefficientImages.image($0, width: 75, height: 60) }
      ?? SyntheticImages.image(sample.kind, width: 37, height: 22, hasMetadata: true)
    let file = try await encode(image, EncoderOptions(mode: sample.mode))
    let sums = try await checksums(file.bytes)
    try FileManager.default.createDirectory(at: Self.folder, withIntermediateDirectories: true)
    try Data(file.bytes).write(to: place)
    try Data((sums + "\n").utf8).write(to: textFile(of: place))
  }

  @Test(arguments: names)
  func decodesAsEver(name: String) async throws {
    let root = Self.folder.deletingLastPathComponent()
    let place = root.appendingPathComponent(name)
    let expected = try String(contentsOf: textFile(of: place), encoding: .utf8)
    let sums = try await checksums(Array(Data(contentsOf: place)))
    #expect(sums + "\n" == expected)
  }

  private func textFile(of place: URL) -> URL {
    place.deletingPathExtension().appendingPathExtension("txt")
  }

  /// The CRC-32 of both layers' images, in hexadecimal.
  private func checksums(_ bytes: [UInt8]) async throws -> String {
    var sums: [String] = []
    for layer in [DecoderOptions.Layer.full, .preview] {
      let image = try await decode(bytes, DecoderOptions(layer: layer))
      sums.append(String(checksum(of: image), radix: 16))
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
    for chunk in image.metadata {
      writer.append(Array(chunk.type.utf8) + [chunk.position.rawValue] + chunk.bytes)
    }
    for plane in image.planes {
      for sample in plane { writer.uint16(Int(sample)) }
    }
    return Zlib.crc32(writer.bytes, in: 0..<writer.bytes.count)
  }
}
