internal import DecoderCore
internal import Entropy

/// Finds out whether chroma planes are upsampled ones: the encoder's alone.
struct ChromaDetection {
  /// What was found: the sampling, and the sense in which each plane's rounding fits it.
  struct Result {
    var sampling: ChromaSampling
    var signs: [Int16]
    /// What the part would take, roughly, in bits.
    var bits: Double
    /// Other samplings that explain the part, nil for none, the likeliest first.
    var others: [ChromaSampling?] = []
  }

  /// The fraction of sure pixels that a sampling has to give.
  private static let minimumFraction = 0.85
  /// The fraction of them that has to be right within 1 before cells are settled.
  private static let roughFraction = 0.7
  /// What an exception costs beside its flag, in bits.
  private static let exceptionBits = 3.0
  private static let otherCount = 3
  private static let otherFactor = 1.5
  /// Side of the part that is tried.
  private static let side = 64

  static func find(
    _ planes: [[Int16]], reliable: [Bool], width: Int, height: Int, signs: [Int16] = [1, -1]
  ) -> Result? {
    guard width >= 16, height >= 16 else { return nil }
    let part = Part(planes, reliable, width, height, side: side)
    let wholeBits = part.planes.reduce(0) { $0 + part.bits($1, width: part.width) }
    guard wholeBits > 0 else { return nil }
    var best: Result?
    var all: [(bits: Int, sampling: ChromaSampling?)] = []
    for filter in ChromaSampling.Filter.allCases {
      for sampling in ChromaSampling.allCases(filter) {
        let solver = ChromaSolver(sampling, width: part.width, height: part.height)
        var result = Result(sampling: sampling, signs: [], bits: 0)
        let limit = min(best?.bits ?? wholeBits, wholeBits)
        for plane in part.planes {
          let costs = signs.map { part.bits(plane, sign: $0, solver) }
          let sign = costs.count > 1 && costs[1] < costs[0] ? 1 : 0
          result.signs.append(signs[sign])
          result.bits += costs[sign]
          if result.bits >= 2 * limit { break }
        }
        if result.bits < limit { best = result }
        if result.bits < 2 * limit { all.append((Int(result.bits), sampling)) }
      }
    }
    guard var best else { return nil }
    all.append((Int(wholeBits), nil))
    best.others = all.stablySorted { $0.bits }
      .filter { Double($0.bits) < best.bits * otherFactor && $0.sampling != best.sampling }
      .prefix(otherCount).map(\.sampling)
    return best
  }

  /// A part of the planes where chroma changes; its corner is even, so that phases stay.
  private struct Part {
    var planes: [[Int16]] = []
    var reliable: [Bool] = []
    let width: Int
    let height: Int

    init(
      _ whole: [[Int16]], _ isReliable: [Bool], _ wholeWidth: Int, _ wholeHeight: Int, side: Int
    ) {
      width = min(side, wholeWidth)
      height = min(side, wholeHeight)
      var best = (score: -1, left: 0, top: 0)
      for i in 0..<4 {
        for j in 0..<4 {
          let left = (wholeWidth - width) * j / 3 & ~1
          let top = (wholeHeight - height) * i / 3 & ~1
          var score = 0
          for y in top..<top + height {
            for x in left..<left + width - 1 {
              let place = y * wholeWidth + x
              guard isReliable[place] else { continue }
              if whole[0][place] != whole[0][place + 1] { score += 1 }
              if whole[1][place] != whole[1][place + 1] { score += 1 }
            }
          }
          if score > best.score { best = (score, left, top) }
        }
      }
      let places = (best.top..<best.top + height).map {
        $0 * wholeWidth + best.left..<$0 * wholeWidth + best.left + width
      }
      planes = whole.map { plane in places.flatMap { plane[$0] } }
      reliable = places.flatMap { isReliable[$0] }
    }

    /// What cells and exceptions take, where `solver` explains `plane`; infinite where it does not.
    func bits(_ plane: [Int16], sign: Int16, _ solver: ChromaSolver) -> Double {
      let signed = sign < 0 ? plane.map { -$0 } : plane
      let rough = solver.roughCells(of: signed, reliable: reliable)
      let near = solver.upsampled(rough.values)
      var (nearCount, sureCount) = (0, 0)
      for place in near.indices where reliable[place] {
        sureCount += 1
        if abs(Int(near[place]) - Int(signed[place])) <= 1 { nearCount += 1 }
      }
      // Steps of one cell or two do not mend as much.
      guard Double(nearCount) >= ChromaDetection.roughFraction * Double(sureCount) else {
        return .infinity
      }
      let cells = solver.settled(rough, plane: signed, reliable: reliable)
      let made = solver.upsampled(cells)
      var right = 0
      var count = 0
      // Away from the border, where the part's neighbours have a say.
      for y in 2..<height - 2 {
        for x in 2..<width - 2 {
          let place = y * width + x
          guard reliable[place] else { continue }
          count += 1
          if made[place] == signed[place] { right += 1 }
        }
      }
      let fraction = count > 0 ? Double(right) / Double(count) : 0
      guard fraction >= minimumFraction else { return .infinity }
      let wrong = 1 - fraction
      let flag =
        wrong == 0
        ? 0
        : -wrong * DeterministicMath.logarithm2(wrong) - fraction
          * DeterministicMath.logarithm2(fraction)
      return bits(cells.map { Int16(clamping: $0) }, width: solver.columns.cellCount)
        + Double(plane.count) * (flag + wrong * exceptionBits)
    }

    /// The entropy of a plane's differences from what its left and upper neighbours suggest.
    func bits(_ plane: [Int16], width: Int) -> Double {
      var counts = [Int](repeating: 0, count: 65)
      var count = 0
      for place in width..<plane.count where place % width > 0 {
        let (west, north) = (Int(plane[place - 1]), Int(plane[place - width]))
        let corner = Int(plane[place - width - 1])
        let guess = min(max(west + north - corner, min(west, north)), max(west, north))
        counts[min(max(Int(plane[place]) - guess, -32), 32) + 32] += 1
        count += 1
      }
      return counts.reduce(0.0) { bits, n in
        n == 0 ? bits : bits - Double(n) * DeterministicMath.logarithm2(Double(n) / Double(count))
      }
    }
  }
}
