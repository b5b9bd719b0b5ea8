package import ArgumentParser
package import RDCodec

/// A model to compress by, in place of those that are built in, for users who trained their own.
package struct ModelOption: EncoderSetting {
  @Option(
    help: ArgumentHelp(
      "Compress by these weights instead of a built-in model; the file will need them as well.",
      valueName: "file"),
    completion: .file(extensions: ["bin"]))
  package var model: String?

  /// The model, or nil where a built-in one is to be used.
  package init() {}

  private func load() throws -> LearnedModel? { try model.map(LearnedModel.init(file:)) }

  package func apply(to options: inout EncoderOptions) throws { options.model = try load() }
}

/// A model for files that one of the user's own models wrote.
package struct ReadingModelOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Weights for files that were compressed with --model.", valueName: "file"),
    completion: .file(extensions: ["bin"]))
  package var model: String?

  package init() {}

  /// The model, or nil where only built-in ones are to be used.
  package func load() throws -> LearnedModel? { try model.map(LearnedModel.init(file:)) }
}

extension LearnedModel {
  /// Reads a file of weights.
  package init(file: String) throws(Failure) {
    let name = InputFile.displayName(file)
    let bytes = try InputFile.read(file)
    guard bytes.starts(with: "RDCM".utf8) else {
      throw Failure(
        name, "this is \(FileKind(bytes)?.description ?? "no file of weights")",
        advice: "give --model a file of weights that training/export.py wrote",
        exitCode: .dataError)
    }
    do { try self.init(bytes) } catch { throw Failure(name, error) }
  }
}
