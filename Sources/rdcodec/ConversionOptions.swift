import ArgumentParser
import Foundation

/// One input and the output made from it.
struct Conversion: Sendable {
  var input: String
  var output: String
}

/// Files in, files out: what compress and decompress have in common.
struct ConversionOptions<Inputs: FileExtensions>: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "The input and the output, - for standard input or output; with --out-dir, inputs only.",
      valueName: "file"),
    completion: .file(extensions: Inputs.all))
  var files: [String]

  @Option(
    name: .customLong("out-dir"),
    help: ArgumentHelp(
      "Convert all files, and the files in folders, into this folder; skip what is there already.",
      valueName: "folder"),
    completion: .directory)
  var outputFolder: String?

  @Flag(name: .shortAndLong, help: "Replace existing files.")
  var force = false

  @OptionGroup(title: "Threads and messages") var work: WorkOptions

  func validate() throws {
    if outputFolder != nil {
      guard !files.contains(where: \.isStandardStream) else {
        throw ValidationError("- cannot be combined with --out-dir")
      }
    } else if files.count != 2 {
      throw ValidationError(
        "an input and an output are needed, or --out-dir (\(files.count) given)")
    }
  }

  /// Pairs every input with its output; in a batch, that is the input's name with this extension.
  func conversions(
    inputExtensions: Set<String>, outputExtension: String
  ) throws(Failure) -> [Conversion] {
    guard let outputFolder else {
      return [Conversion(input: files[0], output: files[1])]
    }
    guard InputFile.isDirectory(outputFolder) else {
      throw Failure(
        outputFolder, "is not a folder", advice: "create it first", exitCode: .cannotCreate)
    }
    var inputOfOutput: [String: String] = [:]
    var conversions: [Conversion] = []
    for input in try InputFile.expandingFolders(files, extensions: inputExtensions) {
      let name = ((input as NSString).lastPathComponent as NSString).deletingPathExtension
      let output = (outputFolder as NSString).appendingPathComponent("\(name).\(outputExtension)")
      if let other = inputOfOutput.updateValue(input, forKey: output) {
        throw Failure(
          input, "would become \(output), as \(other) would", advice: "convert it separately",
          exitCode: .usage)
      }
      conversions.append(Conversion(input: input, output: output))
    }
    return conversions
  }
}
