import CommandSupport
import RDCodec

/// What became of one file.
enum ConversionStatus: String, Codable, Sendable {
  case converted
  /// Made by an earlier run.
  case done
  case skipped
  case failed
}

/// A line of `--json` about one file.
struct ConversionRecord: Encodable, Sendable {
  var input: String
  var output: String?
  var status: ConversionStatus
  /// Why it was skipped, failed, or converted again.
  var reason: String?
  /// What the program says about it without --json.
  var message: String?
  /// What was lost on the way.
  var warnings: [String]?
  var exitCode: Int32?
  var inputByteCount: Int?
  var outputByteCount: Int?
  var seconds: Double?
  var width: Int?
  var height: Int?
  var isLossless: Bool?
  /// Of the latents of a lossy file.
  var quality: Double?
  /// Of the .rdc file.
  var bitsPerPixel: Double?

  init(input: String, output: String? = nil, status: ConversionStatus, reason: String? = nil) {
    self.input = InputFile.displayName(input).shown
    self.output = output?.shown
    self.status = status
    self.reason = reason?.shown
  }

  /// Adds what the .rdc file says about itself.
  mutating func describe(_ info: BitstreamInfo) {
    (width, height, isLossless) = (info.width, info.height, info.isLossless)
    if !info.isLossless { quality = info.quality }
    bitsPerPixel = Double(info.byteCount) * 8 / Double(info.pixelCount)
  }
}

/// The last line of `--json`.
struct BatchRecord: Encodable, Sendable {
  struct Summary: Encodable, Sendable {
    var converted: Int
    var done: Int
    var skipped: Int
    var failed: Int
    var inputByteCount: Int
    var outputByteCount: Int
    var seconds: Double
  }

  var summary: Summary
}
