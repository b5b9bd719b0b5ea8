import ArgumentParser
import RDCodec

/// The result of converting one file.
struct Converted: Sendable {
  var bytes: [UInt8]
  /// What to tell the user about it, in one line.
  var summary: String
  /// What was lost on the way, shown even with --quiet: "a.png: its animation is left out".
  var warnings: [String] = []
}

/// Converts files: a single one, or a batch with several in flight.
struct Converter: Sendable {
  /// Makes the output from the bytes of the input, with this many threads.
  typealias Body =
    @Sendable (
      _ input: [UInt8], _ conversion: Conversion, _ jobs: Int, _ progress: ProgressHandler?
    ) async throws -> Converted

  var conversions: [Conversion]
  var isBatch: Bool
  var force: Bool
  var jobs: Int
  var reporter: Reporter
  /// Whether an output that exists already is what a finished conversion would have left.
  var isComplete: @Sendable (_ output: String) -> Bool
  var body: Body

  /// Converts every file; one that fails is reported and does not stop the others.
  ///
  /// Throws the exit code of the first failure, in the order of the command line.
  func run() async throws {
    let filesInFlight = min(jobs, conversions.count)
    let jobsPerFile = max(1, jobs / max(1, filesInFlight))
    var exitCodes = [ExitCode](repeating: .success, count: conversions.count)
    await withTaskGroup(of: (Int, ExitCode).self) { group in
      for index in conversions.indices {
        if index >= filesInFlight, let (finished, code) = await group.next() {
          exitCodes[finished] = code
        }
        group.addTask { (index, await convert(index, jobs: jobsPerFile)) }
      }
      for await (finished, code) in group { exitCodes[finished] = code }
    }
    reporter.finish()
    if let code = exitCodes.first(where: { $0 != .success }) { throw code }
  }

  private func convert(_ index: Int, jobs: Int) async -> ExitCode {
    let conversion = conversions[index]
    let progress = reporter.progressHandler(file: index)
    defer { progress?(1) }
    do {
      if isBatch, !force, isComplete(conversion.output) {
        reporter.note("\(conversion.input): skipped, \(conversion.output) exists already")
        return .success
      }
      let output = try OutputFile(conversion.output, input: conversion.input, force: force)
      let input = try InputFile.read(conversion.input)
      let converted = try await body(input, conversion, jobs, progress)
      try output.write(converted.bytes)
      for warning in converted.warnings { reporter.warn(warning) }
      reporter.note(converted.summary)
      return .success
    } catch {
      let failure = Failure(InputFile.displayName(conversion.input), any: error)
      reporter.report(failure)
      return failure.exitCode
    }
  }
}
