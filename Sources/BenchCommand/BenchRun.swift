import CommandSupport
import RDCodec

/// What has to be known of a bench run to repeat it; every report carries it.
struct BenchRun: Sendable, Encodable {
  /// What the shell was given, quoted where the shell needs it.
  var commandLine: String
  /// In UTC, as ISO 8601 writes it.
  var started: String
  /// Of rdcodec.
  var version: String
  /// Of the files; nil where none was written.
  var formatVersion: Int?
  var effort: Int
  /// Nil where a model was given.
  var tune: String?
  /// Identifiers of the models that the files were written by.
  var models: [String] = []
  var recoversSource: Bool
  var jobs: Int
  /// What all codecs keep beside the pixels.
  var metadata = "none"
  var machine = Machine.current
  /// The codecs that were compared.
  var peers: [PeerDescription] = []

  init(options: EncoderOptions) {
    commandLine = Self.quoted(CommandLine.arguments)
    started = Date.now.formatted(.iso8601)
    version = ProgramVersion.number
    effort = options.effort
    tune = options.model == nil ? options.tuning.rawValue : nil
    recoversSource = options.recoversSource
    jobs = options.jobs
  }

  /// Names and values, for people.
  var fields: [(name: String, value: String)] {
    let modelNames = models.isEmpty ? "none" : models.joined(separator: ", ")
    return [
      ("command", commandLine),
      ("rdcodec", version + (formatVersion.map { ", format version \($0)" } ?? "")),
      ("effort", "\(effort)"),
      ("tune", tune ?? "by the model that was given"),
      ("model", modelNames),
      ("search for sources", recoversSource ? "yes" : "no"),
      ("threads", "\(jobs)"),
      (
        "metadata",
        "\(metadata): every codec gets and keeps the pixels alone; JPEG files are kept whole"
      ),
      ("machine", machine.text),
      ("started", started),
    ]
      + peers.map { peer in
        let version = peer.version.map { " (\($0))" } ?? ""
        return (peer.codec, "\(peer.encodeCommand)\(version); \(peer.decodeCommand)")
      }
  }

  /// A command line that a shell splits into these arguments.
  static func quoted(_ arguments: [String]) -> String {
    arguments.map { argument in
      let isPlain =
        !argument.isEmpty
        && argument.unicodeScalars.allSatisfy {
          $0.properties.isAlphabetic || "0123456789-_=+,./:@%".unicodeScalars.contains($0)
        }
      return isPlain ? argument : "'" + argument.replacing("'", with: #"'\''"#) + "'"
    }.joined(separator: " ")
  }
}
