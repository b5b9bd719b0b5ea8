package import ArgumentParser

/// How many threads may work, and how much is said about it.
package struct WorkOptions: ParsableArguments {
  @Option(
    name: [.customShort("j", allowingJoined: true), .customLong("jobs")],
    help: ArgumentHelp(
      "Threads to use; the result is the same (default: one per core).", valueName: "threads"))
  package var givenJobs: Int?

  /// How many threads may work at once.
  package var jobs: Int { givenJobs ?? ProcessInfo.processInfo.activeProcessorCount }

  @Flag(name: .shortAndLong, help: "Say more about every file.")
  package var verbose = false

  @Flag(name: .shortAndLong, help: "Say nothing but errors.")
  package var quiet = false

  @Flag(inversion: .prefixedNo, help: "Show progress (default: on a terminal).")
  package var progress: Bool?

  package init() {}

  package func validate() throws {
    guard jobs >= 1 else { throw ValidationError("--jobs must be 1 or more") }
    guard !(verbose && quiet) else {
      throw ValidationError("--verbose and --quiet exclude each other")
    }
  }

  package func makeReporter(fileCount: Int, weights: [Double]? = nil) -> Reporter {
    Reporter(
      fileCount: fileCount, weights: weights, isQuiet: quiet,
      showsProgress: progress ?? (StandardStreams.isErrorTerminal && !quiet))
  }
}

/// Checks a quality from the command line.
package func checkQuality(_ quality: Double, option: String) throws {
  guard 1...100 ~= quality else { throw ValidationError("\(option) must be from 1 to 100") }
}
