import ArgumentParser
import BenchCommand
import CommandSupport
import RDCodec

@main
struct RDCodecCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rdcodec",
    abstract: "Stores pictures without loss or as an approximation, and JPEG files byte for byte.",
    version: ProgramVersion.number,
    subcommands: [GenerateManual.self],
    groupedSubcommands: [
      CommandGroup(name: "Conversion", subcommands: [Compress.self, Decompress.self, Strip.self]),
      CommandGroup(name: "Report", subcommands: [Info.self, Verify.self, Bench.self]),
    ])

  static func main() async {
    ProcessMemory.keepFreed()
    StandardStreams.prepare()
    TemporaryFiles.removeOnTermination()
    let arguments = CommandLine.pathArguments
    // What scripts ask for most often, without the parser, which takes longer than all else.
    if arguments == ["--version"] { return show(ProgramVersion.number, arguments) }
    do {
      var command = try CommandLineParser.parse(arguments)
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch let failure as Failure {
      StandardStreams.printError(failure.message + "\n")
      systemExit(failure.exitCode.rawValue)
    } catch let code as ExitCode {
      systemExit(code.rawValue)
    } catch {
      // Help, version and completion scripts arrive here as errors.
      show(fullMessage(for: error), arguments)
      systemExit(exitCode(for: error).rawValue)
    }
  }

  /// Prints what was asked for; help gets its examples.
  private static func show(_ message: String, _ arguments: [String]) {
    var text = message == ProgramVersion.number ? ProgramVersion.text : message
    if text.hasPrefix("OVERVIEW:") {
      text += HelpExamples.section(CommandLineParser.commandOfHelp(arguments))
    }
    if !text.hasSuffix("\n") { text += "\n" }
    StandardStreams.endOnClosedPipe()
    do { try StandardStreams.print(text) } catch {
      StandardStreams.printError(error.message + "\n")
      systemExit(error.exitCode.rawValue)
    }
  }
}
