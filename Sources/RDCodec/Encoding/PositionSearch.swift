internal import DecoderCore

/// Looks for the quality position at which a measure that rises with it meets a limit.
///
/// Regula falsi between the nearest positions on both sides of the limit, drawn to the middle of
/// that range where only one side moves, and kept away from its ends. A measure that is not quite
/// monotonic may jump over the limit between two positions; then some around them are tried. It
/// costs trials, never the limit: only positions that were tried and fit are returned.
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
  /// How many positions are tried around a jump.
  private static let trialsAroundJump = 6
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

  /// The trial so far that keeps to the limit and is nearest to it.
  private(set) var best: Trial?
  private var tried: Set<Int> = []
  private var trialsLeftAroundJump = trialsAroundJump

  /// Whether no position keeps to the limit.
  var isOutOfReach: Bool {
    side == .atMost ? above?.position == 0 : below?.position == QualityPosition.maximum
  }

  /// Whether the limit is met as closely as it can be or needs to be.
  var isDone: Bool {
    if isOutOfReach { return true }
    if let best, abs(best.value - limit) <= tolerance { return true }
    if isAtJump { return trialsLeftAroundJump == 0 }
    return below?.position == QualityPosition.maximum || above?.position == 0
  }

  /// Whether neighbouring positions lie on both sides of the limit.
  private var isAtJump: Bool {
    guard let below, let above else { return false }
    return above.position - below.position <= 1
  }

  mutating func record(_ position: Int, _ value: Double) {
    trialCount += 1
    tried.insert(position)
    let trial = Trial(position: position, value: value)
    let isBelow = side == .atMost ? value <= limit : value < limit
    if isBelow == (side == .atMost), best.map({ isBetter(trial, than: $0) }) ?? true {
      best = trial
    }
    if isAtJump {
      trialsLeftAroundJump -= 1
      return
    }
    repeatCount = isBelow == wasBelow ? repeatCount + 1 : 1
    wasBelow = isBelow
    if isBelow { below = trial } else { above = trial }
  }

  /// Whether of two trials that keep to the limit this one is nearer to it, or as near from further
  /// inside.
  private func isBetter(_ trial: Trial, than other: Trial) -> Bool {
    let (distance, otherDistance) = (abs(trial.value - limit), abs(other.value - limit))
    guard distance == otherDistance else { return distance < otherDistance }
    return side == .atMost ? trial.position > other.position : trial.position < other.position
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
    case (let low?, _?) where isAtJump:
      return nearestUntried(to: low.position)
    case (let low?, let high?):
      let width = high.position - low.position
      let rise = high.value - low.value
      var fraction = rise > 0 && rise.isFinite ? (aim - low.value) / rise : 0.5
      if repeatCount > 1 { fraction = (fraction + 0.5) / 2 }
      let inner = min(max(fraction, 0.02), 0.98)
      return low.position + min(max(Int((inner * Double(width)).rounded()), 1), width - 1)
    }
  }

  /// The nearest position that was not tried, the lower one of two.
  private func nearestUntried(to position: Int) -> Int {
    for distance in 1...QualityPosition.maximum {
      for candidate in [position - distance, position + distance]
      where (0...QualityPosition.maximum).contains(candidate) && !tried.contains(candidate) {
        return candidate
      }
    }
    return position
  }

  /// The measure's rise per position near the limit, if both sides are known.
  var localSlope: Double? {
    guard let below, let above, above.value > below.value else { return nil }
    let slope = (above.value - below.value) / Double(above.position - below.position)
    return slope.isFinite ? slope : nil
  }
}
