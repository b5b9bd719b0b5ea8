import RDCodec

/// What an output that is there already turns out to be.
enum OutputState: Sendable {
  case intact
  /// The beginning of such a file.
  case truncated
  /// Neither: something else, or a file with wrong bytes in it.
  case damaged
}

/// What a command knows about its outputs, so that a batch can tell which are done.
protocol OutputChecker: Sendable {
  /// The options that an output's bytes depend on, the same text for the same options.
  var settings: String { get }

  func state(of output: [UInt8], jobs: Int) async -> OutputState

  /// Whether an intact output holds all that the input holds, whatever options wrote it; nil where
  /// only converting the input can tell.
  func isMade(_ output: [UInt8], from input: ByteSource, jobs: Int) async -> Bool?
}

/// For outputs that are bitstreams.
struct BitstreamChecker: OutputChecker {
  /// What outputs depend on: an image and these, or these words.
  private enum Origin {
    case options(EncoderOptions)
    case words(String)
  }

  private let origin: Origin
  private let limits: DecoderLimits

  /// For outputs of ``encode(_:_:progress:)``.
  init(_ options: EncoderOptions, limits: DecoderLimits) {
    origin = .options(options)
    self.limits = limits
  }

  init(settings: String, limits: DecoderLimits) {
    origin = .words(settings)
    self.limits = limits
  }

  /// Nil where an output depends on more than an image.
  private var encoderOptions: EncoderOptions? {
    guard case .options(let options) = origin else { return nil }
    return options
  }

  var settings: String {
    switch origin {
    case .words(let words): return words
    case .options(let options):
      // By reflection: an option that comes later is not forgotten here.
      let ignored: Set<String> = ["jobs", "verify", "model", "memoryByteCount"]
      let fields = Mirror(reflecting: options).children
        .filter { !ignored.contains($0.label ?? "") }
        .map { "\($0.label ?? "")=\($0.value)" }
      return (fields.sorted() + ["model=\(options.model?.identifier ?? "built in")"])
        .joined(separator: " ")
    }
  }

  func state(of output: [UInt8], jobs: Int) async -> OutputState {
    if output.isEmpty { return .truncated }
    let rows = PassedRows(to: nil)
    if (try? await decode(ByteSource(output), decoderOptions(jobs), into: rows)) != nil {
      return .intact
    }
    do {
      let info = try inspect(output, limits: limits)
      return info.byteCount > output.count ? .truncated : .damaged
    } catch {
      guard case .truncated = error else { return .damaged }
      return .truncated
    }
  }

  func isMade(_ output: [UInt8], from input: ByteSource, jobs: Int) async -> Bool? {
    guard let options = encoderOptions, let image = try? ReadImage(input, limits: limits).image
    else { return nil }
    guard let info = try? inspect(output, limits: limits), info.width == image.width,
      info.height == image.height
    else { return false }
    guard case .lossless = options.mode else { return nil }
    if let bytes = try? input.bytes(in: 0..<input.count), ImageFormat(start: bytes) == .jpeg {
      // Of a file that is kept, the same picture is not enough.
      guard info.keepsJPEG, !options.stripMetadata, options.recoversSource else { return nil }
      return (try? await decodeJPEG(ByteSource(output), decoderOptions(jobs))) == bytes
    }
    guard info.isLossless, let decoded = try? await decode(output, decoderOptions(jobs)) else {
      return false
    }
    if decoded == image { return true }
    // What else the options leave out, only the encoder knows.
    return options.stripMetadata || options.keepsHiddenColor == false ? nil : false
  }

  private func decoderOptions(_ jobs: Int) -> DecoderOptions {
    DecoderOptions(jobs: jobs, limits: limits, model: encoderOptions?.model)
  }
}

/// For outputs that are images.
struct ImageChecker: OutputChecker {
  let settings: String
  let limits: DecoderLimits

  func state(of output: [UInt8], jobs: Int) async -> OutputState {
    if output.isEmpty { return .truncated }
    // A PNG that is cut is found by comparing it with the whole one.
    return (try? readImage(output, limits: limits)) == nil ? .damaged : .intact
  }

  func isMade(_ output: [UInt8], from input: ByteSource, jobs: Int) async -> Bool? { nil }
}
