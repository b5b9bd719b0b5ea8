import Foundation
import RDCodec

/// Runs other codecs on the images that bench measures.
///
/// They get the image as PNG without metadata.
struct PeerBench: Sendable {
  /// A codec whose tools were found.
  private struct Runner: Sendable {
    var peer: Peer
    var encoder: Tool
    var decoder: Tool
  }

  /// What is compared in a lossless run beside the tools.
  static let png = "PNG"

  private let runners: [Runner]
  private let isLossless: Bool
  private let jobs: Int

  /// Notes every codec whose tools are missing.
  init(isLossless: Bool, jobs: Int, reporter: Reporter) {
    self.isLossless = isLossless
    self.jobs = jobs
    runners = Peer.all(lossless: isLossless).compactMap { peer in
      guard let encoder = Tool(peer.encoder), let decoder = Tool(peer.decoder) else {
        reporter.note(
          "\(peer.name) is left out: \(peer.encoder) and \(peer.decoder) are not on the PATH")
        return nil
      }
      return Runner(peer: peer, encoder: encoder, decoder: decoder)
    }
  }

  /// What every codec makes of one image; one that fails is noted and left out.
  func records(file: String, image: Image, reporter: Reporter) throws -> [PeerRecord] {
    guard [1, 2, 4, 8, 16].contains(image.depth) else {
      reporter.note(
        "\(InputFile.displayName(file)): no PNG has \(image.depth) bits: peers are left out")
      return []
    }
    var plain = image
    plain.metadata = []
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("rdcodec-peers-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let source = folder.appendingPathComponent("source.png")
    let start = ContinuousClock.now
    let png = try writeImage(plain, as: .png)
    let middle = ContinuousClock.now
    try Data(png).write(to: source)

    var records: [PeerRecord] = []
    let base = PeerRecord(
      codec: Self.png, file: file, setting: nil, pixelCount: image.pixelCount,
      sampleCount: image.pixelCount * image.planes.count, fileBits: 8 * png.count,
      encodeSeconds: (middle - start).seconds, decodeSeconds: 0)
    if isLossless {
      var record = base
      let clock = ContinuousClock.now
      _ = try readImage(png)
      record.decodeSeconds = (ContinuousClock.now - clock).seconds
      records.append(record)
    }
    let original = ColorPlanes(image).asRGB
    for runner in runners where image.depth <= runner.peer.maximumDepth {
      for setting in isLossless ? [nil] : runner.peer.settings.map(Optional.some) {
        var record = base
        record.codec = runner.peer.name
        record.setting = setting
        do {
          let decoded = try Self.measure(runner, source, setting, folder, jobs, &record)
          if !isLossless {
            let planes = ColorPlanes(decoded).asRGB
            record.psnr = PSNR.pooled(original, planes).flatMap { $0.isFinite ? $0 : nil }
            record.similarity = MSSSIM.mean(original, planes)
          }
          records.append(record)
        } catch {
          var failure = Failure(runner.peer.name, any: error)
          failure.subject = "\(InputFile.displayName(file)): \(failure.subject)"
          reporter.report(failure)
          break
        }
      }
    }
    return records
  }

  /// Encodes and decodes once; fills in size and times, and returns what comes back.
  private static func measure(
    _ runner: Runner, _ source: URL, _ setting: Double?, _ folder: URL, _ jobs: Int,
    _ record: inout PeerRecord
  ) throws -> Image {
    let packed = folder.appendingPathComponent("packed.\(runner.peer.fileExtension)").path
    let restored = folder.appendingPathComponent("restored.png").path
    record.encodeSeconds = try runner.encoder.run(
      runner.peer.encodeArguments(source.path, packed, setting, jobs))
    record.fileBits = 8 * (try InputFile.read(packed).count)
    record.decodeSeconds = try runner.decoder.run(runner.peer.decodeArguments(packed, restored))
    return try readImage(try InputFile.read(restored))
  }
}
