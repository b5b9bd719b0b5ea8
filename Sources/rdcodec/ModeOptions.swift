import ArgumentParser
import CommandSupport
import RDCodec

/// What compress keeps of an image: everything by default.
struct ModeOptions: EncoderSetting {
  @Option(help: "Keep an approximation only, of quality 1 (smallest) to 100 (best).")
  var quality: Double?

  @Option(
    help: ArgumentHelp(
      "Keep an approximation: the best whose file has at most this many bits per pixel.",
      valueName: "bits"))
  var targetBpp: Double?

  @Option(
    help: ArgumentHelp(
      "Keep an approximation: the best whose file has at most this many bytes, such as 20k.",
      valueName: "bytes"))
  var targetSize: Amount<DecimalBytes>?

  @Option(
    help: ArgumentHelp(
      "Keep an approximation: the smallest whose PSNR is at least this many decibels.",
      valueName: "decibels"))
  var targetPsnr: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Keep an approximation: the smallest that scores at least this by SSIMULACRA 2.1, -100 to 100.",
      valueName: "score"))
  var targetSsimulacra2: Double?

  @Option(
    help: ArgumentHelp(
      "Keep every sample within this distance: 1 to 16 steps of its depth. Alpha is kept exactly.",
      valueName: "distance"))
  var maxError: Int?

  @Option(
    help: """
      Store a preview of this quality, 1 to 100, in a lossless file (default: a small one, where it \
      costs little).
      """)
  var preview: Double?

  @Flag(help: "Leave the preview out of a lossless file.")
  var noPreview = false

  func validate() throws {
    if let quality { try checkQuality(quality, option: "--quality") }
    if let preview { try checkQuality(preview, option: "--preview") }
    if let targetBpp, !(targetBpp > 0 && targetBpp <= 1000) {
      throw ValidationError("--target-bpp must be above 0 and at most 1000")
    }
    if let targetPsnr, !(targetPsnr > 0 && targetPsnr <= 200) {
      throw ValidationError("--target-psnr must be above 0 and at most 200")
    }
    if let targetSsimulacra2, !(-100...100 ~= targetSsimulacra2) {
      throw ValidationError("--target-ssimulacra2 must be from -100 to 100")
    }
    if let maxError, !(1...16 ~= maxError) {
      throw ValidationError("--max-error must be from 1 to 16")
    }
    let chosen = choices.filter(\.isGiven).map(\.name)
    guard chosen.count < 2 else {
      throw ValidationError("\(chosen[0]) and \(chosen[1]) exclude each other")
    }
  }

  /// The options of which at most one may be given.
  private var choices: [(name: String, isGiven: Bool)] {
    [
      ("--quality", quality != nil), ("--target-bpp", targetBpp != nil),
      ("--target-size", targetSize != nil), ("--target-psnr", targetPsnr != nil),
      ("--target-ssimulacra2", targetSsimulacra2 != nil),
      ("--max-error", maxError != nil), ("--preview", preview != nil), ("--no-preview", noPreview),
    ]
  }

  /// The limit that the encoder is to meet, if there is one.
  private var target: LossyTarget? {
    if let targetBpp { return .bitsPerPixel(targetBpp) }
    if let targetSize { return .byteCount(targetSize.value) }
    if let targetPsnr { return .psnr(targetPsnr) }
    return targetSsimulacra2.map { .ssimulacra2($0) }
  }

  private var mode: EncoderOptions.Mode {
    if let target { return .target(target) }
    if let maxError { return .nearLossless(maximumError: maxError) }
    return quality.map { .lossy(quality: $0) } ?? .lossless(preview: preview)
  }

  func apply(to options: inout EncoderOptions) {
    options.mode = mode
    options.hasPreview = !noPreview
  }
}

/// What a file leaves out besides, in every mode.
struct ContentOptions: EncoderSetting {
  @Flag(help: "Leave out colour profile, Exif, text and the like.")
  var stripMetadata = false

  @Flag(exclusivity: .exclusive)
  var hiddenColor: HiddenColor?

  @Flag(
    name: .customLong("no-exact"),
    help: """
      Approximate even where the exact file takes fewer bytes, or nothing else is good enough.
      """)
  var alwaysApproximates = false

  func apply(to options: inout EncoderOptions) {
    options.stripMetadata = stripMetadata
    options.keepsHiddenColor = hiddenColor.map { $0 == .keepHiddenColor }
    options.allowsExact = !alwaysApproximates
  }
}

/// Whether the encoder looks at the result.
struct CheckOption: EncoderSetting {
  @Flag(inversion: .prefixedNo, help: "Decode the result and compare before writing it.")
  var verify = true

  func apply(to options: inout EncoderOptions) { options.verify = verify }
}
