import Foundation

/// The bench run as comma-separated values: a header, then a line per image and setting, of rdcodec
/// and then of the other codecs, which leave fields empty.
struct BenchCSV {
  private var result: BenchResult

  init(_ result: BenchResult) { self.result = result }

  var text: String {
    let header = Self.columns.map(\.name)
    let rows = result.records.map { record in Self.columns.map { Self.quoted($0.field(record)) } }
    let peerRows = result.peers.map { peer in
      Self.columns.map { Self.quoted($0.peerField?(peer) ?? "") }
    }
    return ([header] + rows + peerRows).map { $0.joined(separator: ",") + "\n" }.joined()
  }

  private struct Column: Sendable {
    var name: String
    var field: @Sendable (BenchRecord) -> String
    var peerField: (@Sendable (PeerRecord) -> String)?

    init(
      _ name: String, _ field: @escaping @Sendable (BenchRecord) -> String,
      peer: (@Sendable (PeerRecord) -> String)? = nil
    ) {
      self.name = name
      self.field = field
      peerField = peer
    }
  }

  private static let columns = [
    Column("file", { $0.file }, peer: { $0.file }),
    Column("width") { "\($0.width)" },
    Column("height") { "\($0.height)" },
    Column("channels") { "\($0.channels)" },
    Column("depth") { "\($0.depth)" },
    Column("quality", { text($0.quality) }, peer: { text($0.setting) }),
    Column("rate_objective") { "\($0.rate.objectiveBits)" },
    Column("rate_written") { "\($0.rate.writtenBits)" },
    Column("residual_objective") { "\($0.residual.objectiveBits)" },
    Column("residual_written") { "\($0.residual.writtenBits)" },
    Column("file_bits", { "\($0.fileBits)" }, peer: { "\($0.fileBits)" }),
    Column("psnr", { text($0.psnr) }, peer: { text($0.psnr) }),
    Column("ms_ssim", { text($0.similarity) }, peer: { text($0.similarity) }),
    Column("encode_seconds", { "\($0.encodeSeconds)" }, peer: { "\($0.encodeSeconds)" }),
    Column("decode_seconds", { "\($0.decodeSeconds)" }, peer: { "\($0.decodeSeconds)" }),
    Column("peak_bytes") { "\($0.peakByteCount)" },
    Column("source") { $0.source },
    Column("bugs") { $0.bugs.joined(separator: "; ") },
    Column("codec", { _ in BenchCurves.own }, peer: { $0.codec }),
  ]

  private static func text(_ value: Double?) -> String { value.map { "\($0)" } ?? "" }

  /// A field as RFC 4180 quotes it.
  private static func quoted(_ field: String) -> String {
    guard field.contains(where: { ",\"\r\n".contains($0) }) else { return field }
    return "\"" + field.replacingOccurrences(of: "\"", with: "\"\"") + "\""
  }
}
