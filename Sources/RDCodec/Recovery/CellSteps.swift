internal import DecoderCore

/// Cells that move by integer steps, and how far the sums that they make are from where they must be:
/// the encoder's alone.
struct CellSteps: ~Copyable {
  private typealias Four = SIMD4<Int32>

  private let solver: ChromaSolver
  private(set) var cells: [Int32]
  /// Each pixel's sum, in sixteenths, less the least one that rounds to its value.
  private let offsets: PixelPlane<Int32>
  /// -1 where a pixel is reliable, else 0.
  private let masks: PixelPlane<Int32>

  /// `sums`: what `cells` add up to.
  init(
    _ solver: ChromaSolver, _ cells: [Int32], _ sums: [Int32], _ plane: [Int16],
    _ reliable: [Bool]
  ) {
    self.solver = solver
    self.cells = cells
    offsets = PixelPlane(width: solver.width, height: solver.height)
    masks = PixelPlane(width: solver.width, height: solver.height)
    for y in 0..<solver.height {
      for x in 0..<solver.width {
        let place = y * solver.width + x
        offsets[y, x] = sums[place] - 16 * Int32(plane[place])
        masks[y, x] = reliable[place] ? -1 : 0
      }
    }
  }

  /// How far some pixels are from their intervals.
  @inline(__always)
  private static func misses(_ offsets: Four) -> Four {
    let (below, above) = (0 &- offsets, offsets &- 15)
    let larger = below.replacing(with: above, where: above .> below)
    return larger.replacing(with: 0, where: larger .< 0)
  }

  /// The distance of the cell's pixels from their intervals.
  private func cost(_ cell: Int) -> Int32 {
    let count = solver.columns.cellCount
    let (cy, cx) = (cell / count, cell % count)
    let (top, first) = (solver.rowSupport.firsts[cy], solver.columnSupport.firsts[cx])
    let own = Self.own(solver.columnSupport.weights[cx])
    var sum = Four.zero
    for i in solver.rowSupport.ranges[cy] {
      sum &+= Self.misses(offsets[four: top &+ i, first]) & masks[four: top &+ i, first] & own
    }
    return sum.wrappedSum()
  }

  /// The same, were the cell larger by `step`.
  private func cost(_ cell: Int, _ step: Int32) -> Int32 {
    let count = solver.columns.cellCount
    let (cy, cx) = (cell / count, cell % count)
    let across = solver.columnSupport.weights[cx] &* step
    let (top, first) = (solver.rowSupport.firsts[cy], solver.columnSupport.firsts[cx])
    let down = solver.rowSupport.weights[cy]
    // Pixels that the cell has no part in miss as much before as after.
    let own = Self.own(solver.columnSupport.weights[cx])
    var sum = Four.zero
    for i in solver.rowSupport.ranges[cy] {
      let moved = offsets[four: top &+ i, first] &+ across &* down[i]
      sum &+= Self.misses(moved) & masks[four: top &+ i, first] & own
    }
    return sum.wrappedSum()
  }

  /// The pixels that are not in their intervals.
  func missedPixels() -> [Int] {
    var result: [Int] = []
    for y in 0..<solver.height {
      for x in 0..<solver.width where offsets[y, x] & ~15 != 0 && masks[y, x] < 0 {
        result.append(y * solver.width + x)
      }
    }
    return result
  }

  @inline(__always)
  private static func own(_ weights: Four) -> Four {
    Four.zero.replacing(with: -1, where: weights .!= 0)
  }

  /// The same as the cell is, and were it one larger or smaller.
  func costs(_ cell: Int) -> (here: Int32, up: Int32, down: Int32) {
    let count = solver.columns.cellCount
    let (cy, cx) = (cell / count, cell % count)
    let across = solver.columnSupport.weights[cx]
    let (top, first) = (solver.rowSupport.firsts[cy], solver.columnSupport.firsts[cx])
    let down = solver.rowSupport.weights[cy]
    let own = Self.own(across)
    var (here, more, less) = (Four.zero, Four.zero, Four.zero)
    for i in solver.rowSupport.ranges[cy] {
      let now = offsets[four: top &+ i, first]
      let mask = masks[four: top &+ i, first] & own
      let part = across &* down[i]
      here &+= Self.misses(now) & mask
      more &+= Self.misses(now &+ part) & mask
      less &+= Self.misses(now &- part) & mask
    }
    return (here.wrappedSum(), more.wrappedSum(), less.wrappedSum())
  }

  mutating func move(_ cell: Int, _ step: Int32) {
    cells[cell] += step
    let count = solver.columns.cellCount
    let (cy, cx) = (cell / count, cell % count)
    let across = solver.columnSupport.weights[cx] &* step
    let (top, first) = (solver.rowSupport.firsts[cy], solver.columnSupport.firsts[cx])
    let down = solver.rowSupport.weights[cy]
    for i in solver.rowSupport.ranges[cy] {
      offsets[four: top &+ i, first] &+= across &* down[i]
    }
  }

  /// Moves this cell and one beside it, if that helps; returns the other one.
  mutating func movePair(_ cell: Int) -> Int? {
    let (across, down) = (solver.columns.cellCount, solver.rows.cellCount)
    let (cy, cx) = (cell / across, cell % across)
    let now = cost(cell)
    for step: Int32 in [1, -1] {
      let first = cost(cell, step) - now
      move(cell, step)
      for y in max(cy - 1, 0)...min(cy + 1, down - 1) {
        for x in max(cx - 1, 0)...min(cx + 1, across - 1) where y != cy || x != cx {
          let other = y * across + x
          // No cost is below 0.
          guard cost(other) > first else { continue }
          let costs = costs(other)
          let (back, on) = step > 0 ? (costs.down, costs.up) : (costs.up, costs.down)
          let second = first + back < costs.here ? -step : first + on < costs.here ? step : 0
          guard second != 0 else { continue }
          move(other, second)
          return other
        }
      }
      move(cell, -step)
    }
    return nil
  }
}
