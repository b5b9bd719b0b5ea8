import ArgumentParser
import CommandSupport
import RDCodec

struct Compress: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compress \(ImageFiles.familyNames) images, without loss unless told otherwise.",
    usage: """
      rdcodec compress <input> [<output.rdc>] [options]
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

  func validate() throws {
    guard model.model == nil || tune.tune == nil else {
      throw ValidationError("--tune and --model exclude each other")
    }
  }

  func run() async throws {
    let options = try EncoderOptions([mode, content, effort, tune, model, source, check, limits])
    let limits = limits.limits
    let isVerbose = files.work.verbose
    try await files.convert(
      ConversionKind(input: .images, outputExtension: "rdc"),
      BitstreamChecker(options, limits: limits)
    ) { [options] input, output, conversion, jobs, progress in
      let start = ContinuousClock.now
      let reader = try ImageFormat.reader(of: input, limits: limits)
      var options = options
      options.jobs = jobs
      let encoded = try await encode(reader, options, progress: progress)
      for piece in encoded.pieces { try output.write(piece) }
      let summary = ConversionSummary(
        conversion: conversion, image: reader.header, inputByteCount: input.count,
        outputByteCount: encoded.byteCount, bitstreamByteCount: encoded.byteCount,
        duration: ContinuousClock.now - start)
      let line =
        summary.line + Self.choice(encoded, options.mode) + Self.exactness(encoded, options.mode)
      return Converted(
        output: try? inspect(encoded.pieces[0], limits: limits),
        summary: isVerbose ? line + Self.layers(encoded) : line,
        warnings: encoded.warnings.map { "\(InputFile.displayName(conversion.input)): \($0)" })
    }
  }

  /// The quality that the encoder chose for a target.
  private static func choice(_ encoded: EncodedPieces, _ mode: EncoderOptions.Mode) -> String {
    guard case .target = mode, encoded.exactReason == nil,
      let quality = try? inspect(encoded.pieces[0]).quality
    else { return "" }
    // An end of the range: the limit leaves room, and nothing fills it.
    let end = quality == 100 ? " (the best)" : quality == 1 ? " (the lowest)" : ""
    return ", quality \(fixed(quality, 1))\(end)"
  }

  /// What to know about how exact the file is.
  private static func exactness(
    _ encoded: EncodedPieces, _ mode: EncoderOptions.Mode
  ) -> String {
    if let reason = encoded.exactReason { return "; kept exactly: \(reason.explanation)" }
    guard let info = try? inspect(encoded.pieces[0]) else { return "" }
    guard !info.isLossless else {
      return info.keepsJPEG ? "; JPEG file kept byte for byte" : ""
    }
    var notes = ""
    if case .lossy = mode, info.maximumError > 0 {
      notes += "; every sample within \(info.maximumError)"
    }
    if info.maximumError == 0, let range = info.colorRange {
      notes += "; errors are relative to its range, \(range.lowerBound) to \(range.upperBound)"
    }
    return notes
  }

  /// Bits per layer as written, and what the objective says.
  private static func layers(_ encoded: EncodedPieces) -> String {
    let parts = [("R(z)", encoded.rate), ("H(x|z)", encoded.residual)].map { name, layer in
      "\(name) \(layer.writtenBits) bits (objective \(fixed(layer.objectiveBits, 1)))"
    }
    let source = encoded.sourceNote.map { "; search for a source: \($0)" } ?? ""
    return "; " + parts.joined(separator: ", ") + source
  }
}
