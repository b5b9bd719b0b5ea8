import ArgumentParser
import Foundation
import RDCodec

@main
struct RDCodecCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rdcodec", abstract: "A rate–distortion image codec.", version: "0.1.0",
    subcommands: [
      Compress.self, Decompress.self, Bench.self, Info.self, Verify.self, Strip.self,
    ])

  static func main() async {
    StandardStreams.prepare()
    TemporaryFiles.removeOnTermination()
    do {
      var command = try parseAsRoot(CommandLine.pathArguments)
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch let failure as Failure {
      StandardStreams.printError(failure.message + "\n")
      Foundation.exit(failure.exitCode.rawValue)
    } catch let code as ExitCode {
      Foundation.exit(code.rawValue)
    } catch {
      // Help and version arrive here as well; ArgumentParser prints them.
      guard exitCode(for: error) == .usage else { exit(withError: error) }
      let problem = Failure.singleLine(message(for: error))
      StandardStreams.printError("rdcodec: \(problem); see 'rdcodec help'\n")
      Foundation.exit(ExitCode.usage.rawValue)
    }
  }
}
