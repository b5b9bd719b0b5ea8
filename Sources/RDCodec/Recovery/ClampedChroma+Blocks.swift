internal import DecoderCore

/// The descent of one block.
extension ClampedChroma {
  /// What cosines of a block's cells come to in the pixels along one axis: eight for each.
  private func cosines(
    _ axis: ChromaSampling.Axis, first: Int
  ) -> (pixels: Range<Int>, values: [Float]) {
    var (low, high) = (Int.max, 0)
    for (x, tap) in axis.taps.enumerated() {
      let near = tap.near - first
      let far = tap.far - first
      guard (0..<8).contains(near) || (0..<8).contains(far) && tap.farWeight > 0 else { continue }
      low = min(low, x)
      high = max(high, x + 1)
    }
    guard low < high else { return (0..<0, []) }
    var values = [Float](repeating: 0, count: (high - low) * 8)
    for x in low..<high {
      let tap = axis.taps[x]
      for (cell, weight) in [(tap.near - first, tap.nearWeight), (tap.far - first, tap.farWeight)]
      where (0..<8).contains(cell) {
        for u in 0..<8 {
          values[(x - low) * 8 + u] += transform.cosine(u, cell) * Float(weight) / 4
        }
      }
    }
    return (low..<high, values)
  }

  /// A level more or less of one coefficient.
  private struct Move {
    var plane: Int
    var place: Int
    var levels: Int16

    var order: Int { plane * 64 + place }
  }

  /// Whether a block's levels were bettered.
  mutating func descend(_ block: Int) -> Bool {
    let grid = planes[0].grid
    let (by, bx) = (block / grid.columns, block % grid.columns)
    let (xs, across) = cosines(columns, first: 8 * bx - grid.columnPhase)
    let (ys, down) = cosines(rows, first: 8 * by - grid.rowPhase)
    guard !xs.isEmpty, !ys.isEmpty else { return false }
    let count = xs.count * ys.count
    // The block's pixels, plane after plane, and by how much they miss.
    var values = [Float](repeating: 0, count: 2 * count)
    var misses = values
    var targets: [Target] = []
    targets.reserveCapacity(count)
    for (i, y) in ys.enumerated() {
      for (j, x) in xs.enumerated() {
        let place = y * known.width + x
        for plane in 0..<2 { values[plane * count + i * xs.count + j] = chroma[plane][place] }
        targets.append(target(place))
      }
    }
    let start = values
    var levels = (0..<2).map { Array(planes[$0].levels[block * 64..<block * 64 + 64]) }
    var restsUntil = [Int](repeating: 0, count: 128)
    var now = cost(values, targets, noting: &misses)
    let first = now
    var best = (cost: now, levels: levels, values: values)
    for round in 1...Self.rounds where workLeft > 0 {
      if now < 1e-3 { break }
      let moves = moves(misses, across, down, xs.count, ys.count)
      var chosen: (move: Move, cost: Float)?
      for move in moves {
        let mayMove = restsUntil[move.plane * 64 + move.place] < round
        let limit = min(chosen?.cost ?? .infinity, mayMove ? .infinity : best.cost)
        let cost = cost(values, targets, after: move, across, down, xs.count, below: limit)
        if cost < limit { chosen = (move, cost) }
      }
      workLeft -= count * (moves.count + 2)
      guard let move = chosen?.move else { break }
      shift(&values, by: move, across, down, xs.count, ys.count)
      levels[move.plane][move.place] = min(
        max(levels[move.plane][move.place] &+ move.levels, -2047), 2047)
      restsUntil[move.plane * 64 + move.place] = round + Self.rest
      now = cost(values, targets, noting: &misses)
      if now < best.cost { best = (now, levels, values) }
      if now > 12 * best.cost + 3 { break }
    }
    guard best.cost < first * 0.98 else { return false }
    // What counts is how many pixels are wrong once everything is rounded.
    let wrong = wrongCount(xs, ys)
    let kept = planes.map { Array($0.levels[block * 64..<block * 64 + 64]) }
    for plane in 0..<2 { place(best.levels[plane], plane, block) }
    guard wrongCount(xs, ys) <= wrong else {
      for plane in 0..<2 { place(kept[plane], plane, block) }
      return false
    }
    for plane in 0..<2 {
      for (i, y) in ys.enumerated() {
        for (j, x) in xs.enumerated() {
          let inside = plane * count + i * xs.count + j
          chroma[plane][y * known.width + x] += best.values[inside] - start[inside]
        }
      }
    }
    return true
  }

  /// Sets a block's levels, and cells to what they give.
  private mutating func place(_ levels: [Int16], _ plane: Int, _ block: Int) {
    let grid = planes[plane].grid
    let limited = levels.map { min(max($0, -2047), 2047) }
    planes[plane].levels.replaceSubrange(block * 64..<block * 64 + 64, with: limited)
    InverseDCT.samples(limited, steps: planes[plane].table.steps, into: integers.base)
    let values = UnsafeMutableRawPointer(integers.base).assumingMemoryBound(to: Int32.self)
    let (y, x) = (block / grid.columns, block % grid.columns)
    grid.forSamples(x, y) { place, inside in
      cells[plane][place] = UInt16(truncatingIfNeeded: values[inside])
    }
  }

