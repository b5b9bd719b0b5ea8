internal import DecoderCore
internal import Entropy

/// Estimates the steps of coefficients from their values: the encoder's alone.
///
/// Planes of chroma share one table in nearly all files, so they are looked at together.
struct StepEstimate {
  /// Tables that are worth a trial, no two alike: the likeliest example, the example that codes
  /// some blocks in fewest bits, the likeliest steps one by one.
  private(set) var tables: [QuantisationTable] = []

  static let blockCount = 1500
  private static let sampleCount = 160
  /// Of blocks of one value, which say little.
  private static let constantCount = 60
  /// Blocks that examples are tried on, and those of a first look.
  private static let triedCount = 200
  private static let firstCount = 24
  private static let keptCodes = 8

  init(_ planes: [BoundedPlane], _ grid: BlockGrid) {
    let method = planes[0].method
    let found = Observations(planes, grid)
    // The logarithm of the likelihood, 256 for each position: from step 0 on.
    var scores = [Float](repeating: 0, count: 64 * 256)
    for k in 0..<64 where !found.sizes[k].isEmpty {
      for first in stride(from: 1, to: 256, by: 8) {
        var steps = Steps.zero
        for lane in 0..<8 {
          let step = first + lane
          steps[lane] = method == .fast ? InverseDCT.fastStep(Int32(step), at: k) : Float(step)
        }
        let eight = Self.scores(found.sizes[k], steps)
        for lane in 0..<8 where first + lane < 256 { scores[256 * k + first + lane] = eight[lane] }
      }
    }
    let examples = QuantisationTable.codes.map { QuantisationTable(code: $0) }
    var likeliest = (score: -Float.infinity, table: examples[0])
    for table in examples {
      var sum: Float = 0
      for k in 0..<64 { sum += scores[256 * k + Int(table.steps[k])] }
      if sum > likeliest.score { likeliest = (sum, table) }
    }
    var free = likeliest.table
    for k in 0..<64 {
      guard let most = Self.most(scores[256 * k..<256 * k + 256]) else {
        // Steps grow with frequency.
        let above = k > 7 ? free.steps[k - 8] : 1
        free.steps[k] = max(above, k & 7 > 0 ? free.steps[k - 1] : 1)
        continue
      }
      free.steps[k] = Int32(most)
    }
    for table in [likeliest.table, found.cheapest(of: examples), free]
    where !tables.contains(table) {
      tables.append(table)
    }
  }

  /// The likeliest step; nil where none is likely.
  private static func most(_ scores: ArraySlice<Float>) -> Int? {
    let first = scores.startIndex
    var most = 1
    for step in 2...255 where scores[first + step] > scores[first + most] { most = step }
    return scores[first + most] >= evidence ? most : nil
  }

  /// In bits.
  private static let evidence: Float = 3

  /// How the rounding of samples spreads over a block's coefficients.
  private enum Kind: Int {
    /// Over all of them; over those of a row or column, where samples vary along one axis only;
    /// into frequency 0, where all are equal.
    case varied, linear, constant

    /// The variance of a coefficient, at its least 1/12; cells of chroma add a little.
    var variance: Float { self == .linear ? 8.0 / 12 : 1.5 / 12 }
    /// Smaller ones may be zeros.
    var minimumSize: Float {
      switch self {
      case .varied: 1.2
      case .linear: 2.6
      case .constant: 4.5
      }
    }
  }

  /// What is looked at.
  private struct Observations {
    /// For every position the sizes of some coefficients that are not 0.
    var sizes = [[(size: Float, kind: Kind)]](repeating: [], count: 64)
    /// Of some blocks one after the other: coefficients, and the samples that they are of.
    private var coefficients: [SIMD8<Float>] = []
    private var samples: [InverseDCT.Row] = []
    private var blockCount: Int { samples.count / 8 }
    private let method: InverseDCT.Method

    init(_ planes: [BoundedPlane], _ grid: BlockGrid) {
      method = planes[0].method
      let transform = FloatDCT()
      let rows = Buffer<FloatDCT.Row>(zeroed: 8)
      let values = UnsafeMutableRawPointer(rows.base).assumingMemoryBound(to: Float.self)
      var constants = 0
      for (x, y) in GridSearch.blocks(grid, StepEstimate.blockCount) {
        for plane in planes {
          let (left, top) = (8 * x - grid.columnPhase, 8 * y - grid.rowPhase)
          guard plane.spectrum(left, top, transform, into: rows.base) else { continue }
          var (across, down, inner) = (Float(0), Float(0), Float(0))
          for k in 1..<64 {
            let size = abs(values[k])
            if k < 8 { across += size } else if k & 7 == 0 { down += size } else { inner += size }
          }
          let isVaried = inner > 0.05 || (across > 0.05 && down > 0.05)
          let kind: Kind = isVaried ? .varied : across + down > 0.05 ? .linear : .constant
          if kind == .constant {
            constants += 1
            if constants > StepEstimate.constantCount { continue }
          }
          for k in 0..<64 where sizes[k].count < StepEstimate.sampleCount {
            let size = abs(values[k])
            if size >= kind.minimumSize { sizes[k].append((size, kind)) }
          }
          if blockCount < StepEstimate.triedCount {
            for y in 0..<8 {
              coefficients.append(rows[y])
              var row = InverseDCT.Row.zero
              let place = (top + y) * plane.width + left
              for x in 0..<8 { row[x] = Int32(plane.values[place + x]) }
              samples.append(row)
            }
          }
        }
      }
    }

