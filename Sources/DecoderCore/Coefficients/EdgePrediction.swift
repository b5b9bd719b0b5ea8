/// What a block's neighbours suggest of its levels, by continuity across the edges.
struct EdgePrediction {
  /// A prediction of a block's mean.
  struct Mean {
    /// In levels, rounded; and how far from the next one below it lies, in eighths.
    var level = 0
    var fraction = 4
    /// How far estimates along the edges are apart, and by how much the left edge's mean is above
    /// the upper edge's: in levels.
    var spread = 31
    var gap = 0
  }

  /// One level of the first row or column, in eighths of a level: at the edge the two blocks'
  /// cosines of this frequency have to agree.
  @inline(__always)
  func level(
    _ block: LevelBlock, _ steps: UnsafePointer<Int32>, _ k: Int, isRow: Bool
  ) -> Int {
    guard isRow ? block.hasAbove : block.hasLeft else { return 0 }
    let other = isRow ? block.above : block.left
    let across = isRow ? 8 : 1
    let first = isRow ? k : 8 &* k
    // Levels of any file are products below 2⁸ · 2¹⁶, and seven of them times 362 pass 2³¹.
    var sum: Int64 = 0
    for i in 1..<8 {
      let place = first &+ i &* across
      let there = i & 1 == 0 ? Int(other[place]) : -Int(other[place])
      sum &+= Int64((there &- Int(block.here[place])) &* Int(steps[place]))
    }
    // The square root of 2, in 2⁻⁸, is what other cosines have over the constant.
    let step = Int64(steps[first])
    let value = 256 &* Int64(other[first]) &* step &+ 362 &* sum
    // Only steps of two bytes lead beyond 30 bits.
    return Int(truncatingIfNeeded: min(max((value &>> 5) / step, -(1 << 30)), 1 << 30))
  }

  /// The mean, from the samples on both sides of the left and upper edge, straight lines through
  /// two of them each; fills `lines.rows` with the block's samples without its mean.
  @inline(__always)
  func mean(
    _ block: LevelBlock, _ steps: UnsafePointer<Int32>, _ lines: EdgeLines
  ) -> Mean {
    let values = UnsafeMutableRawPointer(lines.rows).assumingMemoryBound(to: Int32.self)
    values[0] = 0
    for k in 1..<64 {
      values[k] = min(
        max(Int32(block.here[k]) &* steps[k], -InverseDCT.limit), InverseDCT.limit)
    }
    InverseDCT.transform(lines.rows)
    let upper = side(block.hasAbove, lines.above, values, across: 1, into: 8)
    let left = side(block.hasLeft, lines.left, values, across: 8, into: 1)
    let step = Int(steps[0])
    var result = Mean()
    var sum = 0
    switch (block.hasAbove, block.hasLeft) {
    case (false, false): return result
    case (true, false): sum = upper.sum &* 256
    case (false, true): sum = left.sum &* 256
    case (true, true):
      // The smoother edge counts more.
      let (a, b) = (left.spread &+ 8, upper.spread &+ 8)
      let weight = a &* 256 / (a &+ b)
      sum = upper.sum &* weight &+ left.sum &* (256 &- weight)
      result.gap = (left.sum &- upper.sum) / (2 &* step)
    }
    // Sums are of eight halves of a sample; a level of the mean is step / 8 samples.
    let eighths = (sum &>> 6) / step
    result.level = min(max((eighths &+ 4) &>> 3, -2047), 2047)
    result.fraction = (eighths &+ 4) & 7
    let spread =
      block.hasAbove && block.hasLeft
      ? min(upper.spread, left.spread) : max(upper.spread, left.spread)
    result.spread = min(4 &* spread / step, 63)
    return result
  }

  /// The sum of eight estimates, in halves of a sample, and their range.
  @inline(__always)
  private func side(
    _ isThere: Bool, _ line: UnsafePointer<Int32>, _ values: UnsafePointer<Int32>, across: Int,
    into: Int
  ) -> (sum: Int, spread: Int) {
    guard isThere else { return (0, 0) }
    var sum = 0
    var low = Int.max
    var high = Int.min
    for i in 0..<8 {
      let there = 3 &* Int(line[8 &+ i]) &- Int(line[i])
      let place = i &* across
      let here = 3 &* Int(values[place]) &- Int(values[place &+ into])
      let estimate = there &- here
      sum &+= estimate
      low = min(low, estimate)
      high = max(high, estimate)
    }
    return (sum, high &- low)
  }
}

/// The samples along a block's edges, and how well the means around were predicted.
struct EdgeLines {
  /// The two lowest rows of the block above and the two last columns of the block to the left, the
  /// farther one first; then the block's own.
  var above: UnsafeMutablePointer<Int32>
  var left: UnsafeMutablePointer<Int32>
  /// The block's samples less 128.
  var rows: UnsafeMutablePointer<InverseDCT.Row>
  /// By how many levels means were missed.
  var meanErrors: (left: Int, above: Int, luma: Int, before: Int)
  var meanError: UnsafeMutablePointer<Int16>

  /// Notes the block's lines, now that its mean is known.
  @inline(__always)
  func finish(_ block: LevelBlock, _ steps: UnsafePointer<Int32>, error: Int) {
    let values = UnsafeMutableRawPointer(rows).assumingMemoryBound(to: Int32.self)
    // Steps of one byte do not reach this bound, which keeps later sums small.
    let bound: Int32 = 2047 * 255
    let mean = (min(max(Int32(block.here[0]) &* steps[0], -bound), bound) &+ 4) &>> 3
    for i in 0..<8 {
      above[i] = values[48 &+ i] &+ mean
      above[8 &+ i] = values[56 &+ i] &+ mean
      left[i] = values[8 &* i &+ 6] &+ mean
      left[8 &+ i] = values[8 &* i &+ 7] &+ mean
    }
    meanError.pointee = Int16(clamping: error)
  }
}
