import ArgumentParser
import CommandSupport

/// Turns the command line into a command, or into one line about what is wrong with it.
enum CommandLineParser {
  /// Throws a ``Failure`` where the command line makes no sense, and what ArgumentParser throws
  /// where the user asked for help or the version.
  static func parse(_ arguments: [String]) throws -> any ParsableCommand {
    if let quality = CommandLineDiagnosis.qualityByShortName(arguments) {
      throw Failure(usage: quality.problem, advice: quality.advice)
    }
    if CommandLineDiagnosis.asksForHelp(arguments), let table = CommandTable(),
      let unknown = CommandLineDiagnosis(table: table, arguments: arguments).unknownInHelp
    {
      throw Failure(usage: unknown.problem, advice: unknown.advice)
    }
    do { return try RDCodecCommand.parseAsRoot(arguments) } catch {
      guard RDCodecCommand.exitCode(for: error) == .usage, let table = CommandTable() else {
        throw error
      }
      let diagnosis = CommandLineDiagnosis(table: table, arguments: arguments)
      let joined = diagnosis.joiningNegativeValues
      do { return try RDCodecCommand.parseAsRoot(joined) } catch {
        guard RDCodecCommand.exitCode(for: error) == .usage else { throw error }
        let joinedDiagnosis = CommandLineDiagnosis(table: table, arguments: joined)
        if let unknown = joinedDiagnosis.unknown {
          throw Failure(usage: unknown.problem, advice: unknown.advice)
        }
        throw Failure(
          usage: problem(RDCodecCommand.message(for: error)),
          advice: "see '\(diagnosis.helpPage)'")
      }
    }
  }

  /// The name of the command whose help this command line asks for; "" for the program's own.
  static func commandOfHelp(_ arguments: [String]) -> String {
    let words = arguments.filter { !$0.hasPrefix("-") }
    return (words.first == "help" ? words.dropFirst().first : words.first) ?? ""
  }

  /// ArgumentParser's message as part of a line: on one line, not as a sentence.
  private static func problem(_ message: String) -> String {
    let lines = message.split(whereSeparator: \.isNewline).map {
      $0.trimmed
    }
    var text = lines.joined(separator: " ").replacing(". Please provide", with: "; it is")
    if text.hasSuffix(".") { text.removeLast() }
    // "Missing value": a capital that is not the first of several.
    let start = text.prefix(2)
    if start.first?.isUppercase == true, start.last?.isLowercase == true {
      text = start.lowercased() + text.dropFirst(2)
    }
    return text
  }
}

extension Failure {
  /// The command line is wrong.
  init(usage problem: String, advice: String) {
    self.init("", problem, advice: advice, exitCode: .usage)
  }
}
