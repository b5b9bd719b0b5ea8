import ArgumentParser
import RDCodec

struct Compress: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compress PNG, PNM or PAM images, without loss unless told otherwise.",
    usage: """
      rdcodec compress <input> <output.rdc> [options]
      rdcodec compress <inputs> ... --out-dir <folder> [options]
      """)

  @OptionGroup(title: "What is kept (all, unless one of these is given)") var mode: ModeOptions

  @OptionGroup(title: "What is left out") var content: ContentOptions

  @OptionGroup(title: "How it is coded") var effort: EffortOption

  @OptionGroup(title: "How it is coded") var tune: TuneOption

  @OptionGroup(title: "How it is coded") var model: ModelOption

  @OptionGroup(title: "How it is coded") var source: SourceOption

  @OptionGroup(title: "How it is coded") var check: CheckOption

  @OptionGroup(title: "Limits") var limits: LimitOptions

  @OptionGroup var files: ConversionOptions<ImageExtensions>

  private var stripMetadata: Bool { content.stripMetadata }
  private var dropHiddenColor: Bool { content.dropHiddenColor }
  private var verify: Bool { check.verify }

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
    let limits = limits.limits
    options.memoryByteCount = limits.memoryByteCount
    let isVerbose = files.work.verbose
    try await Converter(
      conversions: conversions, isBatch: files.outputFolder != nil, force: files.force,
      jobs: files.work.jobs, reporter: files.work.makeReporter(fileCount: conversions.count),
      isComplete: Self.isBitstream
    ) { [options] input, conversion, jobs, progress in
      let start = ContinuousClock.now
      let image = try readImage(input, limits: limits)
      var options = options
      options.jobs = jobs
      let encoded = try await encode(image, options, progress: progress)
      let summary = ConversionSummary(
        conversion: conversion, image: image, inputByteCount: input.count,
        outputByteCount: encoded.bytes.count, bitstreamByteCount: encoded.bytes.count,
        duration: ContinuousClock.now - start)
      let line = summary.line + Self.choice(encoded, options.mode) + Self.losses(input)
      return Converted(
        bytes: encoded.bytes, summary: isVerbose ? line + Self.layers(encoded) : line)
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

  /// The parts of a PNG file that no output keeps.
  private static func losses(_ input: [UInt8]) -> String {
    let types = chunksLeftOut(of: input)
    let dots = types.count > 8 ? ", …" : ""
    return types.isEmpty ? "" : "; left out: \(types.prefix(8).joined(separator: ", "))\(dots)"
  }

  /// Bits per layer as written, and what the objective says.
  private static func layers(_ encoded: EncodedImage) -> String {
    let parts = [("R(z)", encoded.rate), ("H(x|z)", encoded.residual)].map { name, layer in
      "\(name) \(layer.writtenBits) bits (objective \(fixed(layer.objectiveBits, 1)))"
    }
    return "; " + parts.joined(separator: ", ")
  }
}
