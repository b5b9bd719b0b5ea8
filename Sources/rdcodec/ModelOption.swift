public import ArgumentParser
public import RDCodec

/// A model to compress by, in place of those that are built in, for users who trained their own.
struct ModelOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Compress by these weights instead of a built-in model; the file will need them as well.",
      valueName: "file"),
    completion: .file(extensions: ["bin"]))
  var model: String?

  /// The model, or nil where a built-in one is to be used.
  func load() throws -> LearnedModel? { try model.map(LearnedModel.init(file:)) }
}

/// A model for files that one of the user's own models wrote.
struct ReadingModelOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Weights for files that were compressed with --model.", valueName: "file"),
    completion: .file(extensions: ["bin"]))
  var model: String?

  /// The model, or nil where only built-in ones are to be used.
  func load() throws -> LearnedModel? { try model.map(LearnedModel.init(file:)) }
}

extension LearnedModel {
  /// Reads a file of weights.
  init(file: String) throws(Failure) {
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

/// Which of the built-in models describes an image.
struct TuneOption: ParsableArguments {
  @Option(
    help: "What a lossy image is to be good at: squared error (default), or structure as seen.")
  var tune: Tuning?

  var tuning: Tuning { tune ?? .psnr }
}

extension Tuning: ExpressibleByArgument {}
