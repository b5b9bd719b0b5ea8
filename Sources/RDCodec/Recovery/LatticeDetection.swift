internal import DecoderCore

/// Finds a lattice that an image's colours lie on, without knowing any.
///
/// Colours of a lattice make a periodic pattern in the cube of colours, rounding smears it, and a
/// Fourier transform shows it as a few sharp peaks: vectors of the dual lattice. Three of them,
/// refined on the colours themselves, span it.
struct LatticeDetection {
  /// One frequency at which colours are in step.
  private struct Peak {
    var frequency: SIMD3<Double>
    /// In turns.
    var phase: Double
    var cost: Double
  }

  /// Fewer colours say nothing.
  private static let minimumCount = 300
  private static let minimumMagnitude: [Int: Float] = [32: 0.15, 64: 0.08]
  /// Frequencies below this are the spread of the colours, not their pattern.
  private static let minimumFrequency = 0.08

  /// The lattice of these 8-bit planes, luma first, or nil.
  static func lattice(of presence: ColorPresence) -> LatticeFit? {
    let colors = presence.innerColors()
    if let known = known(colors) { return known }
    guard colors.count >= minimumCount else { return nil }
    // A small cube rules out most images in no time.
    guard !peaks(colors, side: 32, limit: 1).isEmpty else { return nil }
    let found = peaks(colors, side: 64, limit: 12)
    guard found.count >= 3 else { return nil }
    let sample = thinned(colors, to: 20_000)
    let window = ColorWindow(of: colors, side: 64)
    let near = thinned(colors.filter(window.contains), to: 5_000)
    let candidates = candidates(found, near: near, all: sample)
    return choose(candidates, sample)
  }

  private static let minimumKnownFraction = 0.98

  /// A lattice known by name, if the colours lie on it; a quarter of any colours do. Grey does too.
  private static func known(_ colors: [SIMD3<Int16>]) -> LatticeFit? {
    guard !colors.isEmpty else { return nil }
    for count in [500, 20_000] {
      let step = max(1, colors.count / count)
      let some = stride(from: 0, to: colors.count, by: step).map {
        SIMD3<Int>(truncatingIfNeeded: colors[$0])
      }
      guard let fit = LatticeFit(.jfif, some), fit.exactFraction >= minimumKnownFraction else {
        return nil
      }
      if some.count == colors.count || count == 20_000 { return fit }
    }
    return nil
  }

  private static func thinned(_ colors: [SIMD3<Int16>], to limit: Int) -> [SIMD3<Double>] {
    let step = max(1, colors.count / limit)
    return stride(from: 0, to: colors.count, by: step).map { SIMD3<Double>(colors[$0]) }
  }

  /// The strongest frequencies of the densest window, at most `limit`.
  private static func peaks(
    _ colors: [SIMD3<Int16>], side: Int, limit: Int
  ) -> [SIMD3<Double>] {
    let window = ColorWindow(of: colors, side: side)
    var cube = FourierCube(side: side)
    var count: Float = 0
    for color in colors where window.contains(color) {
      let d = SIMD3<Int>(truncatingIfNeeded: color &- window.low)
      cube[(d.x * side + d.y) * side + d.z] = 1
      count += 1
    }
    guard count >= 100 else { return [] }
    cube.transform()
    let unit = 1 / Double(side)
    let frequencies = (0..<side).map { Double($0 < side / 2 ? $0 : $0 - side) * unit }
    let losses = frequencies.map { abs(CircleFunctions.sinc($0)) }
    let minimum = max(minimumFrequency, 3 * unit)
    var strong: [(power: Float, frequency: SIMD3<Double>)] = []
    let magnitude = minimumMagnitude[side]! * count
    let floor = magnitude * magnitude
    for i in 0...side / 2 {
      for j in 0..<side {
        for k in 0..<side {
          let power = cube.power((i * side + j) * side + k)
          let loss = max(losses[i] * losses[j] * losses[k], 0.2)
          guard Double(power) > Double(floor) * loss * loss else { continue }
          let f = SIMD3(frequencies[i], frequencies[j], frequencies[k])
          guard Matrix3.dot(f, f) > minimum * minimum else { continue }
          // Colours that crowd together are in step at all low frequencies; a pattern's is alone.
          guard power > 4 * cube.power(f * 0.5), power > 4 * cube.power(f * 0.75),
            power > 4 * cube.power(f * 0.85)
          else { continue }
          strong.append((power / Float(loss * loss), f))
        }
      }
    }
    strong.sort { $0.power > $1.power }
    var result: [SIMD3<Double>] = []
    for (_, f) in strong.prefix(4000) {
      guard !result.contains(where: { isSame(f, $0, within: 0.04) }) else { continue }
      result.append(f)
      if result.count == limit { break }
    }
    return result
  }

