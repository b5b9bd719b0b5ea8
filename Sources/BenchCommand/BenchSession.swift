import ArgumentParser
import CommandSupport
import RDCodec

/// One run of bench: first rdcodec on every image, then the other codecs.
struct BenchSession {
  var files: [String]
  var modes: [EncoderOptions.Mode]
  /// Without a mode.
  var options: EncoderOptions
  var hasPeers: Bool
  /// How many images a page shows.
  var pictureCount: Int
  var reporter: Reporter
  /// Of the images, and of what is decoded.
  var limits = DecoderLimits.default

  /// Measures one image after the other, so that they do not disturb each other's times; returns
  /// the exit code of the first file that could not be measured as well.
  func run() async throws -> (BenchResult, ExitCode?) {
    let isLossless = modes.allSatisfy(\.isLossless)
    let peerBench =
      hasPeers
      ? try PeerBench(
        isLossless: isLossless, jobs: options.jobs, limits: limits, reporter: reporter) : nil
    var collector = PictureCollector(count: pictureCount, fileCount: files.count, modes: modes)
    var result = BenchResult(run: BenchRun(options: options))
    var exitCode: ExitCode?
    for (index, file) in files.enumerated() {
      do {
        result.records += try await measure(index, file, peerBench, &collector)
        collector.countImage()
      } catch {
        let failure = Failure(InputFile.displayName(file), any: error)
        reporter.report(failure)
        exitCode = exitCode ?? failure.exitCode
        collector.drop(file)
      }
      reporter.progressHandler(file: index)?(ownFraction)
    }
    if let peerBench {
      let handlers = files.indices.map { reporter.progressHandler(file: $0) }
      (result.peers, result.run.peers) = peerBench.results(besides: result.records) { fraction in
        // The handlers tell of files; the last ones to end are as good as any.
        for handler in handlers { handler?(ownFraction + (0.99 - ownFraction) * fraction) }
      }
    }
    collector.addPeers(peerBench, result.peers)
    result.pictures = collector.pictures
    result.run.formatVersion = result.records.first?.formatVersion
    result.run.models = Set(result.records.map(\.model)).subtracting([""]).sorted()
    reporter.finish()
    return (result, exitCode)
  }

  /// The fraction of the work that is done when rdcodec is.
  private var ownFraction: Double { hasPeers ? 0.5 : 1 }

  private func measure(
    _ index: Int, _ file: String, _ peerBench: PeerBench?, _ collector: inout PictureCollector
  ) async throws -> [BenchRecord] {
    let progress = reporter.progressHandler(file: index)
    let input = try BenchInput(file, limits: limits)
    let reference = BenchReference(input.image)
    let hasPictures = collector.wants(file: index)
    if hasPictures { try collector.start(input) }
    var records: [BenchRecord] = []
    for (place, mode) in modes.enumerated() {
      progress?(ownFraction * Double(place) / Double(modes.count))
      var options = options
      options.mode = mode
      let (record, decoded) = try await BenchMeasurement(options: options, limits: limits)
        .record(of: input, reference: reference)
      records.append(record)
      if hasPictures, collector.wants(mode: place) { try collector.add(record, decoded: decoded) }
    }
    let keepsFile = modes.contains { mode in
      var options = options
      options.mode = mode
      return input.keptJPEG(options) != nil
    }
    try peerBench?.add(input, keepsFile: keepsFile)
    return records
  }
}
