internal import DecoderCore
internal import Entropy

/// Estimates the steps of coefficients from their values: the encoder's alone.
///
/// Planes of chroma share one table in nearly all files, so they are looked at together.
struct StepEstimate {
  /// Tables that are worth a trial, no two alike: the likeliest example, the example that codes
  /// some blocks in fewest bits, the likeliest steps one by one.
  private(set) var tables: [QuantisationTable] = []

  private static let blockCount = 1500
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
    // [position][step]: the logarithm of the likelihood.
    var scores = [[Float]](repeating: [Float](repeating: 0, count: 256), count: 64)
    for k in 0..<64 where !found.sizes[k].isEmpty {
      for step in 1...255 {
        let size = method == .fast ? InverseDCT.fastStep(Int32(step), at: k) : Float(step)
        scores[k][step] = Self.score(found.sizes[k], step: size)
      }
    }
    let examples = QuantisationTable.codes.map { QuantisationTable(code: $0) }
    var likeliest = (score: -Float.infinity, table: examples[0])
    for table in examples {
      var sum: Float = 0
      for k in 0..<64 { sum += scores[k][Int(table.steps[k])] }
      if sum > likeliest.score { likeliest = (sum, table) }
    }
    var free = likeliest.table
    for k in 0..<64 {
      guard let most = Self.most(scores[k]) else {
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
  private static func most(_ scores: [Float]) -> Int? {
    var most = 1
    for step in 2...255 where scores[step] > scores[most] { most = step }
    return scores[most] >= evidence ? most : nil
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
    private var blocks: [(coefficients: [Float], samples: [Int32])] = []
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
          if blocks.count < StepEstimate.triedCount {
            let samples = (0..<64).map { i in
              Int32(plane.values[(top + i >> 3) * plane.width + left + i & 7])
            }
            blocks.append(((0..<64).map { values[$0] }, samples))
          }
        }
      }
    }

    /// The table that codes the blocks in fewest bits.
    func cheapest(of tables: [QuantisationTable]) -> QuantisationTable {
      let first = tables.map { bits(of: $0, count: StepEstimate.firstCount) }
      let best = tables.indices.map { $0 }.stablySorted { first[$0] }.prefix(StepEstimate.keptCodes)
      let all = best.map { bits(of: tables[$0], count: blocks.count) }
      let place = all.indices.min { (all[$0], $0) < (all[$1], $1) }!
      return tables[best[place]]
    }

    /// Roughly what some blocks take, coded by the nearest levels.
    private func bits(of table: QuantisationTable, count: Int) -> Int {
      let integers = Buffer<InverseDCT.Row>(zeroed: 8)
      let levels = Buffer<Int16>(zeroed: 64)
      let values = UnsafeMutableRawPointer(integers.base).assumingMemoryBound(to: Int32.self)
      var bits = 0
      let sizes = (0..<64).map { table.step($0, by: method) }
      for block in blocks.prefix(count) {
        for k in 0..<64 {
          let level = (block.coefficients[k] / sizes[k]).rounded(.toNearestOrEven)
          levels[k] = Int16(min(max(level, -2047), 2047))
        }
        InverseDCT.samples(levels.base, steps: table.steps, by: method, into: integers.base)
        bits += StepEstimate.bits(levels.base)
        for i in 0..<64 where values[i] != block.samples[i] {
          bits += StepEstimate.unsolvedBits
          break
        }
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

  /// log₂ of how likely these sizes are multiples of a step, against any sizes.
  private static func score(_ sizes: [(size: Float, kind: Kind)], step: Float) -> Float {
    var (exponent, product) = (0, Float(1))
    for (index, (size, kind)) in sizes.enumerated() {
      let rest = size - (size / step).rounded(.toNearestOrEven) * step
      if kind == .constant {
        let isNear = abs(rest) <= constantReach
        product *= isNear ? (1 - strayPart) * max(1, step / (2 * constantReach)) : strayPart
      } else {
        let variance = kind.variance
        // Nearly exp(−rest² / 2σ²).
        let bell = max(0, 1 - rest * rest / (8 * variance))
        let square = bell * bell
        let height = (1 - strayPart) * step * (kind == .linear ? 0.486 : 1.13)
        let likelihood = height * square * square + strayPart
        // What may be 0 says little of steps.
        product *= rest == size && size <= strayReach ? max(likelihood, 1) : likelihood
      }
      if index & 7 == 7 {
        exponent += product.exponent
        product = product.significand
      }
    }
    return Float(exponent) + Float(DeterministicMath.logarithm2(Double(product)))
  }
}
