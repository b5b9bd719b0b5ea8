import ArgumentParser
import CommandSupport
import RDCodec

struct Verify: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check .rdc files by decoding them completely; nothing is written.",
    usage: "rdcodec verify <file.rdc> ... [options]")

  @Argument(
    help: ArgumentHelp("The .rdc files, - for standard input.", valueName: "file"),
    completion: .file(extensions: ["rdc"]))
  var files: [String]

  @OptionGroup(title: "Model") var model: ReadingModelOption

  @OptionGroup(title: "Limits") var limits: LimitOptions

  @OptionGroup(title: "Threads and messages") var work: WorkOptions

  func run() async throws {
    let model = try model.load()
    let reporter = work.makeReporter(fileCount: files.count)
    var exitCode = ExitCode.success
    for (index, file) in files.enumerated() {
      let name = InputFile.displayName(file)
      let progress = reporter.progressHandler(file: index)
      do {
        let source = try InputFile.bitstream(file)
        let options = DecoderOptions(jobs: work.jobs, limits: limits.limits, model: model)
        let rows = PassedRows(to: nil)
        try await decode(source, options, into: rows, progress: progress)
        // Of a file that was made of a JPEG file, that one too.
        do throws(CodecError) {
          _ = try await decodeJPEG(source, options)
        } catch .noJPEG {}
        let image = rows.image
        progress?(1)
        reporter.finish()
        let detail =
          work.verbose ? " (\(image.width) x \(image.height), \(source.count) bytes)" : ""
        if !work.quiet { try StandardStreams.print("\(Failure.singleLine(name)): OK\(detail)\n") }
      } catch {
        let failure = Failure(name, any: error)
        reporter.report(failure)
        if exitCode == .success { exitCode = failure.exitCode }
      }
    }
    reporter.finish()
    if exitCode != .success { throw exitCode }
  }
}
