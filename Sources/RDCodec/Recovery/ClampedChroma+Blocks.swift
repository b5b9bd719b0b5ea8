internal import DecoderCore

/// The descent of one block.
extension ClampedChroma {
  /// What cosines of a block's cells come to in the pixels along one axis: eight for each.
  private func cosines(
    _ axis: ChromaSampling.Axis, first: Int
  ) -> (pixels: Range<Int>, values: [Float]) {
    var (low, high) = (Int.max, 0)
    let ratio = axis.taps.count > axis.cellCount ? 2 : 1
    for x in max(ratio * first - 4, 0)..<max(min(ratio * first + 20, axis.taps.count), 0) {
      let tap = axis.taps[x]
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
  }

  /// Whether a block's levels were bettered.
  mutating func descend(_ block: Int) -> Bool {
    let grid = planes[0].grid
    let (by, bx) = (block / grid.columns, block % grid.columns)
    let (xs, across): (Range<Int>, [Float])
    let (ys, down): (Range<Int>, [Float])
    if let scaled {
      let blocks = ScaledBlocks(scaled)
      (xs, across) = (scaled.columns(bx), blocks.cosines(acrossBlock: bx))
      (ys, down) = (scaled.rows(by), blocks.cosines(downBlock: by))
    } else {
      (xs, across) = cosines(columns, first: 8 * bx - grid.columnPhase)
      (ys, down) = cosines(rows, first: 8 * by - grid.rowPhase)
    }
    guard !xs.isEmpty, !ys.isEmpty else { return false }
    misses.restart(xs.count, ys.count, across, down, room: room)
    for (i, y) in ys.enumerated() {
      for (j, x) in xs.enumerated() {
        let place = y * known.width + x
        misses.setValues(i, j, SIMD2(chroma[0][place], chroma[1][place]))
        loadTarget(i, j, of: place)
      }
    }
    misses.keepStart()
    var levels = (0..<2).map { Array(planes[$0].levels[block * 64..<block * 64 + 64]) }
    var restsUntil = [Int](repeating: 0, count: 128)
    var now = misses.note()
    let first = now
    var best = (cost: now, levels: levels)
    misses.keepBest()
    var lastGain = 0
    for round in 1...Self.rounds where workLeft > 0 {
      if now < 1e-3 || round > lastGain + Self.patience { break }
      let moves = moves()
      var chosen: (move: Move, cost: Float)?
      for move in moves {
        let mayMove = restsUntil[move.plane * 64 + move.place] < round
        let limit = min(chosen?.cost ?? .infinity, mayMove ? .infinity : best.cost)
        let cost = misses.cost(move.plane, move.place, size(move), below: limit)
        if cost < limit { chosen = (move, cost) }
      }
      workLeft -= xs.count * ys.count * (moves.count + 2)
      guard let move = chosen?.move else { break }
      misses.shift(move.plane, move.place, size(move))
      levels[move.plane][move.place] = min(
        max(levels[move.plane][move.place] &+ move.levels, -2047), 2047)
      restsUntil[move.plane * 64 + move.place] = round + Self.rest
      now = misses.note()
      if now < best.cost {
        best = (now, levels)
        lastGain = round
        misses.keepBest()
      }
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
          chroma[plane][y * known.width + x] += misses.change(plane, i, j)
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
    let (y, x) = (block / grid.columns, block % grid.columns)
    let steps = planes[plane].table.steps
    if let scaled {
      scaled.samples(limited, steps: steps, into: integers)
      scaled.forPixels(x, y) { place, inside in
        cells[plane][place] = UInt16(truncatingIfNeeded: integers[inside])
      }
      return
    }
    integers.base.withMemoryRebound(to: InverseDCT.Row.self, capacity: 8) { rows in
      InverseDCT.samples(limited, steps: steps, by: planes[plane].method, into: rows)
    }
    grid.forSamples(x, y) { place, inside in
      cells[plane][place] = UInt16(truncatingIfNeeded: integers[inside])
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
          guard scaled == nil else {
            made[plane + 1] = Int(cells[plane][place])
            continue
          }
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

  private func size(_ move: Move) -> Float {
    let plane = planes[move.plane]
    return plane.table.step(move.place, by: plane.method) * Float(move.levels)
  }

  /// The steps of one level that promise most, the best first.
  private func moves() -> [Move] {
    var ranked: [(gain: Float, move: Move)] = []
    for plane in 0..<2 {
      let (sums, fraction) = misses.slopes(plane)
      // One unit of a level adds about this to the squares of pixels.
      let energy = Float(misses.width * misses.height) / 64 * max(fraction, 0.1)
      for k in 0..<64 {
        let sum = sums[k]
        let step = Float(planes[plane].table.steps[k])
        let gain = step * (2 * abs(sum) - energy * step)
        if ranked.count == Self.candidateCount {
          if gain <= ranked[ranked.count - 1].gain { continue }
          ranked.removeLast()
        }
        var place = ranked.count
        while place > 0 && ranked[place - 1].gain < gain { place -= 1 }
        ranked.insert((gain, Move(plane: plane, place: k, levels: sum < 0 ? 1 : -1)), at: place)
      }
    }
    return ranked.map(\.move)
  }
}
