import ArgumentParser
import CommandSupport
import RDCodec

struct Strip: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Leave out the exact image of .rdc files and keep the preview, as a lossy file.",
    usage: """
      rdcodec strip <input.rdc> <output.rdc> [options]
      rdcodec strip <inputs> ... --out-dir <folder> [options]
      """,
    discussion: """
      Nothing is encoded again: the result is what 'decompress --layer preview' shows. \
      A preview has no alpha. Lossy files are copied.
      """)

  @OptionGroup(title: "Model") var model: ReadingModelOption

  @OptionGroup(title: "Limits") var limits: LimitOptions

  @OptionGroup var files: ConversionOptions<BitstreamExtensions>

  func run() async throws {
    let kind = ConversionKind(
      input: .bitstreams, outputExtension: "rdc", hasDefaultOutput: false)
    let limits = limits.limits
    let model = try model.load()
    try await files.convert(kind, BitstreamChecker(settings: "strip", limits: limits)) {
      input, output, conversion, jobs, _ in
      let options = DecoderOptions(jobs: jobs, limits: limits, model: model)
      let bytes = try await strip(try input.bytes(), options)
      try output.write(bytes)
      let percent = fixed(100 * Double(bytes.count) / Double(max(1, input.count)), 1)
      let name = InputFile.displayName(conversion.input)
      return Converted(
        output: try? inspect(bytes, limits: limits),
        summary: "\(name): \(input.count) -> \(bytes.count) bytes (\(percent) %)")
    }
  }
}