  /// Whether two frequencies differ by whole turns, or in sign, only.
  private static func isSame(
    _ a: SIMD3<Double>, _ b: SIMD3<Double>, within tolerance: Double
  ) -> Bool {
    let distance = { (d: SIMD3<Double>) in
      let r = d - d.rounded(.toNearestOrEven)
      return max(abs(r.x), abs(r.y), abs(r.z))
    }
    return distance(a - b) < tolerance || distance(a + b) < tolerance
  }

  /// Newton's method on |Σ exp(2πi f · colour)|.
  private static func refine(
    _ start: SIMD3<Double>, _ colors: [SIMD3<Double>]
  ) -> (frequency: SIMD3<Double>, phase: Double, magnitude: Double) {
    let mean = colors.reduce(.zero, +) / Double(colors.count)
    let turn = 6.283_185_307_179_586
    var f = start
    var terms = [(c: Double, s: Double)](repeating: (0, 0), count: colors.count)
    for _ in 0..<12 {
      var sum = (c: 0.0, s: 0.0)
      for (index, color) in colors.enumerated() {
        let (c, s) = CircleFunctions.point(turns: Matrix3.dot(f, color - mean))
        terms[index] = (c, s)
        sum = (sum.c + c, sum.s + s)
      }
      let size = (sum.c * sum.c + sum.s * sum.s).squareRoot()
      guard size > 0 else { break }
      var gradient = SIMD3<Double>.zero
      var (firsts, seconds, thirds) = (
        SIMD3<Double>.zero, SIMD3<Double>.zero, SIMD3<Double>.zero
      )
      for (index, color) in colors.enumerated() {
        let (c, s) = terms[index]
        let real = (c * sum.c + s * sum.s) / size
        let imaginary = (s * sum.c - c * sum.s) / size
        let d = color - mean
        gradient -= imaginary * turn * d
        let weighted = max(real, 0.05) * turn * turn * d
        firsts += d.x * weighted
        seconds += d.y * weighted
        thirds += d.z * weighted
      }
      var hessian = [firsts, seconds, thirds].map { row in (0..<3).map { row[$0] } }
      for i in 0..<3 { hessian[i][i] += 1e-9 }
      guard
        let step = SmallSystem.solve(hessian, [gradient.x, gradient.y, gradient.z])
      else { break }
      let clipped = step.map { min(max($0, -0.004), 0.004) }
      f += SIMD3(clipped[0], clipped[1], clipped[2])
      if clipped.allSatisfy({ abs($0) < 1e-8 }) { break }
    }
    var sum = (c: 0.0, s: 0.0)
    for color in colors {
      let (c, s) = CircleFunctions.point(turns: Matrix3.dot(f, color))
      sum = (sum.c + c, sum.s + s)
    }
    let size = (sum.c * sum.c + sum.s * sum.s).squareRoot()
    return (f, angle(sum.c, sum.s), size / Double(colors.count))
  }

  /// The angle of a vector, in turns, by Newton's method from a coarse search.
  private static func angle(_ x: Double, _ y: Double) -> Double {
    let size = (x * x + y * y).squareRoot()
    guard size > 0 else { return 0 }
    let (c, s) = (x / size, y / size)
    var best = (score: -2.0, angle: 0.0)
    for step in 0..<16 {
      let p = CircleFunctions.point(turns: Double(step) / 16)
      let score = p.cosine * c + p.sine * s
      if score > best.score { best = (score, Double(step) / 16) }
    }
    var angle = best.angle
    for _ in 0..<6 {
      let p = CircleFunctions.point(turns: angle)
      // The sine of what is missing is nearly its angle.
      angle += (s * p.cosine - c * p.sine) / 6.283_185_307_179_586
    }
    return angle
  }

