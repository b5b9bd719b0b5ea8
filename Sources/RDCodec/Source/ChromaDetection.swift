/// Finds out whether chroma planes are upsampled ones: the encoder's alone.
struct ChromaDetection {
  /// What was found: the sampling, and the sense in which each plane's rounding fits it.
  struct Result {
    var sampling: ChromaSampling
    var signs: [Int16]
    var share: Double
  }

  /// The share of sure pixels that a sampling has to give.
  private static let minimumShare = 0.9
  /// Side of the part that is tried.
  private static let side = 128

  static func find(
    _ planes: [[Int16]], reliable: [Bool], width: Int, height: Int
  ) -> Result? {
    guard width >= 16, height >= 16 else { return nil }
    let part = Part(planes, reliable, width, height, side: side)
    var best: Result?
    for filter in ChromaSampling.Filter.allCases {
      for sampling in ChromaSampling.allCases(filter) {
        let solver = ChromaSolver(sampling, width: part.width, height: part.height)
        var result = Result(sampling: sampling, signs: [], share: 1)
        for plane in part.planes {
          let shares = [1, -1].map { part.share(plane, sign: $0, solver) }
          let sign = shares[1] > shares[0] ? 1 : 0
          result.signs.append(sign == 1 ? -1 : 1)
          result.share = min(result.share, shares[sign])
          if result.share < minimumShare { break }
        }
        guard result.share >= minimumShare else { continue }
        // Halving both sides says more than halving one.
        if best.map({ result.value > $0.value }) ?? true { best = result }
      }
    }
    return best
  }

  /// A part of the planes where chroma changes; its corner is even, so that phases stay.
  private struct Part {
    var planes: [[Int16]] = []
    var reliable: [Bool] = []
    let left: Int
    let top: Int
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
      left = best.left
      top = best.top
      let places = (top..<top + height).map {
        $0 * wholeWidth + best.left..<$0 * wholeWidth + best.left + width
      }
      planes = whole.map { plane in places.flatMap { plane[$0] } }
      reliable = places.flatMap { isReliable[$0] }
    }

    /// The share of changing pixels that `solver` explains.
    func share(_ plane: [Int16], sign: Int16, _ solver: ChromaSolver) -> Double {
      let signed = sign < 0 ? plane.map { -$0 } : plane
      let made = solver.upsampled(solver.cells(of: signed, reliable: reliable))
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
      return count > 0 ? Double(right) / Double(count) : 0
    }
  }
}

extension ChromaDetection.Result {
  fileprivate var value: Double {
    share + (sampling.halvesColumns && sampling.halvesRows ? 0.05 : 0)
      - (sampling.filter == .triangle ? 0.01 : 0)
  }
}