    /// The table that codes the blocks in fewest bits, of those that code the first ones so.
    func cheapest(of tables: [QuantisationTable]) -> QuantisationTable {
      var kept: [(bits: Int, table: QuantisationTable)] = []
      for table in tables {
        let isFull = kept.count == StepEstimate.keptCodes
        let limit = isFull ? kept[kept.count - 1].bits : Int.max
        let bits = bits(of: table, count: StepEstimate.firstCount, below: limit)
        guard bits < limit else { continue }
        if isFull { kept.removeLast() }
        // After those that take as many.
        let place = kept.firstIndex { $0.bits > bits } ?? kept.count
        kept.insert((bits, table), at: place)
      }
      var best = (bits: Int.max, table: tables[0])
      for (_, table) in kept {
        let bits = bits(of: table, count: blockCount, below: best.bits)
        if bits < best.bits { best = (bits, table) }
      }
      return best.table
    }

    /// Roughly what some blocks take, coded by the nearest levels; `limit` or more where they do not
    /// come below it.
    private func bits(of table: QuantisationTable, count: Int, below limit: Int) -> Int {
      let integers = Buffer<InverseDCT.Row>(zeroed: 8)
      let rows = Buffer<SIMD8<Int16>>(zeroed: 8)
      let levels = UnsafeMutableRawPointer(rows.base).assumingMemoryBound(to: Int16.self)
      let sizes = Buffer<SIMD8<Float>>(zeroed: 8)
      for k in 0..<64 { sizes[k >> 3][k & 7] = table.step(k, by: method) }
      var bits = 0
      for block in 0..<min(count, blockCount) {
        for v in 0..<8 { rows[v] = (coefficients[8 * block + v] / sizes[v]).nearestLevels }
        bits += StepEstimate.bits(levels)
        guard bits < limit else { break }
        InverseDCT.samples(levels, steps: table.steps, by: method, into: integers.base)
        for y in 0..<8 where integers[y] != samples[8 * block + y] {
          bits += StepEstimate.unsolvedBits
          break
        }
        guard bits < limit else { break }
      }
      return bits
    }
  }

  /// Roughly what a block takes that its levels do not give, beside them.
  static let unsolvedBits = 80

  /// Roughly what a block's levels take.
  static func bits(_ levels: UnsafePointer<Int16>) -> Int {
    var bits = 0
    for k in 0..<64 where levels[k] != 0 {
      bits += 2 + 2 * (16 - abs(Int32(levels[k])).leadingZeroBitCount + 16)
    }
    return bits
  }

  /// The part of sizes that are anything, where cells are wrong for one.
  private static let strayPart: Float = 0.1
  private static let strayReach: Float = 4
  /// By how much frequency 0 may be off where all samples are equal.
  private static let constantReach: Float = 4.01

  /// Eight steps, looked at together.
  private typealias Steps = SIMD8<Float>

  /// log₂ of how likely these sizes are multiples of each step, against any sizes.
  private static func scores(_ sizes: [(size: Float, kind: Kind)], _ steps: Steps) -> Steps {
    var exponents = SIMD8<Int32>.zero
    var products = Steps(repeating: 1)
    var near = steps / (2 * constantReach)
    near.replace(with: 1, where: near .< 1)
    near = (1 - strayPart) * near
    let stray = Steps(repeating: strayPart)
    let variedHeight = ((1 - strayPart) * steps) * 1.13
    let linearHeight = ((1 - strayPart) * steps) * 0.486
    for (index, (size, kind)) in sizes.enumerated() {
      let rest = size - (size / steps).nearestWhole * steps
      if kind == .constant {
        let isNear = rest .<= constantReach .& rest .>= -constantReach
        products *= stray.replacing(with: near, where: isNear)
      } else {
        // Nearly exp(−rest² / 2σ²).
        var bell = 1 - rest * rest / (8 * kind.variance)
        bell.replace(with: 0, where: bell .< 0)
        let square = bell * bell
        let height = kind == .linear ? linearHeight : variedHeight
        var likelihood = (height * square) * square + strayPart
        if size <= strayReach {
          // What may be 0 says little of steps.
          likelihood.replace(with: 1, where: rest .== size .& likelihood .< 1)
        }
        products *= likelihood
      }
      if index & 7 == 7 {
        // No product is 0: the exponent of each, and the rest of it.
        let bits = unsafeBitCast(products, to: SIMD8<Int32>.self)
        exponents &+= (bits &>> 23) &- 127
        products = unsafeBitCast(bits & 0x7f_ffff | 0x3f80_0000, to: Steps.self)
      }
    }
    var result = Steps.zero
    for lane in 0..<8 {
      result[lane] =
        Float(exponents[lane])
        + Float(DeterministicMath.logarithm2(Double(products[lane])))
    }
    return result
  }
}
