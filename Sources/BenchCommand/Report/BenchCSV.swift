import CommandSupport

/// The bench run as comma-separated values: a header, then a line per image and setting, of rdcodec
/// and then of the other codecs, which leave fields empty.
///
/// Names are those of the JSON report. Every line carries what the run was, so that lines of
/// several runs can share a table.
struct BenchCSV {
  private var result: BenchResult

  init(_ result: BenchResult) { self.result = result }

  var text: String {
    let columns = Self.firstColumns + Self.metricColumns + Self.lastColumns
    let header = columns.map(\.name) + Self.runColumns.map(\.name)
    let run = Self.runColumns.map { $0.field(result.run) }
    let rows = result.records.map { record in columns.map { $0.field(record) } + run }
    let peerRows = result.peers.map { record in
      let peer = result.run.peers.first { $0.codec == record.codec }
      return columns.map { column in
        switch column.name {
        case "codecVersion": peer?.version ?? ""
        case "encodeCommand": peer?.encodeCommand ?? ""
        default: column.peerField?(record) ?? ""
        }
      } + run
    }
    return ([header] + rows + peerRows).map { row in
      row.map(Self.quoted).joined(separator: ",") + "\n"
    }.joined()
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

  /// In front of the metrics.
  private static let firstColumns = [
    Column("codec", { _ in BenchCurves.own }, peer: { $0.codec }),
    Column("file", { $0.file }, peer: { $0.file }),
    Column("inputByteCount") { "\($0.inputByteCount)" },
    Column("width") { "\($0.width)" },
    Column("height") { "\($0.height)" },
    Column("channelCount") { "\($0.channels)" },
    Column("depth") { "\($0.depth)" },
    Column("mode", { $0.mode.name }, peer: { $0.setting == nil ? "lossless" : "lossy" }),
    Column("setting", { text($0.mode.setting) }, peer: { text($0.setting) }),
    Column("byteCount", { "\($0.fileBits / 8)" }, peer: { "\($0.fileBits / 8)" }),
    Column("bitsPerPixel", { "\($0.bitsPerPixel)" }, peer: { "\($0.bitsPerPixel)" }),
    Column("rateObjective") { "\($0.rate.objectiveBits)" },
    Column("rateWritten") { "\($0.rate.writtenBits)" },
    Column("residualObjective") { "\($0.residual.objectiveBits)" },
    Column("residualWritten") { "\($0.residual.writtenBits)" },
  ]

  private static let metricColumns = Metric.shown.map { metric in
    Column(metric.key, { text($0.distortion[metric]) }, peer: { text($0.distortion[metric]) })
  }

  /// Behind the metrics.
  private static let lastColumns = [
    Column("encodeSeconds", { "\($0.encodeSeconds)" }, peer: { text($0.encodeSeconds) }),
    Column("decodeSeconds", { "\($0.decodeSeconds)" }, peer: { text($0.decodeSeconds) }),
    Column("peakByteCount") { "\($0.peakByteCount)" },
    Column("source") { $0.source },
    Column("modelIdentifier") { $0.model },
    Column("bugs") { $0.bugs.joined(separator: "; ") },
    Column("codecVersion") { _ in ProgramVersion.number },
    Column("encodeCommand") { _ in "" },
  ]

  /// What is the same in every line.
  private struct RunColumn: Sendable {
    var name: String
    var field: @Sendable (BenchRun) -> String

    init(_ name: String, _ field: @escaping @Sendable (BenchRun) -> String) {
      self.name = name
      self.field = field
    }
  }

  private static let runColumns = [
    RunColumn("version") { $0.version },
    RunColumn("effort") { "\($0.effort)" },
    RunColumn("tune") { $0.tune ?? "" },
    RunColumn("recoversSource") { "\($0.recoversSource)" },
    RunColumn("jobs") { "\($0.jobs)" },
    RunColumn("metadata") { $0.metadata },
    RunColumn("cpu") { $0.machine.cpu },
    RunColumn("coreCount") { "\($0.machine.coreCount)" },
    RunColumn("kernels") { $0.machine.kernels },
    RunColumn("system") { $0.machine.system },
    RunColumn("started") { $0.started },
    RunColumn("commandLine") { $0.commandLine },
  ]

  private static func text(_ value: Double?) -> String { value.map { "\($0)" } ?? "" }

  /// A field as RFC 4180 quotes it.
  private static func quoted(_ field: String) -> String {
    // By scalars: a line feed after a carriage return is one character.
    let special = Set(",\"\r\n".unicodeScalars)
    guard field.unicodeScalars.contains(where: special.contains) else { return field }
    return "\"" + field.replacing("\"", with: "\"\"") + "\""
  }
}
