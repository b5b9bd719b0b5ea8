package import ArgumentParser
import CommandSupport
import RDCodec

package struct Bench: AsyncParsableCommand {
  package static let configuration = CommandConfiguration(
    abstract: "Measure rate, distortion, speed and memory on images, and check the codec.",
    discussion: """
      Per image: R(z) and H(x|z) by the objective and as written, in bits per pixel, the size of \
      the file, PSNR (one MSE over all colour samples that can be seen), MS-SSIM and SSIMULACRA 2.1 of \
      the image that comes back, or of the preview in a lossless file, speed, and the peak of \
      memory. Files hold the pixels alone, no metadata; of a JPEG \
      file that is kept, without --quality, --max-error and --no-source-recovery, the whole file, byte for \
      byte. Totals weight rates by pixels and average \
      metrics over images. The column of bugs names a failed round trip, a bound that was not kept, bytes that \
      depend on the number of threads, and written bits that stray from the objective by more than \
      0.1 % + 64 bytes.
      """)

  @Argument(
    help: ArgumentHelp("Images, or folders of images.", valueName: "file or folder"),
    completion: .file(extensions: ImageExtensions.all))
  var inputs: [String]

  @OptionGroup(title: "What is measured") var mode: BenchModeOptions

  @OptionGroup(title: "How it is coded") var effort: EffortOption

  @OptionGroup(title: "How it is coded") var tune: TuneOption

  @OptionGroup(title: "How it is coded") var model: ModelOption

  @OptionGroup(title: "How it is coded") var source: SourceOption

  @OptionGroup(title: "Limits") var limits: LimitOptions

  @OptionGroup(title: "Reports") var reports: BenchReportOptions

  @Flag(
    help: """
      Compare with JPEG, WebP, JPEG XL and AVIF as far as their tools (cjpegli or cjpeg, cwebp, \
      cjxl, avifenc and the decoders) are on the PATH, over the same rates, and with the PNG files \
      that were measured.
      """)
  var peers = false

  @OptionGroup(title: "Threads and messages") var work: WorkOptions

  package init() {}

  package func validate() throws {
    guard model.model == nil || tune.tune == nil else {
      throw ValidationError("--tune and --model exclude each other")
    }
    guard reports.svg == nil || !mode.isLossless else {
      throw ValidationError("--svg draws the curves of --quality or --max-error")
    }
  }

  package func run() async throws {
    var options = try EncoderOptions([effort, tune, model, source, limits])
    options.jobs = work.jobs
    options.stripMetadata = true
    options.hasPreview = !mode.noPreview
    // The curves are those of the model, also where compress would rather write the exact file.
    options.allowsExact = false
    // All outputs are checked before anything is measured.
    let outputs = try reports.open()
    let files = try InputFile.expandingFolders(inputs, extensions: ImageFiles.inputExtensions)
    let (result, failure) = try await BenchSession(
      files: files, modes: mode.modes, options: options, hasPeers: peers,
      pictureCount: reports.html == nil ? 0 : reports.pictures,
      reporter: work.makeReporter(fileCount: files.count), limits: limits.limits
    ).run()
    if !reports.useStandardOutput, !result.records.isEmpty {
      try StandardStreams.print(result.text)
    }
    try outputs.write(result)
    if let failure { throw failure }
    if result.records.contains(where: { !$0.bugs.isEmpty }) { throw ExitCode.internalError }
  }
}
