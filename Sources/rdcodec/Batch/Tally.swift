import ArgumentParser
import CommandSupport

/// Tells what became of each file as it ends, and of all of them at the end.
struct Tally {
  let printsJSON: Bool
  let isVerbose: Bool
  let reporter: Reporter
  private var totals = BatchTotals()
  /// Why standard output takes no more JSON.
  private var outputFailure: Failure?

  init(printsJSON: Bool, isVerbose: Bool, reporter: Reporter) {
    self.printsJSON = printsJSON
    self.isVerbose = isVerbose
    self.reporter = reporter
  }

  mutating func addSkipped(_ path: String, _ reason: SkipReason) {
    totals.addSkipped(reason)
    if isVerbose { reporter.note("\(path): skipped, \(reason.description)") }
    printLine(ConversionRecord(input: path, status: .skipped, reason: reason.description))
  }

  mutating func addFailed(_ path: String, _ failure: Failure, at index: Int) {
    var record = ConversionRecord(input: path, status: .failed, reason: failure.problem)
    record.exitCode = failure.exitCode.rawValue
    add(Converter.Outcome(record: record, failure: failure), at: index)
  }

  mutating func add(_ outcome: Converter.Outcome, at index: Int) {
    let record = outcome.record
    if let failure = outcome.failure {
      totals.addFailed(failure, at: index)
      reporter.report(failure)
    } else if record.status == .done {
      totals.addDone()
      if isVerbose { reporter.note("\(record.input): done already, \(record.output ?? "")") }
    } else {
      totals.addConverted(
        inputByteCount: record.inputByteCount ?? 0, outputByteCount: record.outputByteCount ?? 0)
      outcome.warnings.forEach(reporter.warn)
      if let note = outcome.note { reporter.note(note) }
    }
    printLine(record)
  }

  /// Says what a batch did; throws where something failed.
  mutating func conclude(isBatch: Bool, seconds: Double) throws {
    let exitCode = totals.exitCode
    if isBatch {
      reporter.conclude(totals.lines(seconds: seconds), hasFailures: exitCode != .success)
    }
    printLine(totals.record(seconds: seconds))
    if exitCode != .success { throw exitCode }
    if let outputFailure { throw outputFailure }
  }

  private mutating func printLine(_ record: some Encodable) {
    guard printsJSON, outputFailure == nil else { return }
    do { try StandardStreams.write(JSON.line(record)) } catch { outputFailure = error }
  }
}
