import Foundation

/// The bench run as comma-separated values: a header, then a line per image.
struct BenchCSV {
  var records: [BenchRecord]

  var text: String {
    let header = Self.columns.map(\.name)
    let rows = records.map { record in Self.columns.map { Self.quoted($0.field(record)) } }
    return ([header] + rows).map { $0.joined(separator: ",") + "\n" }.joined()
  }

  private struct Column: Sendable {
    var name: String
    var field: @Sendable (BenchRecord) -> String

    init(_ name: String, _ field: @escaping @Sendable (BenchRecord) -> String) {
      self.name = name
      self.field = field
    }
  }

  private static let columns = [
    Column("file") { $0.file },
    Column("width") { "\($0.width)" },
    Column("height") { "\($0.height)" },
    Column("channels") { "\($0.channels)" },
    Column("depth") { "\($0.depth)" },
    Column("quality") { text($0.quality) },
    Column("rate_objective") { "\($0.rate.objectiveBits)" },
    Column("rate_written") { "\($0.rate.writtenBits)" },
    Column("residual_objective") { "\($0.residual.objectiveBits)" },
    Column("residual_written") { "\($0.residual.writtenBits)" },
    Column("file_bits") { "\($0.fileBits)" },
    Column("psnr") { text($0.psnr) },
    Column("ms_ssim") { text($0.similarity) },
    Column("encode_seconds") { "\($0.encodeSeconds)" },
    Column("decode_seconds") { "\($0.decodeSeconds)" },
    Column("peak_bytes") { "\($0.peakByteCount)" },
    Column("source") { $0.source },
    Column("bugs") { $0.bugs.joined(separator: "; ") },
  ]

  private static func text(_ value: Double?) -> String { value.map { "\($0)" } ?? "" }

  /// A field as RFC 4180 quotes it.
  private static func quoted(_ field: String) -> String {
    guard field.contains(where: { ",\"\r\n".contains($0) }) else { return field }
    return "\"" + field.replacingOccurrences(of: "\"", with: "\"\"") + "\""
  }
}
