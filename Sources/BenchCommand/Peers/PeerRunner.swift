import CommandSupport
import RDCodec

/// A codec whose tools were found, and the folder that they work in.
struct PeerRunner: Sendable {
  let peer: Peer
  private let encoder: Tool
  private let decoder: Tool
  private let jobs: Int
  private let limits: DecoderLimits
  private let packed: String
  private let restored: String

  /// Nil where a tool is missing.
  init?(_ peer: Peer, folder: URL, jobs: Int, limits: DecoderLimits) {
    guard let encoder = Tool(peer.encoder), let decoder = Tool(peer.decoder) else { return nil }
    self.peer = peer
    self.encoder = encoder
    self.decoder = decoder
    self.jobs = jobs
    self.limits = limits
    packed = folder.appendingPathComponent("packed.\(peer.fileExtension)").path
    restored = folder.appendingPathComponent("restored.\(peer.restoredExtension)").path
  }

  /// Encodes a source; returns the file's bytes and the seconds that it took.
  func encode(_ source: PeerSource, setting: Double?) throws -> (byteCount: Int, seconds: Double) {
    let input = try source.path(withExtension: peer.inputExtension)
    // A tool that writes nothing must not find what an earlier one wrote.
    try? FileManager.default.removeItem(atPath: packed)
    let seconds = try encoder.run(
      peer.encodeArguments(input, packed, setting.map(peer.text), jobs))
    return (try InputFile.read(packed).count, seconds)
  }

  /// Decodes what was encoded last.
  func decode() throws -> (image: Image, seconds: Double) {
    try? FileManager.default.removeItem(atPath: restored)
    let seconds = try decoder.run(peer.decodeArguments(packed, restored, jobs))
    return (try readImage(try InputFile.read(restored), limits: limits), seconds)
  }

  /// Encodes and decodes once; the measures, and what came back.
  func record(
    _ source: PeerSource, setting: Double?
  ) throws -> (record: PeerRecord, decoded: Image) {
    let (byteCount, encodeSeconds) = try encode(source, setting: setting)
    let (decoded, decodeSeconds) = try decode()
    var record = PeerRecord(
      codec: peer.name, file: source.file, setting: setting, pixelCount: source.pixelCount,
      sampleCount: source.sampleCount, fileBits: 8 * byteCount, encodeSeconds: encodeSeconds,
      decodeSeconds: decodeSeconds)
    let reference = try source.reference()
    if setting != nil {
      record.distortion = reference.distortion(of: decoded)
    } else if !reference.isRestored(by: decoded) {
      throw Failure(
        peer.decoder, "gives back another image", advice: "try it by hand", exitCode: .dataError)
    }
    return (record, decoded)
  }

  /// How the tools are called; without settings.
  var description: PeerDescription {
    let setting = peer.ladder.isEmpty ? nil : "SETTING"
    return PeerDescription(
      codec: peer.name, version: encoder.version(peer.versionArgument),
      encodeCommand: ([peer.encoder]
        + peer.encodeArguments(
          "INPUT.\(peer.inputExtension)", "OUTPUT.\(peer.fileExtension)", setting, jobs))
        .joined(separator: " "),
      decodeCommand: ([peer.decoder]
        + peer.decodeArguments(
          "INPUT.\(peer.fileExtension)", "OUTPUT.\(peer.restoredExtension)", jobs))
        .joined(separator: " "))
  }
}
