import ArgumentParser
import CommandSupport

/// What a batch did, all files together.
struct BatchTotals: Sendable {
  struct FailedFile: Sendable {
    /// The position on the command line.
    var index: Int
    var failure: Failure
  }

  private(set) var convertedCount = 0
  private(set) var doneCount = 0
  private(set) var skipped: [SkipReason: Int] = [:]
  private(set) var failed: [FailedFile] = []
  /// Of the files that were converted.
  private(set) var inputByteCount = 0
  private(set) var outputByteCount = 0

  mutating func addConverted(inputByteCount: Int, outputByteCount: Int) {
    convertedCount += 1
    self.inputByteCount += inputByteCount
    self.outputByteCount += outputByteCount
  }

  mutating func addDone() { doneCount += 1 }

  mutating func addSkipped(_ reason: SkipReason) { skipped[reason, default: 0] += 1 }

  mutating func addFailed(_ failure: Failure, at index: Int) {
    failed.append(FailedFile(index: index, failure: failure))
  }

  /// The exit code of the first failure in the order of the command line; success where there is
  /// none.
  var exitCode: ExitCode { failuresInOrder.first?.exitCode ?? .success }

  /// The last lines of a batch: the sums, and then every failure.
  func lines(seconds: Double) -> [String] {
    let sums =
      [("converted", convertedCount), ("done already", doneCount), ("failed", failed.count)]
      .filter { $0.1 > 0 || $0.0 == "converted" }.map { "\($0.1) \($0.0)" }
    let bytes =
      convertedCount == 0 ? "" : "; \(inputByteCount) -> \(outputByteCount) bytes"
    let first = (sums + skips).joined(separator: ", ") + bytes + ", \(fixed(seconds, 1)) s"
    let failures = failuresInOrder.map { "  \($0.message.trimmingPrefix("rdcodec: "))" }
    return [first] + (failures.isEmpty ? [] : ["failed:"] + failures)
  }

  func record(seconds: Double) -> BatchRecord {
    BatchRecord(
      summary: .init(
        converted: convertedCount, done: doneCount, skipped: skipped.values.reduce(0, +),
        failed: failed.count, inputByteCount: inputByteCount, outputByteCount: outputByteCount,
        seconds: seconds))
  }

  private var failuresInOrder: [Failure] {
    failed.sorted { $0.index < $1.index }.map(\.failure)
  }

  /// "7 skipped (4 hidden; 3 not pictures)".
  private var skips: [String] {
    let reasons = SkipReason.allCases.compactMap { reason in
      skipped[reason].map(reason.counted)
    }
    guard !reasons.isEmpty else { return [] }
    return ["\(skipped.values.reduce(0, +)) skipped (\(reasons.joined(separator: "; ")))"]
  }
}