  /// Refined peaks and their mirrors by whole turns, the most natural first.
  private static func candidates(
    _ found: [SIMD3<Double>], near: [SIMD3<Double>], all: [SIMD3<Double>]
  ) -> [Peak] {
    var peaks: [Peak] = []
    for start in found {
      let coarse = refine(start, near)
      guard coarse.magnitude > 0.15 else { continue }
      // |mean of exp(2πi f · colour)|, below also divided by what rounding leaves of it.
      let (f, phase, magnitude) = refine(coarse.frequency, all)
      guard magnitude > 0.2 else { continue }
      for turn in 0..<27 {
        let shift = SIMD3(Double(turn / 9 - 1), Double(turn / 3 % 3 - 1), Double(turn % 3 - 1))
        let g = f + shift
        guard max(abs(g.x), abs(g.y), abs(g.z)) <= 0.75 else { continue }
        let loss = abs(
          CircleFunctions.sinc(g.x) * CircleFunctions.sinc(g.y) * CircleFunctions.sinc(g.z))
        let relative = magnitude / max(loss, 1e-6)
        guard relative > 0.8, relative < 1.08 else { continue }
        let sum = abs(g.x + g.y + g.z)
        let cost =
          Matrix3.dot(g, g).squareRoot() + 1.5 * abs(1 - relative) + (sum < 0.4 ? 0.1 * sum : 0)
        peaks.append(Peak(frequency: g, phase: phase, cost: cost))
      }
    }
    peaks.sort { $0.cost < $1.cost }
    var result: [Peak] = []
    for peak in peaks {
      let isKnown = result.contains { other in
        let difference = peak.frequency - other.frequency
        let sum = peak.frequency + other.frequency
        return max(abs(difference.x), abs(difference.y), abs(difference.z)) < 0.004
          || max(abs(sum.x), abs(sum.y), abs(sum.z)) < 0.004
      }
      if !isKnown { result.append(peak) }
      if result.count == 12 { break }
    }
    return result
  }

  /// The three dual vectors that explain most, and the fit that they give.
  private static func choose(_ peaks: [Peak], _ colors: [SIMD3<Double>]) -> LatticeFit? {
    let few = Array(colors.prefix(1)) + stride(from: 1, to: colors.count, by: 4).map { colors[$0] }
    var best: (score: Double, picks: [Int])?
    for i in peaks.indices {
      for j in peaks.indices where j > i {
        for k in peaks.indices where k > j {
          let picks = [i, j, k]
          let dual = picks.map { peaks[$0].frequency }
          let volume = abs(Matrix3(rows: dual).determinant)
          guard volume >= 0.02, volume <= 0.7 else { continue }
          guard
            let fit = LatticeFit(
              few, dual: dual, phase: picks.map { peaks[$0].phase }, rounds: 3)
          else { continue }
          let sums = dual.map { abs($0.x + $0.y + $0.z) }.sorted()
          let cost = picks.reduce(0) { $0 + peaks[$1].cost }
          let score =
            fit.gain - (1 - fit.exactFraction) - 12 * (1 - fit.nearFraction) - 0.3 * cost
            - 1.5 * (sums[0] + sums[1])
          if best.map({ score > $0.score }) ?? true { best = (score, picks) }
        }
      }
    }
    guard let best else { return nil }
    return finish(best.picks.map { peaks[$0] }, colors)
  }

  /// Makes one coordinate luma, then fits to all colours.
  private static func finish(_ peaks: [Peak], _ colors: [SIMD3<Double>]) -> LatticeFit? {
    var dual = peaks.map(\.frequency)
    var phase = peaks.map(\.phase)
    let sum = { (f: SIMD3<Double>) in f.x + f.y + f.z }
    let luma = (0..<3).max { abs(sum(dual[$0])) < abs(sum(dual[$1])) }!
    if sum(dual[luma]) < 0 {
      dual[luma] = -dual[luma]
      phase[luma] = -phase[luma]
    }
    let chroma = (0..<3).filter { $0 != luma }
    // Of the dual vectors that differ by chroma, luma is the one with no negative part.
    var best: (score: Double, dual: SIMD3<Double>, phase: Double)?
    for i in -1...1 {
      for j in -1...1 {
        let g = dual[luma] + Double(i) * dual[chroma[0]] + Double(j) * dual[chroma[1]]
        let score = g.y - 10 * max(0, -min(g.x, g.y, g.z) - 0.02)
        if best.map({ score > $0.score }) ?? true {
          best = (
            score, g,
            phase[luma] + Double(i) * phase[chroma[0]] + Double(j) * phase[chroma[1]]
          )
        }
      }
    }
    dual[luma] = best!.dual
    phase[luma] = best!.phase
    let order = [luma] + chroma
    guard
      let fit = LatticeFit(
        colors, dual: order.map { dual[$0] }, phase: order.map { phase[$0] }, rounds: 8),
      fit.gain >= 0.3, fit.nearFraction >= 0.97
    else { return nil }
    return fit
  }
}
