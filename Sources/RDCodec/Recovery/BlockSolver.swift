internal import DecoderCore

/// Finds levels whose inverse DCT gives a block's samples: the encoder's alone.
///
/// Every sample has a range that it must come to lie in, one value where it is known. Rounding the
/// DCT of the samples is enough where steps are large; else the sum of squares by which samples
/// miss their ranges is brought down, a level at a time or two.
struct BlockSolver: ~Copyable {
  typealias Row = SIMD8<Float>

  /// Stands for no bound.
  static let free: Int16 = 4096

  private let transform: FloatDCT
  private let method: InverseDCT.Method
  private let steps = Buffer<Int32>(zeroed: 64)
  private let floatSteps = Buffer<Float>(zeroed: 64)
  private let integers = Buffer<InverseDCT.Row>(zeroed: 8)
  private let samples = Buffer<Row>(zeroed: 8)
  private let low = Buffer<Row>(zeroed: 8)
  private let high = Buffer<Row>(zeroed: 8)
  private let misses = Buffer<Row>(zeroed: 8)
  private let before = Buffer<Int16>(zeroed: 64)
  /// The round until which a level may not move again.
  private let restsUntil = Buffer<Int>(zeroed: 64)
  private let candidates = Buffer<Candidate>(zeroed: candidateCount)
  private var listedCount = 0

  /// Rounds of each search; tuned for a small fraction of unsolved blocks at steps of 1 and 2.
  private static let projectionRounds = 60
  static let descentRounds = 100
  private static let rest = 3
  private static let candidateCount = 10
  private let descentRounds: Int
  /// The fast method's roundings bring samples out of their ranges even where levels are right.
  private var nearMiss: Float { method == .fast ? 1.5 : 0.02 }
  /// Rounds that are left for all blocks.
  private(set) var roundsLeft: Int
  /// Room that ranges keep to both sides, a little below one half for the integers' own rounding.
  private static let room: Float = 0.49
  private static let more: Float = 0.06

  init(
    _ table: QuantisationTable, by method: InverseDCT.Method = .exact,
    rounds: Int = descentRounds, roundsLeft: Int = .max
  ) {
    self.method = method
    self.roundsLeft = roundsLeft
    descentRounds = rounds
    transform = FloatDCT()
    for k in 0..<64 {
      steps[k] = table.steps[k]
      floatSteps[k] = table.step(k, by: method)
    }
  }

  /// Whether levels were found that give every sample in its range; else the best found.
  ///
  /// - Parameters:
  ///   - start: samples to start from.
  ///   - least, most: the range of each sample; beyond 0 ... 255 there is no bound.
  mutating func solve(
    start: UnsafePointer<Float>, least: UnsafePointer<Int16>, most: UnsafePointer<Int16>,
    levels: UnsafeMutablePointer<Int16>
  ) -> Bool {
    var hasRanges = false
    let middle = 128 - BoundedPlane.bias(method)
    for y in 0..<8 {
      for x in 0..<8 {
        let i = 8 &* y &+ x
        samples[y][x] = start[i] - 128
        low[y][x] = least[i] <= 0 ? -4096 : Float(least[i]) - middle - Self.room
        high[y][x] = most[i] >= 255 ? 4096 : Float(most[i]) - middle + Self.room
        if least[i] != most[i] || least[i] <= 0 || most[i] >= 255 { hasRanges = true }
      }
    }
    round(into: levels)
    if isSolved(levels, least, most) { return true }
    if hasRanges && project(levels, least, most) { return true }
    if descend(levels, least, most) { return true }
    guard descentRounds == Self.descentRounds else { return false }
    // The integers' own rounding may be what is missed: ask for more.
    for y in 0..<8 {
      low[y] += Self.more
      high[y] -= Self.more
    }
    return descend(levels, least, most)
  }

  /// The levels nearest to the DCT of `samples`.
  private func round(into levels: UnsafeMutablePointer<Int16>) {
    transform.forward(samples.base)
    let rows = UnsafeMutableRawPointer(levels)
    for v in 0..<8 {
      let steps = UnsafeRawPointer(floatSteps.base + 8 &* v).loadUnaligned(as: Row.self)
      rows.storeBytes(
        of: (samples[v] / steps).nearestLevels, toByteOffset: 16 &* v, as: SIMD8<Int16>.self)
    }
  }

  private func isSolved(
    _ levels: UnsafePointer<Int16>, _ least: UnsafePointer<Int16>, _ most: UnsafePointer<Int16>
  ) -> Bool {
    InverseDCT.samples(levels, steps: steps.base, by: method, into: integers.base)
    let values = UnsafeMutableRawPointer(integers.base).assumingMemoryBound(to: Int32.self)
    for i in 0..<64 where values[i] < Int32(least[i]) || values[i] > Int32(most[i]) {
      return false
    }
    return true
  }

  /// Sets `samples` to what the levels give, before any rounding.
  private func synthesise(_ levels: UnsafePointer<Int16>) {
    let values = UnsafeMutableRawPointer(samples.base).assumingMemoryBound(to: Float.self)
    for k in 0..<64 { values[k] = Float(levels[k]) * floatSteps[k] }
    transform.inverse(samples.base)
  }

