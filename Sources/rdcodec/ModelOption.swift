public import ArgumentParser
public import RDCodec

/// A model in place of those that are built in, for users who trained their own.
struct ModelOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Weights to compress by, or of a file that another model wrote.", valueName: "file"))
  var model: String?

  /// The model, or nil where a built-in one is to be used.
  func load() throws -> LearnedModel? {
    guard let model else { return nil }
    do { return try LearnedModel(try InputFile.read(model)) } catch {
      throw Failure(InputFile.displayName(model), any: error)
    }
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
