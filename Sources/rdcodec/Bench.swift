import ArgumentParser
import RDCodec

struct Bench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure rate, distortion, speed and memory on images, and check the codec.",
    discussion: """
      Per image: R(z) and H(x|z) by the objective and as written, in bits per pixel, the size of \
      the file, PSNR (one MSE over all colour samples) and MS-SSIM of the lossy layer, speed, and \
      the peak of memory. Totals weight rates by pixels and average PSNR over images. The column \
      of bugs names a failed round trip, bytes that depend on the number of threads, and written \
      bits that stray from the objective by more than 0.1 % + 64 bytes.
      """)

  @Argument(
    help: ArgumentHelp("Images, or folders of images.", valueName: "file or folder"),
    completion: .file(extensions: ImageExtensions.all))
  var inputs: [String]

  @Option(
    help: ArgumentHelp(
      "Lossy, at these qualities: 1 to 100, with commas between (default: lossless).",
      valueName: "list"))
  var quality: [QualityList] = []

  @OptionGroup(title: "How it is coded") var effort: EffortOption

  @OptionGroup(title: "How it is coded") var tune: TuneOption

  @OptionGroup(title: "How it is coded") var source: SourceOption

  @OptionGroup(title: "Limits") var limits: LimitOptions

  @Option(help: ArgumentHelp("Write a report as JSON, - for standard output.", valueName: "file"))
  var json: String?

  @Option(help: ArgumentHelp("Write a report as CSV, - for standard output.", valueName: "file"))
  var csv: String?

  @Option(help: ArgumentHelp("Draw the curves of a lossy run as SVG.", valueName: "file"))
  var svg: String?

  @Option(help: ArgumentHelp("Write a report as HTML, with the curves.", valueName: "file"))
  var html: String?

  @Flag(
    help: """
      Compare with PNG, WebP, JPEG XL and AVIF as far as their tools (cwebp, cjxl, avifenc and \
      the decoders) are on the PATH.
      """)
  var peers = false

  @Flag(name: .shortAndLong, help: "Replace existing reports.")
  var force = false

  @OptionGroup(title: "Threads and messages") var work: WorkOptions

  func validate() throws {
    for quality in quality.flatMap(\.values) { try checkQuality(quality, option: "--quality") }
    let streams = [("--json", json), ("--csv", csv), ("--svg", svg), ("--html", html)]
      .filter { $0.1 == "-" }.map(\.0)
    guard streams.count < 2 else {
      throw ValidationError("\(streams[0]) and \(streams[1]) cannot both go to standard output")
    }
    guard svg == nil || !quality.isEmpty else {
      throw ValidationError("--svg draws the curves of --quality")
    }
  }

  func run() async throws {
    // All outputs are checked before anything is measured.
    let outputs = try [json, csv, svg, html].map { path throws(Failure) in
      try path.map { path throws(Failure) in try OutputFile(path, force: force, isText: true) }
    }
    let files = try InputFile.expandingFolders(inputs, extensions: ImageFiles.inputExtensions)
    let (result, failure) = await measure(files)
    if ![json, csv, svg, html].contains("-"), !result.records.isEmpty {
      try StandardStreams.print(result.text)
    }
    try outputs[0]?.write(try JSON.text(BenchReport(result)))
    try outputs[1]?.write(Array(BenchCSV(result).text.utf8))
    try outputs[2]?.write(Array(CurvePlot(curves: result.curves.curves).svg.utf8))
    try outputs[3]?.write(Array(result.html.utf8))
    if let failure { throw failure }
    if result.records.contains(where: { !$0.bugs.isEmpty }) { throw ExitCode.internalError }
  }

  /// Measures one image after the other, so that they do not disturb each other's times; returns
  /// the exit code of the first file that could not be measured.
  private func measure(_ files: [String]) async -> (BenchResult, ExitCode?) {
    let qualities = quality.flatMap(\.values)
    let modes: [EncoderOptions.Mode] =
      qualities.isEmpty ? [.lossless(preview: nil)] : qualities.map { .lossy(quality: $0) }
    let reporter = work.makeReporter(fileCount: files.count)
    let peerBench =
      peers ? PeerBench(isLossless: qualities.isEmpty, jobs: work.jobs, reporter: reporter) : nil
    var result = BenchResult()
    var exitCode: ExitCode?
    for (index, file) in files.enumerated() {
      let progress = reporter.progressHandler(file: index)
      do {
        let image = try readImage(try InputFile.read(file), limits: limits.limits)
        for (done, mode) in modes.enumerated() {
          progress?(Double(done) / Double(modes.count + (peers ? 1 : 0)))
          let options = EncoderOptions(
            mode: mode, effort: effort.effort, jobs: work.jobs,
            recoversSource: source.sourceRecovery, tuning: tune.tuning)
          result.records.append(
            try await BenchMeasurement(options: options).record(file: file, image: image))
        }
        if let peerBench {
          result.peers += try peerBench.records(file: file, image: image, reporter: reporter)
        }
      } catch {
        let failure = Failure(InputFile.displayName(file), any: error)
        reporter.report(failure)
        exitCode = exitCode ?? failure.exitCode
      }
      progress?(1)
    }
    reporter.finish()
    return (result, exitCode)
  }
}

/// Qualities with commas between.
struct QualityList: ExpressibleByArgument {
  var values: [Double]

  init?(argument: String) {
    let fields = argument.split(separator: ",", omittingEmptySubsequences: false)
    values = fields.compactMap { Double($0) }
    if values.count != fields.count { return nil }
  }
}
