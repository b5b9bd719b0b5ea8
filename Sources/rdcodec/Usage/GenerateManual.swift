import ArgumentParser
import CommandSupport

/// Prints the manual page; for `make man` and `make install`, so it is not in the help.
struct GenerateManual: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print the manual page.", shouldDisplay: false)

  func run() throws {
    guard let table = CommandTable() else {
      throw Failure(
        "generate-manual", "ArgumentParser describes commands in a form that is not known",
        advice: "please report this", exitCode: .internalError)
    }
    try StandardStreams.print(ManualPage(table: table).text)
  }
}
