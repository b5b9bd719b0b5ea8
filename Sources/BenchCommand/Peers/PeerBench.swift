import CommandSupport
import RDCodec

/// Runs other codecs on the images that bench measures.
final class PeerBench {
  private let folder: URL
  private let isLossless: Bool
  private let reporter: Reporter
  private let limits: DecoderLimits
  let runners: [PeerRunner]
  private(set) var sources: [PeerSource] = []
  /// The files that were measured, as far as they are PNG or JPEG, in a lossless run.
  private var fileRecords: [PeerRecord] = []

  /// Notes every codec whose tools are missing.
  init(isLossless: Bool, jobs: Int, limits: DecoderLimits, reporter: Reporter) throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("rdcodec-peers-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    self.folder = folder
    self.isLossless = isLossless
    self.reporter = reporter
    self.limits = limits
    runners = Peer.all(lossless: isLossless).compactMap { choices in
      for peer in choices {
        if let runner = PeerRunner(peer, folder: folder, jobs: jobs, limits: limits) {
          return runner
        }
      }
      guard let peer = choices.last else { return nil }
      reporter.note(
        "\(peer.name) is left out: \(peer.encoder) and \(peer.decoder) are not on the PATH")
      return nil
    }
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  /// Keeps an image for the tools; notes one that they cannot get.
  ///
  /// They are given pixels: of a JPEG file that is kept as it is there is nothing to compare with
  /// but the file.
  func add(_ input: BenchInput, keepsFile: Bool) throws {
    if isLossless, input.format == PeerRecord.png || keepsFile {
      fileRecords.append(
        PeerRecord(
          codec: input.format, file: input.file, pixelCount: input.image.pixelCount,
          sampleCount: input.image.pixelCount * input.image.planes.count,
          fileBits: 8 * input.byteCount, decodeSeconds: input.readSeconds))
    }
    guard !keepsFile else {
      reporter.note(
        "\(InputFile.displayName(input.file)): the JPEG file is kept byte for byte: peers, which "
          + "get pixels, are left out")
      return
    }
    guard let source = try PeerSource(input, number: sources.count, folder: folder, limits: limits)
    else {
      reporter.note(
        "\(InputFile.displayName(input.file)): no PNG has \(input.image.depth) bits: "
          + "peers are left out")
      return
    }
    sources.append(source)
  }

  /// What every codec makes of the images; an image that a codec fails at is noted, and left out
  /// there.
  ///
  /// `own` are rdcodec's records: the curves of the others cover the rates of its own. The last
  /// parameter is told, now and then, the fraction that is done.
  func results(
    besides own: [BenchRecord], progress: (Double) -> Void
  ) -> (records: [PeerRecord], descriptions: [PeerDescription]) {
    var records = fileRecords
    var descriptions: [PeerDescription] = []
    for (index, runner) in runners.enumerated() {
      var description = runner.description
      let sources = sources.filter { canTake($0, runner.peer) }
      func step(_ fraction: Double) { progress((Double(index) + fraction) / Double(runners.count)) }
      if isLossless {
        for (done, source) in sources.enumerated() {
          if let record = record(runner, source, setting: nil) { records.append(record) }
          step(Double(done + 1) / Double(sources.count))
        }
      } else {
        var curve = PeerCurve(peer: runner.peer, own: own, sources: sources) {
          self.record(runner, $0, setting: $1)
        }
        let found = curve.cover(progress: step)
        description.settings = found.settings
        records += found.records
      }
      descriptions.append(description)
    }
    return (records, descriptions)
  }

  /// Whether a codec can hold an image; said where it cannot.
  private func canTake(_ source: PeerSource, _ peer: Peer) -> Bool {
    guard source.depth <= peer.maximumDepth else { return false }
    guard peer.keepsAlpha || !source.hasAlpha else {
      reporter.note("\(InputFile.displayName(source.file)): \(peer.name) holds no transparency")
      return false
    }
    return true
  }

  /// Nil where a tool failed, which is reported.
  private func record(
    _ runner: PeerRunner, _ source: PeerSource, setting: Double?
  ) -> PeerRecord? {
    do { return try runner.record(source, setting: setting).record } catch {
      var failure = Failure(runner.peer.name, any: error)
      failure.subject = "\(InputFile.displayName(source.file)): \(failure.subject)"
      reporter.report(failure)
      return nil
    }
  }
}
