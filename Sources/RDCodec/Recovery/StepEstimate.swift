internal import DecoderCore
internal import Entropy

/// Estimates the steps of a plane's coefficients from their values: the encoder's alone.
struct StepEstimate {
  /// The most likely table of examples, and the most likely steps one by one.
  private(set) var example: QuantisationTable
  private(set) var free: QuantisationTable

  private static let blockCount = 1500
  private static let sampleCount = 200
  /// Smaller ones may be zeros.
  private static let minimumSize: Float = 1.2
  /// What rounded samples leave in most coefficients, and how far off those of flat blocks are.
  private static let variance: Float = 1.0 / 12
  private static let flatReach: Float = 4
  private static let flatFraction: Float = 0.3

  init(_ plane: BoundedPlane, _ grid: BlockGrid) {
    let sizes = Self.sizes(plane, grid)
    // [position][step]: the logarithm of the likelihood.
    var scores = [[Float]](repeating: [Float](repeating: 0, count: 256), count: 64)
    for k in 0..<64 where !sizes[k].isEmpty {
      for step in 1...255 { scores[k][step] = Self.score(sizes[k], step: Float(step)) }
    }
    var best = (score: -Float.infinity, table: QuantisationTable(code: 1))
    for code in QuantisationTable.codes {
      let table = QuantisationTable(code: code)
      var sum: Float = 0
      for k in 0..<64 { sum += scores[k][Int(table.steps[k])] }
      if sum > best.score { best = (sum, table) }
    }
    example = best.table
    free = best.table
    for k in 0..<64 where !sizes[k].isEmpty {
      var most = 1
      for step in 2...255 where scores[k][step] > scores[k][most] { most = step }
      free.steps[k] = Int32(most)
    }
  }

  /// log₂ of how likely these sizes are multiples of a step, against any sizes.
  private static func score(_ sizes: [Float], step: Float) -> Float {
    var (sum, product) = (Float(0), Float(1))
    let flat = flatFraction * max(1, step / (2 * flatReach))
    let height = (1 - flatFraction) * step * 1.38
    for (index, size) in sizes.enumerated() {
      let rest = size - (size / step).rounded(.toNearestOrEven) * step
      // Nearly exp(−rest² / 2σ²).
      let bell = max(0, 1 - rest * rest / (8 * variance))
      let square = bell * bell
      product *= height * square * square + (abs(rest) <= flatReach ? flat : 0.01)
      if index & 7 == 7 {
        sum += Float(DeterministicMath.logarithm2(Double(product)))
        product = 1
      }
    }
    return sum + Float(DeterministicMath.logarithm2(Double(product)))
  }

  /// For every position the sizes of some coefficients that are not 0.
  private static func sizes(_ plane: BoundedPlane, _ grid: BlockGrid) -> [[Float]] {
    let transform = FloatDCT()
    let rows = Buffer<FloatDCT.Row>(zeroed: 8)
    let values = UnsafeMutableRawPointer(rows.base).assumingMemoryBound(to: Float.self)
    var sizes = [[Float]](repeating: [], count: 64)
    for (x, y) in GridSearch.blocks(grid, blockCount) {
      guard
        plane.spectrum(8 * x - grid.columnPhase, 8 * y - grid.rowPhase, transform, into: rows.base)
      else { continue }
      for k in 0..<64 where sizes[k].count < sampleCount {
        let size = abs(values[k])
        if size >= minimumSize { sizes[k].append(size) }
      }
    }
    return sizes
  }
}
