import ArgumentParser
import RDCodec

struct Compress: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compress PNG, PNM or PAM images, without loss unless told otherwise.",
    usage: """
      rdcodec compress <input> <output.rdc> [options]
      rdcodec compress <inputs> ... --out-dir <folder> [options]
      """)

  @OptionGroup var files: ConversionOptions

  @OptionGroup var mode: ModeOptions

  @OptionGroup var effort: EffortOption

  @Flag(help: "Leave out colour profile, Exif, text and the like.")
  var stripMetadata = false

  @Flag(help: "Let the colour under fully transparent pixels change, for a smaller file.")
  var dropHiddenColor = false

  @OptionGroup var source: SourceOption

  @OptionGroup var tune: TuneOption

  @OptionGroup var model: ModelOption

  @Flag(inversion: .prefixedNo, help: "Decode the result and compare before writing it.")
  var verify = true

  func validate() throws {
    guard model.model == nil || tune.tune == nil else {
      throw ValidationError("--tune and --model exclude each other")
    }
  }

  func run() async throws {
    let conversions = try files.conversions(
      inputExtensions: ImageFiles.inputExtensions, outputExtension: "rdc")
    var options = EncoderOptions(
      effort: effort.effort, stripMetadata: stripMetadata, verify: verify,
      recoversSource: source.sourceRecovery, hasPreview: mode.hasPreview,
      tuning: tune.tuning, model: try model.load())
    options.mode = mode.mode
    options.keepsHiddenColor = !dropHiddenColor
    let isVerbose = files.work.verbose
    try await Converter(
      conversions: conversions, isBatch: files.outputFolder != nil, force: files.force,
      jobs: files.work.jobs, reporter: files.work.makeReporter(fileCount: conversions.count),
      isComplete: Self.isBitstream
    ) { [options] input, conversion, jobs, progress in
      let start = ContinuousClock.now
      let file = try ReadImage(input)
      let image = file.image
      var options = options
      options.jobs = jobs
      let encoded = try await encode(image, options, progress: progress)
      let summary = ConversionSummary(
        conversion: conversion, image: image, inputByteCount: input.count,
        outputByteCount: encoded.bytes.count, bitstreamByteCount: encoded.bytes.count,
        duration: ContinuousClock.now - start)
      let line = summary.line + Self.choice(encoded, options.mode)
      return Converted(
        bytes: encoded.bytes, summary: isVerbose ? line + Self.layers(encoded) : line,
        warnings: file.warnings.map { "\(InputFile.displayName(conversion.input)): \($0)" })
    }.run()
  }

  /// Whether a file has a valid header and all the bytes that it announces.
  static func isBitstream(_ path: String) -> Bool {
    guard let bytes = try? InputFile.read(path), let info = try? inspect(bytes) else {
      return false
    }
    return info.byteCount == bytes.count
  }

  /// The quality that the encoder chose for a target.
  private static func choice(_ encoded: EncodedImage, _ mode: EncoderOptions.Mode) -> String {
    guard case .target = mode, let quality = try? inspect(encoded.bytes).quality else { return "" }
    // An end of the range: the limit leaves room, and nothing fills it.
    let end = quality == 100 ? " (the best)" : quality == 1 ? " (the lowest)" : ""
    return ", quality \(fixed(quality, 1))\(end)"
  }

  /// Bits per layer as written, and what the objective says.
  private static func layers(_ encoded: EncodedImage) -> String {
    let parts = [("R(z)", encoded.rate), ("H(x|z)", encoded.residual)].map { name, layer in
      "\(name) \(layer.writtenBits) bits (objective \(fixed(layer.objectiveBits, 1)))"
    }
    return "; " + parts.joined(separator: ", ")
  }
}
