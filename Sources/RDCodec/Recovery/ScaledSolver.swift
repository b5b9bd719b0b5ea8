internal import DecoderCore

/// Finds the levels of chroma blocks that a decoder enlarged by its inverse DCT: the encoder's alone.
///
/// A block has two or four times as many samples as coefficients, so that rounding its DCT is nearly
/// always right.
struct ScaledSolver: ~Copyable {
  private let blocks: ScaledBlocks
  private let chroma: [Int16]
  private let isSure: [Bool]
  private let count: Int
  /// The block's samples less 128, and which of them are known.
  private let pixels: Buffer<Float>
  private let isKnown: Buffer<Bool>
  private var isWhole = false
  /// What coefficients make of it.
  private let made: Buffer<Float>
  private let rows = Buffer<SIMD8<Float>>(zeroed: 8)
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
    count = shape.blockWidth * shape.blockHeight
    pixels = Buffer(zeroed: count)
    isKnown = Buffer(zeroed: count)
    made = Buffer(zeroed: count)
  }

  /// The block's coefficients, as ``findCoefficients()`` found them.
  var coefficients: UnsafeMutablePointer<Float> {
    UnsafeMutableRawPointer(rows.base).assumingMemoryBound(to: Float.self)
  }

  /// Loads block (x, y); whether all its pixels are known.
  mutating func load(_ x: Int, _ y: Int) -> Bool {
    let shape = blocks.shape
    let (columns, width) = (shape.columns(x), shape.blockWidth)
    let (left, top) = (width * x - shape.columnPhase, shape.blockHeight * y - shape.rowPhase)
    isWhole = columns.count == width && shape.rows(y).count == shape.blockHeight
    if !isWhole { isKnown.base.update(repeating: false, count: count) }
    for row in shape.rows(y) {
      let inside = (row - top) * width - left
      for column in columns {
        let place = row &* shape.width &+ column
        let isSure = isSure[place]
        isKnown[inside &+ column] = isSure
        pixels[inside &+ column] = Float(chroma[place]) - 128
        if !isSure { isWhole = false }
      }
    }
    if !isWhole { fillUnknown() }
    return isWhole
  }

  /// Gives unknown pixels the mean of the known ones.
  private func fillUnknown() {
    var (sum, knownCount): (Float, Int) = (0, 0)
    for inside in 0..<count where isKnown[inside] {
      sum += pixels[inside]
      knownCount += 1
    }
    let mean = knownCount > 0 ? sum / Float(knownCount) : 0
    for inside in 0..<count where !isKnown[inside] { pixels[inside] = mean }
  }

  func findCoefficients() { blocks.analyse(pixels.base, into: coefficients) }

  /// What coefficients leave of the block's samples: the mean square for each sample more than there
  /// are coefficients. Rounded samples leave 1/12.
  func rest() -> Float {
    findCoefficients()
    blocks.synthesise(coefficients, into: made.base)
    var sum: Float = 0
    for inside in 0..<count {
      let miss = pixels[inside] - made[inside]
      sum += miss * miss
    }
    return sum / Float(count - 64)
  }

  /// Whether the block's samples differ at all.
  var isVaried: Bool {
    let first = pixels[0]
    for inside in 1..<count where abs(pixels[inside] - first) >= 3 { return true }
    return false
  }

  /// Whether levels were found that give every known pixel.
  mutating func solve(_ table: QuantisationTable, into levels: inout [Int16]) -> Bool {
    let steps = table.steps.map { Float($0) }
    findCoefficients()
    round(steps, into: &levels)
    if !isWhole {
      for _ in 0..<Self.rounds {
        let before = levels
        for k in 0..<64 { coefficients[k] = Float(levels[k]) * steps[k] }
        blocks.synthesise(coefficients, into: made.base)
        for inside in 0..<count where !isKnown[inside] { pixels[inside] = made[inside] }
        findCoefficients()
        round(steps, into: &levels)
        if levels == before { break }
      }
    }
    if isRight(levels, table) { return true }
    return changeRounding(steps, table, &levels)
  }

  private func round(_ steps: [Float], into levels: inout [Int16]) {
    for v in 0..<8 {
      var sizes = SIMD8<Float>.zero
      for u in 0..<8 { sizes[u] = steps[8 * v + u] }
      let row = (rows[v] / sizes).nearestLevels
      for u in 0..<8 { levels[8 * v + u] = row[u] }
    }
  }

  private func isRight(_ levels: [Int16], _ table: QuantisationTable) -> Bool {
    blocks.shape.samples(levels, steps: table.steps, into: integers)
    for inside in 0..<count where isKnown[inside] {
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
    _ steps: [Float], _ table: QuantisationTable, _ levels: inout [Int16]
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