  /// How many of some pixels have another chroma than they should, or one that no luma goes with.
  private func wrongCount(_ xs: Range<Int>, _ ys: Range<Int>) -> Int {
    let across = planes[0].grid.width
    let lattice = ColorLattice.jfif
    var count = 0
    for y in ys {
      let row = rows.taps[y]
      for x in xs {
        let tap = columns.taps[x]
        let bias = known.sampling?.bias(row, tap) ?? 8
        let place = y * known.width + x
        var made = SIMD3(0, 0, 0)
        for plane in 0..<2 {
          let (near, far) = (row.near * across, row.far * across)
          let first =
            Int(cells[plane][near + tap.near]) * row.nearWeight
            + Int(cells[plane][far + tap.near]) * row.farWeight
          let second =
            Int(cells[plane][near + tap.far]) * row.nearWeight
            + Int(cells[plane][far + tap.far]) * row.farWeight
          made[plane + 1] = (first * tap.nearWeight + second * tap.farWeight + bias) >> 4
        }
        if known.isSure[place] {
          let isRight =
            made.y == Int(known.chroma[0][place]) && made.z == Int(known.chroma[1][place])
          if !isRight { count += 1 }
        } else {
          let color = SIMD3(
            Int(colors[0][place]), Int(colors[1][place]), Int(colors[2][place]))
          let lumas = lattice.lumas(made, giving: color)
          if !(lumas?.overlaps(0...255) ?? false) { count += 1 }
        }
      }
    }
    return count
  }

  /// Moves the pixels' values.
  private func shift(
    _ values: inout [Float], by move: Move, _ across: [Float], _ down: [Float], _ width: Int,
    _ height: Int
  ) {
    let (v, u) = (move.place >> 3, move.place & 7)
    let step = size(move)
    var place = move.plane * width * height
    for i in 0..<height {
      let part = step * down[8 * i + v]
      for j in 0..<width {
        values[place] += part * across[8 * j + u]
        place += 1
      }
    }
  }

  private func size(_ move: Move) -> Float {
    Float(planes[move.plane].table.steps[move.place]) * Float(move.levels)
  }

  /// The squares of all misses, and each pixel's, of both planes.
  private func cost(
    _ values: [Float], _ targets: [Target], noting misses: inout [Float]
  ) -> Float {
    let count = targets.count
    var sum: Float = 0
    for pixel in 0..<count {
      let (a, b) = miss(targets[pixel], values[pixel], values[count &+ pixel])
      (misses[pixel], misses[count &+ pixel]) = (a, b)
      sum += a * a + b * b
    }
    return sum
  }

  /// The squares of all misses after a move; stops beyond `limit`.
  private func cost(
    _ values: [Float], _ targets: [Target], after move: Move, _ across: [Float],
    _ down: [Float], _ width: Int, below limit: Float
  ) -> Float {
    let count = targets.count
    let (v, u) = (move.place >> 3, move.place & 7)
    let step = size(move)
    return values.withUnsafeBufferPointer { values in
      targets.withUnsafeBufferPointer { targets in
        across.withUnsafeBufferPointer { across in
          var (sum, pixel) = (Float(0), 0)
          for i in 0..<count / width {
            let part = step * down[8 &* i &+ v]
            for j in 0..<width {
              let added = part * across[8 &* j &+ u]
              let (first, second) = move.plane == 0 ? (added, Float(0)) : (Float(0), added)
              let (a, b) = miss(
                targets[pixel], values[pixel] + first, values[count &+ pixel] + second)
              sum += a * a + b * b
              pixel &+= 1
            }
            if sum >= limit { break }
          }
          return sum
        }
      }
    }
  }

  /// The steps of one level that promise most.
  private func moves(
    _ misses: [Float], _ across: [Float], _ down: [Float], _ width: Int, _ height: Int
  ) -> [Move] {
    var ranked: [(gain: Float, move: Move)] = []
    for plane in 0..<2 {
      var sums = [Float](repeating: 0, count: 64)
      var active: Float = 0
      for i in 0..<height {
        var line = [Float](repeating: 0, count: 8)
        for j in 0..<width {
          let value = misses[(plane * height + i) * width + j]
          guard value != 0 else { continue }
          active += 1
          for u in 0..<8 { line[u] += value * across[8 * j + u] }
        }
        for v in 0..<8 {
          for u in 0..<8 { sums[8 * v + u] += down[8 * i + v] * line[u] }
        }
      }
      let fraction = active / Float(width * height)
      // One unit of a level adds about this to the squares of pixels.
      let energy = Float(width * height) / 64 * max(fraction, 0.1)
      for k in 0..<64 {
        let step = Float(planes[plane].table.steps[k])
        let gain = step * (2 * abs(sums[k]) - energy * step)
        let signed: Int16 = sums[k] < 0 ? 1 : -1
        ranked.append((gain, Move(plane: plane, place: k, levels: signed)))
      }
    }
    ranked.sort { ($0.gain, $1.move.order) > ($1.gain, $0.move.order) }
    return ranked.prefix(Self.candidateCount).map(\.move)
  }
}
