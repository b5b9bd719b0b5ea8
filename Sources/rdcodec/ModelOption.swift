import ArgumentParser
import RDCodec

/// A model in place of the one that is built in, for users who trained their own.
struct ModelOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Weights of a model to use beside the one that is built in.", valueName: "file"))
  var model: String?

  /// The model, or nil where the built-in one is to be used.
  func load() throws -> LearnedModel? {
    guard let model else { return nil }
    do { return try LearnedModel(try InputFile.read(model)) } catch {
      let failure = Failure(InputFile.displayName(model), any: error)
      Reporter(fileCount: 1, isQuiet: false, showsProgress: false).report(failure)
      throw failure.exitCode
    }
  }
}
