import RDCodec

/// What --version says.
package enum ProgramVersion {
  package static let number = "0.1.0"

  /// The program's version, the format's, and the models that are built in.
  package static var text: String {
    let models = Tuning.allCases.map { "model \(BuiltIn.modelIdentifier(of: $0)) (\($0.rawValue))" }
    return """
      rdcodec \(number)
      format version \(BuiltIn.formatVersion)
      \(models.joined(separator: "\n"))
      """
  }
}
