internal import DecoderCore
import Synchronization

/// Adds up the progress of stages that run one after the other, tile by tile.
final class ProgressPhases: Sendable {
  private let handler: ProgressHandler?
  private let weights: [Double]
  private let stepCounts: [Int]
  private let fractions: Mutex<[Double]>

  /// `weights`: the part of the time that each stage takes, in any unit.
  init(_ handler: ProgressHandler?, weights: [Double], stepCounts: [Int]) {
    self.handler = handler
    let total = weights.reduce(0, +)
    self.weights = weights.map { $0 / total }
    self.stepCounts = stepCounts
    fractions = Mutex([Double](repeating: 0, count: weights.count))
  }

  /// One more of the steps of `stage` is done; steps beyond the last change nothing.
  func step(_ stage: Int) {
    report { $0[stage] = min(1, $0[stage] + 1 / Double(stepCounts[stage])) }
  }

  /// `fraction` (0 ... 1) of `stage` is done.
  func set(_ stage: Int, fraction: Double) { report { $0[stage] = fraction } }

  private func report(_ change: (inout [Double]) -> Void) {
    guard let handler else { return }
    // Inside the lock, so that reports come in order.
    fractions.withLock { fractions in
      change(&fractions)
      handler(min(1, zip(fractions, weights).reduce(0) { $0 + $1.0 * $1.1 }))
    }
  }
}
