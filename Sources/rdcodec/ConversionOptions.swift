import ArgumentParser
import CommandSupport

/// What a command takes, and how its outputs are called.
struct ConversionKind: Sendable {
  var input: InputKind
  /// Without the dot.
  var outputExtension: String
  /// The extension of an input's output, where what it holds decides on another.
  var ownExtension: @Sendable (_ input: String) -> String? = { _ in nil }
  /// Whether one input alone has an output beside it.
  var hasDefaultOutput = true
}

/// Files in, files out: what compress, decompress and strip have in common.
struct ConversionOptions<Inputs: FileExtensions>: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      """
      An input, and its output; - for standard input or output. Without one, compress and \
      decompress write beside the input. \
      With --out-dir files and folders to convert.
      """,
      valueName: "file"),
    completion: .file(extensions: Inputs.all))
  var files: [String] = []

  @Option(
    name: [.customShort("o"), .customLong("output")],
    help: ArgumentHelp("Write the output here.", valueName: "file"), completion: .file())
  var output: String?

  @Option(
    name: .customLong("out-dir"),
    help: ArgumentHelp(
      """
      Convert all files, and the files in folders, into this folder; it is made where it is missing. \
      What an earlier run finished stays.
      """,
      valueName: "folder"),
    completion: .directory)
  var outputFolder: String?

  @Flag(name: .shortAndLong, help: "Enter the folders in folders, and make the same ones.")
  var recursive = false

  @Option(
    name: .customLong("files-from"),
    help: ArgumentHelp(
      "Take the inputs that this list names, one a line or between zero bytes; - for standard input.",
      valueName: "file"),
    completion: .file())
  var filesFrom: String?

  @Flag(
    name: [.customShort("0"), .customLong("null")],
    help: "Names in the list end with zero bytes, as those of find -print0.")
  var isNullSeparated = false

  @Flag(name: .shortAndLong, help: "Replace existing files.")
  var force = false

  @Flag(help: "Print a line of JSON for every file, and one for all of them.")
  var json = false

  @OptionGroup(title: "Threads and messages") var work: WorkOptions

  /// Converts every file, one or many.
  func convert(
    _ kind: ConversionKind, _ checker: any OutputChecker, _ body: @escaping Converter.Body
  ) async throws {
    let plan: BatchPlan
    var batch: Batch?
    if let outputFolder {
      plan = BatchPlan(
        try batchInputs(), into: outputFolder, kind, isRecursive: recursive)
      if !plan.conversions.isEmpty {
        try Folder.create(outputFolder)
        batch = Batch(checker: checker, journal: try Journal(folder: outputFolder))
      }
    } else {
      plan = BatchPlan(try single(kind))
    }
    let weights = plan.conversions.map { Double(max(1, fileStatus($0.input)?.st_size ?? 1)) }
    try await Converter(
      plan: plan, isBatch: outputFolder != nil, batch: batch, force: force, jobs: work.jobs,
      isVerbose: work.verbose, printsJSON: json,
      reporter: work.makeReporter(fileCount: weights.count, weights: weights), body: body
    ).run()
  }

  // What is wrong with the number of files is said here and not by validate(), which ArgumentParser
  // calls before it looks for options that it does not know.

  /// The inputs of a batch: files and folders.
  private func batchInputs() throws(Failure) -> [String] {
    guard output == nil else {
      throw Failure(
        "--output", "names one file, and --out-dir a folder", advice: "leave one of them out",
        exitCode: .usage)
    }
    guard !files.contains("") else { throw .emptyName }
    guard !files.contains(where: \.isStandardStream) else {
      throw Failure(
        "-", "standard input cannot be combined with --out-dir", advice: "name files and folders",
        exitCode: .usage)
    }
    guard let filesFrom else {
      guard !files.isEmpty else { throw Self.missingInput }
      return files
    }
    return files + (try FileList.read(filesFrom, isNullSeparated: isNullSeparated))
  }

  /// The only input and its output.
  private func single(_ kind: ConversionKind) throws(Failure) -> Conversion {
    let batchOptions = [
      ("--recursive", recursive), ("--files-from", filesFrom != nil), ("--null", isNullSeparated),
    ]
    if let option = batchOptions.first(where: \.1)?.0 {
      throw Failure(
        option, "is for many files", advice: "add --out-dir FOLDER", exitCode: .usage)
    }
    guard let input = files.first else { throw Self.missingInput }
    guard !input.isEmpty else { throw .emptyName }
    guard files.count + (output == nil ? 0 : 1) <= 2 else {
      throw Failure(
        "\(files.count) files", "without --out-dir there is one input and one output",
        advice: "for many inputs add --out-dir FOLDER", exitCode: .usage)
    }
    guard let output = output ?? files.dropFirst().first ?? Self.defaultOutput(input, kind) else {
      throw Failure(
        input, "an output is needed", advice: "name it behind the input, or with -o",
        exitCode: .usage)
    }
    try Self.checkName(of: output, kind)
    guard !(json && output.isStandardStream) else {
      throw Failure(
        "--json", "goes to standard output, as the file would", advice: "name an output",
        exitCode: .usage)
    }
    return Conversion(input: input, output: output)
  }

  private static var missingInput: Failure {
    Failure("no file", "an input is needed", advice: "name a file", exitCode: .usage)
  }

  private static func defaultOutput(_ input: String, _ kind: ConversionKind) -> String? {
    guard kind.hasDefaultOutput else { return nil }
    // What came through a pipe goes on through one.
    if input.isStandardStream { return input }
    let names = OutputNames(kind: kind.input, outputExtension: kind.outputExtension)
    let name = names.outputName(for: input.lastComponent, kind.ownExtension(input))
    return String(path: input.pathBytes.dropLast(input.lastComponent.pathBytes.count)) + name
  }

  /// A bitstream under an image's name, or the other way round, is most likely a second input.
  private static func checkName(of output: String, _ kind: ConversionKind) throws(Failure) {
    let writesBitstream = kind.outputExtension == "rdc"
    let misleading = writesBitstream ? InputKind.images : .bitstreams
    guard misleading.replacedExtensions.contains(output.fileExtension) else { return }
    let problem =
      writesBitstream
      ? "is named as an image, and an .rdc file would be written"
      : "is named as an .rdc file, and an image would be written"
    throw Failure(
      output, problem,
      advice: "name another output, or use --out-dir FOLDER for many inputs", exitCode: .usage)
  }
}
