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
      Nothing is decoded or encoded again: the result is what 'decompress --layer preview' shows. \
      A preview has no alpha. Lossy files are copied.
      """)

  @OptionGroup(title: "Limits") var limits: LimitOptions

  @OptionGroup var files: ConversionOptions<BitstreamExtensions>

  func run() async throws {
    let kind = ConversionKind(
      input: .bitstreams, outputExtension: "rdc", hasDefaultOutput: false)
    let limits = limits.limits
    try await files.convert(kind, BitstreamChecker(settings: "strip", limits: limits)) {
      input, output, conversion, _, _ in
      let bytes = try strip(try input.bytes(), limits: limits)
      try output.write(bytes)
      let percent = fixed(100 * Double(bytes.count) / Double(max(1, input.count)), 1)
      let name = InputFile.displayName(conversion.input)
      return Converted(
        output: try? inspect(bytes, limits: limits),
        summary: "\(name): \(input.count) -> \(bytes.count) bytes (\(percent) %)")
    }
  }
}
