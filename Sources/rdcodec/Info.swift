import ArgumentParser
import CommandSupport
import RDCodec

struct Info: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show what .rdc files hold, without decoding them.",
    usage: "rdcodec info <file.rdc> ... [options]",
    discussion: """
      A file that is cut short is shown as far as its header says, and named as damaged. With \
      --json every file is one line with one object; one that cannot be read has "file" and "error".
      """)

  @Argument(
    help: ArgumentHelp("The .rdc files, - for standard input.", valueName: "file"),
    completion: .file(extensions: ["rdc"]))
  var files: [String]

  @Flag(help: "Print JSON, one object a line and file.")
  var json = false

  @OptionGroup(title: "Limits") var limits: LimitOptions

  func run() throws {
    StandardStreams.endOnClosedPipe()
    var exitCode = ExitCode.success
    var isFirst = true
    for file in files {
      let name = InputFile.displayName(file)
      var failure: Failure?
      do {
        let byteCount: Int
        let info: BitstreamInfo
        do {
          let source = try InputFile.bitstream(file)
          byteCount = source.count
          info = try inspect(source, limits: limits.headerLimits)
        } catch { throw Failure(name, any: error) }
        failure = Self.damage(info, name, byteCount: byteCount)
        try show(info, name, byteCount: byteCount, isFirst: isFirst)
        isFirst = false
      } catch let problem as Failure {
        if problem.subject == StandardStreams.outputName { throw problem }
        if json { try StandardStreams.write(try InfoLine(name, problem).text()) }
        failure = problem
      }
      if let failure {
        StandardStreams.printError(failure.message + "\n")
        if exitCode == .success { exitCode = failure.exitCode }
      }
    }
    if exitCode != .success { throw exitCode }
  }

  private func show(
    _ info: BitstreamInfo, _ name: String, byteCount: Int, isFirst: Bool
  ) throws {
    if json {
      try StandardStreams.write(try InfoLine(name, info, byteCount: byteCount).text())
      return
    }
    let gap = isFirst ? "" : "\n"
    let title = files.count > 1 ? "\(gap)\(Failure.singleLine(name)):\n" : ""
    try StandardStreams.print(title + InfoText(info: info, byteCount: byteCount).text)
  }

  /// Why the file is not what its header announces; nil where it has the right length.
  private static func damage(_ info: BitstreamInfo, _ name: String, byteCount: Int) -> Failure? {
    if byteCount < info.byteCount {
      let isPreviewWhole =
        info.latentReduction > 0
        && info.streams.prefix(2).reduce(0) { $0 + $1.byteCount } <= byteCount
      return Failure(
        name, "the file is truncated: \(byteCount) of \(info.byteCount) bytes are there",
        advice: "get a fresh copy of the file"
          + (isPreviewWhole ? "; 'decompress --layer preview' still works" : ""),
        exitCode: .dataError)
    }
    guard byteCount > info.byteCount else { return nil }
    return Failure(
      name, "\(byteCount - info.byteCount) bytes follow the end of the image",
      advice: "get a fresh copy of the file", exitCode: .dataError)
  }
}
