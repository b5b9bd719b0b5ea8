import CommandSupport
import RDCodec

/// What `info --json` says about one file, on one line.
struct InfoLine: Encodable {
  private enum CodingKeys: CodingKey {
    case file, error, isTruncated, fileByteCount
  }

  private let file: String
  private let info: BitstreamInfo?
  /// Bytes that the file has, which may differ from what its header announces.
  private let byteCount: Int?
  private let error: String?

  init(_ file: String, _ info: BitstreamInfo, byteCount: Int) {
    self.file = file
    self.info = info
    self.byteCount = byteCount
    error = nil
  }

  init(_ file: String, _ failure: Failure) {
    self.file = file
    info = nil
    byteCount = nil
    error = failure.problem
  }

  /// One object, its keys in the style of the other reports and sorted, and the end of the line.
  func text() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return Array(try encoder.encode(self)) + [UInt8(ascii: "\n")]
  }

  func encode(to encoder: any Encoder) throws {
    try info?.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(file, forKey: .file)
    if let info, let byteCount {
      try container.encode(byteCount, forKey: .fileByteCount)
      try container.encode(byteCount < info.byteCount, forKey: .isTruncated)
    }
    try container.encodeIfPresent(error, forKey: .error)
  }
}
