package import RDCodec
import Synchronization

/// What the user sees on standard error while files are worked on: a line for each finished file,
/// and below them one line of progress that keeps changing.
package final class Reporter: Sendable {
  private struct State {
    /// Fraction of the work done, per file.
    var fractions: [Double]
    var work: TimeLeft
    let start = ContinuousClock.now
    var lastDrawn: ContinuousClock.Instant?
    var isLineVisible = false
  }

  private let isQuiet: Bool
  private let showsProgress: Bool
  private let state: Mutex<State>

  /// Redrawing more often than this would only cost time.
  private static let interval = Duration.milliseconds(100)

  /// `weights` are the work of each file, such as its bytes; all the same without them.
  package init(fileCount: Int, weights: [Double]? = nil, isQuiet: Bool, showsProgress: Bool) {
    self.isQuiet = isQuiet
    self.showsProgress = showsProgress
    let even = [Double](repeating: 1, count: fileCount)
    let work = TimeLeft(weights: weights ?? even)
    state = Mutex(State(fractions: Array(repeating: 0, count: fileCount), work: work))
  }

  /// A note, not shown with --quiet.
  package func note(_ line: String) {
    if !isQuiet { show(line) }
  }

  /// The lines at the end of a batch; with --quiet only where something failed.
  package func conclude(_ lines: [String], hasFailures: Bool) {
    if !isQuiet || hasFailures { lines.forEach(show) }
  }

  /// Something lost, always shown.
  package func warn(_ line: String) { show("rdcodec: warning: \(line)") }

  /// A failure, always shown.
  package func report(_ failure: Failure) { show(failure.message) }

  /// The handler that the codec calls while it works on a file; nil where nobody would see it.
  package func progressHandler(file: Int) -> ProgressHandler? {
    guard showsProgress else { return nil }
    return { [self] fraction in update(file: file, fraction: fraction) }
  }

  /// Takes a file that needs no work out of the reckoning.
  package func leaveOut(file: Int) {
    state.withLock { $0.work.weights[file] = 0 }
  }

  /// Removes the line of progress, at the end of the work.
  package func finish() {
    state.withLock { Self.clear(&$0) }
  }

  private func show(_ line: String) {
    state.withLock { state in
      Self.clear(&state)
      StandardStreams.printError(Failure.singleLine(line) + "\n")
    }
  }

  private func update(file: Int, fraction: Double) {
    state.withLock { state in
      state.fractions[file] = max(state.fractions[file], min(fraction, 1))
      let now = ContinuousClock.now
      if let last = state.lastDrawn, now - last < Self.interval { return }
      state.lastDrawn = now
      let count = state.fractions.count
      let total = state.work.fraction(done: state.fractions)
      let done = state.fractions.count { $0 >= 1 }
      let files = count > 1 ? ", \(done) of \(count) files" : ""
      let rest = TimeLeft.text(fraction: total, elapsed: now - state.start).map { ", \($0)" } ?? ""
      state.isLineVisible = true
      StandardStreams.printError("\r\u{1B}[K\(Int(100 * total)) %\(files)\(rest)")
    }
  }

  private static func clear(_ state: inout State) {
    guard state.isLineVisible else { return }
    StandardStreams.printError("\r\u{1B}[K")
    state.isLineVisible = false
  }
}