  /// Moves samples into their ranges and rounds their DCT, in turns.
  private func project(
    _ levels: UnsafeMutablePointer<Int16>, _ least: UnsafePointer<Int16>,
    _ most: UnsafePointer<Int16>
  ) -> Bool {
    for _ in 0..<Self.projectionRounds {
      synthesise(levels)
      for y in 0..<8 {
        samples[y] = Self.limited(samples[y], low[y], high[y])
      }
      before.base.update(from: levels, count: 64)
      round(into: levels)
      if (0..<64).allSatisfy({ levels[$0] == before[$0] }) { return false }
      if isSolved(levels, least, most) { return true }
    }
    return false
  }

  /// `clamped`, which takes several times as long.
  @inline(__always)
  private static func limited(_ value: Row, _ low: Row, _ high: Row) -> Row {
    let raised = value.replacing(with: low, where: value .< low)
    return raised.replacing(with: high, where: raised .> high)
  }

  /// What `samples` + a · one basis + b · another miss their ranges by, squared and summed.
  @inline(__always)
  private func miss(_ a: Float, _ first: Int, _ b: Float, _ second: Int) -> Float {
    var sum = Row.zero
    for y in 0..<8 {
      let value =
        samples[y] + a * transform.basis[first &* 8 &+ y] + b * transform.basis[second &* 8 &+ y]
      let miss = value - Self.limited(value, low[y], high[y])
      sum += miss * miss
    }
    let four = sum.lowHalf + sum.highHalf
    return (four.x + four.z) + (four.y + four.w)
  }

  /// Takes the best step of one level, or of two where no single one helps, even a bad one then;
  /// a level that
  /// moved stays for a while, unless it leads to the best so far.
  private mutating func descend(
    _ levels: UnsafeMutablePointer<Int16>, _ least: UnsafePointer<Int16>,
    _ most: UnsafePointer<Int16>
  ) -> Bool {
    synthesise(levels)
    var now = miss(0, 0, 0, 0)
    var best = now
    before.base.update(from: levels, count: 64)
    for k in 0..<64 { restsUntil[k] = 0 }
    for round in 1...descentRounds where roundsLeft > 0 {
      roundsLeft -= 1
      listCandidates()
      var move = Move(miss: .infinity, places: (0, 0), steps: (0, 0))
      for i in 0..<listedCount {
        let (place, step) = (candidates[i].place, candidates[i].step)
        let value = miss(step, place, 0, 0)
        if value < (restsUntil[place] < round ? move.miss : min(move.miss, best)) {
          move = Move(miss: value, places: (place, 0), steps: (step, 0))
        }
      }
      if move.miss >= now {
        for i in 0..<listedCount {
          for j in 0..<i {
            let (a, b) = (candidates[i], candidates[j])
            let value = miss(a.step, a.place, b.step, b.place)
            let mayMove = restsUntil[a.place] < round && restsUntil[b.place] < round
            if value < (mayMove ? move.miss : min(move.miss, best)) {
              move = Move(miss: value, places: (a.place, b.place), steps: (a.step, b.step))
            }
          }
        }
      }
      for (place, step) in [(move.places.0, move.steps.0), (move.places.1, move.steps.1)]
      where step != 0 {
        levels[place] = min(max(levels[place] &+ (step > 0 ? 1 : -1), -2047), 2047)
        restsUntil[place] = round + Self.rest
      }
      guard move.miss < .infinity else { break }
      synthesise(levels)
      now = move.miss
      if now < nearMiss && isSolved(levels, least, most) { return true }
      if now < best {
        best = now
        before.base.update(from: levels, count: 64)
      }
    }
    levels.update(from: before.base, count: 64)
    return false
  }

  /// A step of one level, and what it promises.
  private struct Candidate {
    var gain: Float
    var place: Int
    var step: Float
  }

  private struct Move {
    var miss: Float
    var places: (Int, Int)
    var steps: (Float, Float)
  }

  /// The steps of one level that promise most.
  private mutating func listCandidates() {
    for y in 0..<8 {
      misses[y] = samples[y] - Self.limited(samples[y], low[y], high[y])
    }
    transform.forward(misses.base)
    let slopes = UnsafeMutableRawPointer(misses.base).assumingMemoryBound(to: Float.self)
    listedCount = 0
    for k in 0..<64 {
      let size = abs(slopes[k])
      let step = floatSteps[k]
      // About a third of the samples go on missing their ranges along a step.
      let gain = step * (2 * size - 0.3 * step)
      if listedCount == Self.candidateCount {
        if gain <= candidates[listedCount - 1].gain { continue }
        listedCount -= 1
      }
      var place = listedCount
      while place > 0 && candidates[place - 1].gain < gain {
        candidates[place] = candidates[place - 1]
        place -= 1
      }
      candidates[place] = Candidate(gain: gain, place: k, step: slopes[k] > 0 ? -step : step)
      listedCount += 1
    }
  }
}

extension QuantisationTable {
  /// What one level adds to a coefficient.
  func step(_ place: Int, by method: InverseDCT.Method) -> Float {
    method == .fast
      ? InverseDCT.fastStep(steps[place], at: place) : Float(steps[place])
  }
}
