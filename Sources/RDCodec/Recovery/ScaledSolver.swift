internal import DecoderCore

/// Finds the levels of chroma blocks that a decoder enlarged by its inverse DCT: the encoder's alone.
///
/// A block has two or four times as many samples as coefficients, so that rounding its DCT is nearly
/// always right.
struct ScaledSolver: ~Copyable {
  private let blocks: ScaledBlocks
  private let chroma: [Int16]
  private let isSure: [Bool]
  private var pixels: [Float]
  private var isKnown: [Bool]
  private let integers = Buffer<Int32>(zeroed: 256)

  /// Rounds in which unknown pixels take what the levels give.
  private static let rounds = 40
  /// Levels that may be rounded the other way.
  private static let doubtCount = 8

  /// `chroma`: of every pixel, certain where `isSure`.
  init(_ shape: ScaledChroma, _ chroma: [Int16], _ isSure: [Bool]) {
    blocks = ScaledBlocks(shape)
    self.chroma = chroma
    self.isSure = isSure
    pixels = Array(repeating: 0, count: shape.blockWidth * shape.blockHeight)
    isKnown = Array(repeating: false, count: pixels.count)
  }

  /// Loads block (x, y); whether all its pixels are known.
  mutating func load(_ x: Int, _ y: Int) -> Bool {
    for inside in pixels.indices { (pixels[inside], isKnown[inside]) = (0, false) }
    var count = 0
    var sum: Float = 0
    let (chroma, isSure) = (chroma, isSure)
    blocks.shape.forPixels(x, y) { place, inside in
      guard isSure[place] else { return }
      pixels[inside] = Float(chroma[place]) - 128
      isKnown[inside] = true
      sum += pixels[inside]
      count += 1
    }
    if count == pixels.count { return true }
    let mean = count > 0 ? sum / Float(count) : 0
    for inside in pixels.indices where !isKnown[inside] { pixels[inside] = mean }
    return false
  }

  /// The coefficients of the block, and what they leave of its samples: the mean square for each
  /// sample more than there are coefficients. Rounded samples leave 1/12.
  func spectrum() -> (coefficients: [Float], rest: Float) {
    let coefficients = blocks.analyse(pixels)
    var made = pixels
    blocks.synthesise(coefficients, into: &made)
    let sum = zip(pixels, made).reduce(Float(0)) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    return (coefficients, sum / Float(pixels.count - 64))
  }

  /// Whether the block's samples differ at all.
  var isVaried: Bool {
    let first = pixels[0]
    return pixels.contains { abs($0 - first) >= 3 }
  }

  /// Whether levels were found that give every known pixel.
  mutating func solve(_ table: QuantisationTable, into levels: inout [Int16]) -> Bool {
    let steps = table.steps.map { Float($0) }
    var coefficients = blocks.analyse(pixels)
    round(coefficients, steps, into: &levels)
    if isKnown.contains(false) {
      var made = pixels
      for _ in 0..<Self.rounds {
        let before = levels
        blocks.synthesise((0..<64).map { Float(levels[$0]) * steps[$0] }, into: &made)
        for inside in pixels.indices where !isKnown[inside] { pixels[inside] = made[inside] }
        coefficients = blocks.analyse(pixels)
        round(coefficients, steps, into: &levels)
        if levels == before { break }
      }
    }
    if isRight(levels, table) { return true }
    return changeRounding(coefficients, steps, table, &levels)
  }

  private func round(_ coefficients: [Float], _ steps: [Float], into levels: inout [Int16]) {
    for k in 0..<64 {
      let level = (coefficients[k] / steps[k]).rounded(.toNearestOrEven)
      levels[k] = Int16(min(max(level, -2047), 2047))
    }
  }

  private func isRight(_ levels: [Int16], _ table: QuantisationTable) -> Bool {
    blocks.shape.samples(levels, steps: table.steps, into: integers)
    for inside in pixels.indices where isKnown[inside] {
      if Float(integers[inside]) - 128 != pixels[inside] { return false }
    }
    return true
  }

  /// A level that may be another, and how far the coefficient is from where it would be.
  private struct Doubt {
    var place: Int
    var distance: Float
    var change: Int16
  }

  /// Rounds one or two levels the other way, those in most doubt.
  private func changeRounding(
    _ coefficients: [Float], _ steps: [Float], _ table: QuantisationTable, _ levels: inout [Int16]
  ) -> Bool {
    let all = (0..<64).map { (k: Int) -> Doubt in
      let rest = coefficients[k] / steps[k] - Float(levels[k])
      return Doubt(place: k, distance: (0.5 - abs(rest)) * steps[k], change: rest < 0 ? -1 : 1)
    }
    let doubts = all.sorted { ($0.distance, $0.place) < ($1.distance, $1.place) }
      .prefix(Self.doubtCount)
    let kept = levels
    for first in doubts {
      levels[first.place] += first.change
      if isRight(levels, table) { return true }
      for second in doubts where second.place > first.place {
        levels[second.place] += second.change
        if isRight(levels, table) { return true }
        levels[second.place] -= second.change
      }
      levels = kept
    }
    return false
  }
}
