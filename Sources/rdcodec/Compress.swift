import ArgumentParser
import RDCodec

struct Compress: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compress PNG, PNM or PAM images, without loss unless --quality is given.",
    usage: """
      rdcodec compress <input> <output.rdc> [options]
      rdcodec compress <inputs> ... --out-dir <folder> [options]
      """)

  @OptionGroup var files: ConversionOptions

  @Option(help: "Keep an approximation only, of quality 1 (smallest) to 100 (best).")
  var quality: Double?

  @Option(
    help: "Quality 1 to 100 of the preview in a lossless file (default: chosen for size).")
  var preview: Double?

  @OptionGroup var effort: EffortOption

  @Flag(help: "Leave out colour profile, Exif, text and the like.")
  var stripMetadata = false

  @OptionGroup var source: SourceOption

  @Flag(inversion: .prefixedNo, help: "Decode the result and compare before writing it.")
  var verify = true

  func validate() throws {
    if let quality { try checkQuality(quality, option: "--quality") }
    if let preview { try checkQuality(preview, option: "--preview") }
    guard quality == nil || preview == nil else {
      throw ValidationError("--quality and --preview exclude each other")
    }
  }

  func run() async throws {
    let conversions = try files.conversions(
      inputExtensions: ImageFiles.inputExtensions, outputExtension: "rdc")
    var options = EncoderOptions(
      effort: effort.effort, stripMetadata: stripMetadata, verify: verify,
      recoversSource: source.sourceRecovery)
    options.mode = quality.map { .lossy(quality: $0) } ?? .lossless(preview: preview)
    let isVerbose = files.work.verbose
    try await Converter(
      conversions: conversions, isBatch: files.outputFolder != nil, force: files.force,
      jobs: files.work.jobs, reporter: files.work.makeReporter(fileCount: conversions.count),
      isComplete: Self.isBitstream
    ) { [options] input, conversion, jobs, progress in
      let start = ContinuousClock.now
      let image = try readImage(input)
      var options = options
      options.jobs = jobs
      let encoded = try await encode(image, options, progress: progress)
      let summary = ConversionSummary(
        conversion: conversion, image: image, inputByteCount: input.count,
        outputByteCount: encoded.bytes.count, bitstreamByteCount: encoded.bytes.count,
        duration: ContinuousClock.now - start)
      return Converted(
        bytes: encoded.bytes,
        summary: isVerbose ? summary.line + Self.layers(encoded) : summary.line)
    }.run()
  }

  /// Whether a file has a valid header and all the bytes that it announces.
  private static func isBitstream(_ path: String) -> Bool {
    guard let bytes = try? InputFile.read(path) else { return false }
    return (try? inspect(bytes)) != nil
  }

  /// Bits per layer as written, and what the objective says.
  private static func layers(_ encoded: EncodedImage) -> String {
    let parts = [("R(z)", encoded.rate), ("H(x|z)", encoded.residual)].map { name, layer in
      "\(name) \(layer.writtenBits) bits (objective \(fixed(layer.objectiveBits, 1)))"
    }
    return "; " + parts.joined(separator: ", ")
  }
}
