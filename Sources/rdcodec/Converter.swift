import ArgumentParser
import CommandSupport
import RDCodec

/// The result of converting one file, beside the bytes that were written.
struct Converted: Sendable {
  /// What the .rdc file is that was read, or nil.
  var input: BitstreamInfo?
  /// What the .rdc file is that was written, or nil.
  var output: BitstreamInfo?
  /// What to tell the user about it, in one line.
  var summary: String
  /// What was lost on the way, shown even with --quiet: "a.png: its animation is left out".
  var warnings: [String] = []
}

/// What lets a batch go on where an earlier run ended.
struct Batch: Sendable {
  let checker: any OutputChecker
  let journal: Journal
}

/// Converts files: a single one, or a batch with several in flight.
struct Converter: Sendable {
  /// Makes the output from the input, with this many threads; to be published when this returns.
  typealias Body =
    @Sendable (
      _ input: ByteSource, _ output: OutputWriter, _ conversion: Conversion, _ jobs: Int,
      _ progress: ProgressHandler?
    ) async throws -> Converted

  var plan: BatchPlan
  var isBatch: Bool
  /// Nil for a single file, and where there is nothing to convert.
  var batch: Batch?
  var force: Bool
  var jobs: Int
  var isVerbose: Bool
  var printsJSON: Bool
  var reporter: Reporter
  var body: Body

  /// What became of one conversion.
  struct Outcome: Sendable {
    var record: ConversionRecord
    /// What to say about it; nil: nothing.
    var note: String?
    /// To be shown in any case.
    var warnings: [String] = []
    var failure: Failure?
  }

  /// Converts every file; one that fails is reported and does not stop the others.
  ///
  /// Throws the exit code of the first failure, in the order of the command line.
  func run() async throws {
    let start = ContinuousClock.now
    var tally = Tally(printsJSON: printsJSON, isVerbose: isVerbose, reporter: reporter)
    var conversions: [(index: Int, conversion: Conversion)] = []
    for (index, item) in plan.items.enumerated() {
      switch item {
      case .conversion(let conversion): conversions.append((index, conversion))
      case .skipped(let path, let reason): tally.addSkipped(path, reason)
      case .failed(let path, let failure): tally.addFailed(path, failure, at: index)
      }
    }
    let filesInFlight = min(jobs, conversions.count)
    let jobsPerFile = max(1, jobs / max(1, filesInFlight))
    await withTaskGroup(of: (Int, Outcome).self) { group in
      for (file, item) in conversions.enumerated() {
        if file >= filesInFlight, let (index, outcome) = await group.next() {
          tally.add(outcome, at: index)
        }
        group.addTask {
          (item.index, await outcome(of: item.conversion, file: file, jobs: jobsPerFile))
        }
      }
      for await (index, outcome) in group { tally.add(outcome, at: index) }
    }
    reporter.finish()
    try tally.conclude(isBatch: isBatch, seconds: (ContinuousClock.now - start).seconds)
  }

  private func outcome(of conversion: Conversion, file: Int, jobs: Int) async -> Outcome {
    let progress = reporter.progressHandler(file: file)
    defer { progress?(1) }
    do {
      let outcome =
        if let batch {
          try await convert(conversion, in: batch, jobs: jobs, progress)
        } else {
          try await convert(conversion, jobs: jobs, progress)
        }
      if outcome.record.status != .converted { reporter.leaveOut(file: file) }
      return outcome
    } catch {
      reporter.leaveOut(file: file)
      let name = InputFile.displayName(conversion.input)
      return Outcome(failed: conversion, Failure(name, any: error))
    }
  }

  /// Converts a single file.
  private func convert(
    _ conversion: Conversion, jobs: Int, _ progress: ProgressHandler?
  ) async throws -> Outcome {
    let start = ContinuousClock.now
    let output = try OutputFile(conversion.output, input: conversion.input, force: force)
    let (input, attributes) = try InputFile.file(conversion.input)
    let writer = output.writer(attributes)
    let converted = try await make(input, writer, conversion, jobs: jobs, progress)
    try writer.finish()
    return Outcome(conversion, input, writer, converted, since: start)
  }

  /// Runs the body; what it wrote is gone where it fails.
  func make(
    _ input: ByteSource, _ output: OutputWriter, _ conversion: Conversion, jobs: Int,
    _ progress: ProgressHandler?
  ) async throws -> Converted {
    do {
      return try await body(input, output, conversion, jobs, progress)
    } catch {
      output.discard()
      // What the library calls a failed output, the writer knows better.
      throw output.failure ?? error
    }
  }
}

extension Converter.Outcome {
  init(failed conversion: Conversion, _ failure: Failure) {
    record = ConversionRecord(
      input: conversion.input, output: conversion.output, status: .failed, reason: failure.problem)
    record.exitCode = failure.exitCode.rawValue
    self.failure = failure
  }

  init(
    _ conversion: Conversion, _ input: ByteSource, _ output: OutputWriter, _ converted: Converted,
    since start: ContinuousClock.Instant, replacing: String? = nil
  ) {
    record = ConversionRecord(
      input: conversion.input, output: conversion.output, status: .converted, reason: replacing)
    record.message = converted.summary.shown
    record.inputByteCount = input.count
    record.outputByteCount = output.byteCount
    record.seconds = (ContinuousClock.now - start).seconds
    if let info = converted.output ?? converted.input { record.describe(info) }
    note = converted.summary
    warnings = converted.warnings
    if conversion.isRenamed { note? += "; named \(conversion.output), which tells it from others" }
    if let replacing { warnings.append("\(conversion.output): replaced, \(replacing)") }
    record.warnings = warnings.isEmpty ? nil : warnings.map(\.shown)
  }
}
