import ArgumentParser
import CommandSupport
import RDCodec

/// What bench keeps of every image: the modes of compress, several at once.
struct BenchModeOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Lossy, at these qualities: 1 to 100, with commas between (default: lossless).",
      valueName: "list"))
  var quality: [NumberList] = []

  @Option(
    help: ArgumentHelp(
      "Every sample within these distances: 1 to 16 steps of its depth, with commas between.",
      valueName: "list"))
  var maxError: [NumberList] = []

  @Option(
    help: ArgumentHelp(
      "Lossless with a preview of full size, of these qualities (default: a small one, where it costs little).",
      valueName: "list"))
  var preview: [NumberList] = []

  @Flag(help: "Lossless without a preview.")
  var noPreview = false

  func validate() throws {
    for quality in quality.values { try checkQuality(quality, option: "--quality") }
    for quality in preview.values { try checkQuality(quality, option: "--preview") }
    guard maxError.values.allSatisfy({ 1...16 ~= $0 && $0 == $0.rounded() }) else {
      throw ValidationError("--max-error must be whole and from 1 to 16")
    }
    let choices = [
      ("--quality", !quality.isEmpty), ("--max-error", !maxError.isEmpty),
      ("--preview", !preview.isEmpty), ("--no-preview", noPreview),
    ]
    let chosen = choices.filter(\.1).map(\.0)
    guard chosen.count < 2 else {
      throw ValidationError("\(chosen[0]) and \(chosen[1]) exclude each other")
    }
  }

  /// Whether every image comes back exactly.
  var isLossless: Bool { quality.isEmpty && maxError.isEmpty }

  /// One or more.
  var modes: [EncoderOptions.Mode] {
    if !quality.isEmpty { return quality.values.map { .lossy(quality: $0) } }
    if !maxError.isEmpty { return maxError.values.map { .nearLossless(maximumError: Int($0)) } }
    return preview.isEmpty
      ? [.lossless(preview: nil)] : preview.values.map { .lossless(preview: $0) }
  }
}

/// Numbers with commas between.
struct NumberList: ExpressibleByArgument {
  var values: [Double]

  init?(argument: String) {
    let fields = argument.split(separator: ",", omittingEmptySubsequences: false)
    values = fields.compactMap { Double($0) }
    if values.count != fields.count { return nil }
  }
}

extension [NumberList] {
  /// All numbers, each once, as given.
  fileprivate var values: [Double] {
    flatMap(\.values).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }
}

extension EncoderOptions.Mode {
  /// Whether every sample comes back.
  var isLossless: Bool { if case .lossless = self { true } else { false } }

  /// How tables call it: "lossless", "preview 30.0", "60.0" or "within 2".
  var label: String {
    switch self {
    case .lossless(let preview): preview.map { "preview \(fixed($0, 1))" } ?? "lossless"
    case .lossy(let quality): fixed(quality, 1)
    case .nearLossless(let error): "within \(error)"
    case .target: "target"
    }
  }

  /// What orders the points of a curve and names them: a quality or a bound; nil for lossless.
  var setting: Double? {
    switch self {
    case .lossy(let quality): quality
    case .nearLossless(let error): Double(error)
    case .lossless, .target: nil
    }
  }

  /// How reports call what ``setting`` is.
  var name: String {
    switch self {
    case .lossless: "lossless"
    case .lossy: "lossy"
    case .nearLossless: "nearLossless"
    case .target: "target"
    }
  }
}
