/// Looks for the quality position at which a measure that rises with it meets a limit.
///
/// Regula falsi between the nearest positions on both sides of the limit, drawn to the middle of
/// that range where only one side moves, and kept away from its ends. A measure that is not quite monotonic costs trials,
/// never the limit: only positions that were tried and fit are returned.
struct PositionSearch {
  /// Which side of the limit is allowed.
  enum Side { case atMost, atLeast }

  /// A position that was tried.
  struct Trial: Equatable {
    var position: Int
    var value: Double
  }

  let limit: Double
  let side: Side
  /// A fitting value this near to the limit ends the search.
  let tolerance: Double
  /// How the measure rises per position where only one has been tried.
  let slope: Double
  /// Where to begin.
  let start: Int
  private(set) var trialCount = 0
  /// How many of the last trials fell on the same side.
  private var repeatCount = 0
  private var wasBelow: Bool?
  /// The nearest trials below and above the limit.
  private(set) var below: Trial?
  private(set) var above: Trial?

  init(limit: Double, side: Side, tolerance: Double, slope: Double, start: Int) {
    self.limit = limit
    self.side = side
    self.tolerance = tolerance
    self.slope = slope
    self.start = min(max(start, 0), QualityPosition.maximum)
  }

  /// The best position so far that keeps to the limit.
  var best: Trial? { side == .atMost ? below : above }

  /// Whether no position keeps to the limit.
  var isOutOfReach: Bool {
    side == .atMost ? above?.position == 0 : below?.position == QualityPosition.maximum
  }

  /// Whether the limit is met as closely as it can be or needs to be.
  var isDone: Bool {
    if isOutOfReach { return true }
    if let best, abs(best.value - limit) <= tolerance { return true }
    if let below, let above { return above.position - below.position <= 1 }
    return below?.position == QualityPosition.maximum || above?.position == 0
  }

  mutating func record(_ position: Int, _ value: Double) {
    trialCount += 1
    let trial = Trial(position: position, value: value)
    let isBelow = side == .atMost ? value <= limit : value < limit
    repeatCount = isBelow == wasBelow ? repeatCount + 1 : 1
    wasBelow = isBelow
    if isBelow { below = trial } else { above = trial }
  }

  /// The position to try next.
  var next: Int {
    // The middle of what is tolerated, so that a small miss is none.
    let aim = side == .atMost ? limit - tolerance / 2 : limit + tolerance / 2
    switch (below, above) {
    case (nil, nil):
      return start
    case (let trial?, nil), (nil, let trial?):
      // Longer and longer, so that a slope that is wrong does not cost many trials.
      let stretch = (1..<repeatCount).reduce(1.0) { stretch, _ in 1.5 * stretch }
      let wanted = ((aim - trial.value) / slope * stretch).rounded()
      let step = Int(min(max(wanted, -4096), 4096))
      let position = trial.position + (below == nil ? min(step, -1) : max(step, 1))
      return min(max(position, 0), QualityPosition.maximum)
    case (let low?, let high?):
      let width = high.position - low.position
      let rise = high.value - low.value
      var share = rise > 0 && rise.isFinite ? (aim - low.value) / rise : 0.5
      if repeatCount > 1 { share = (share + 0.5) / 2 }
      let inner = min(max(share, 0.02), 0.98)
      return low.position + min(max(Int((inner * Double(width)).rounded()), 1), width - 1)
    }
  }

  /// The measure's rise per position near the limit, if both sides are known.
  var localSlope: Double? {
    guard let below, let above, above.value > below.value else { return nil }
    let slope = (above.value - below.value) / Double(above.position - below.position)
    return slope.isFinite ? slope : nil
  }
}
