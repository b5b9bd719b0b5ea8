import ArgumentParser
import Foundation

/// How many threads may work, and how much is said about it.
struct WorkOptions: ParsableArguments {
  @Option(
    name: [.customShort("j", allowingJoined: true), .customLong("jobs")],
    help: ArgumentHelp(
      "Threads to use; the result is the same (default: one per core).", valueName: "threads"))
  var givenJobs: Int?

  /// How many threads may work at once.
  var jobs: Int { givenJobs ?? ProcessInfo.processInfo.activeProcessorCount }

  @Flag(name: .shortAndLong, help: "Say more about every file.")
  var verbose = false

  @Flag(name: .shortAndLong, help: "Say nothing but errors.")
  var quiet = false

  @Flag(inversion: .prefixedNo, help: "Show progress (default: on a terminal).")
  var progress: Bool?

  func validate() throws {
    guard jobs >= 1 else { throw ValidationError("--jobs must be 1 or more") }
    guard !(verbose && quiet) else {
      throw ValidationError("--verbose and --quiet exclude each other")
    }
  }

  func makeReporter(fileCount: Int, weights: [Double]? = nil) -> Reporter {
    Reporter(
      fileCount: fileCount, weights: weights, isQuiet: quiet,
      showsProgress: progress ?? (StandardStreams.isErrorTerminal && !quiet))
  }
}

/// The parameters of the encoder that several subcommands share.
struct EffortOption: ParsableArguments {
  @Option(
    name: [.customShort("e", allowingJoined: true), .customLong("effort")],
    help: "1 (fastest) to 9 (smallest).")
  var effort = 5

  func validate() throws {
    guard 1...9 ~= effort else { throw ValidationError("--effort must be from 1 to 9") }
  }
}

/// Whether the encoder looks for what pixels were made from.
struct SourceOption: ParsableArguments {
  @Flag(
    inversion: .prefixedNo,
    help: "Look for what an image was made from, such as subsampled YCbCr, and code that.")
  var sourceRecovery = true
}

/// Checks a quality from the command line.
func checkQuality(_ quality: Double, option: String) throws {
  guard 1...100 ~= quality else { throw ValidationError("\(option) must be from 1 to 100") }
}
