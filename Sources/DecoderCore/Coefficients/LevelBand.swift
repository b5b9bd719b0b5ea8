internal import CKernels
package import Entropy

/// The levels of one band of blocks, and what the samples of some blocks are off.
package struct LevelBand: Sendable {
  /// For each plane, blocks of 64 levels.
  package var levels: [[Int16]]
  /// For each plane, by block of the band, 64 differences of samples, where there are any.
  package var differences: [[Int: [Int16]]]

  package init(
    levels: [[Int16]], differences: [[Int: [Int16]]]
  ) {
    self.levels = levels
    self.differences = differences
  }
}

/// Codes the blocks of one band, plane after plane, in either direction (docs/FORMAT.md §13.6).
package struct LevelBandCoder: ~Copyable {
  /// How many symbols it may give an encoder at once.
  package static let room = LevelCoder.maximumDecisions

  private let source: CoefficientSource
  private let band: Int
  private let coder: LevelCoder
  /// A block of zeros stands for those that do not exist.
  private let zeros = Buffer<Int16>(zeroed: 64)
  private let leftLines = Buffer<Int32>(zeroed: 16)
  private let steps = Buffer<Int32>(zeroed: 64)

  private var isOff = [AdaptiveBit](repeating: AdaptiveBit(limit: 12), count: 4)
  private var isDifferent = [AdaptiveBit](repeating: AdaptiveBit(limit: 6), count: 12)
  private var sizes = [MagnitudeModel](repeating: MagnitudeModel(), count: 4)

  package init(
    _ source: CoefficientSource, band: Int, kernels: ResidualKernels, start: LevelStart = .shipped
  ) {
    self.source = source
    self.band = band
    let count = source.grids.indices.reduce(0) {
      $0 + source.rows(of: $1, in: band).count * source.grids[$1].columns * 64
    }
    coder = LevelCoder(kernels: kernels, sampleCount: count, start: start)
  }

  /// Moves the start by `step` of the way to the weights that the band has led to.
  package func moveStart(by step: Float) { coder.moveStart(by: step) }

  /// An encoder gives a band and gets it back; a decoder gives any band.
  package mutating func code<Coder: BinaryCoder & ~Copyable>(
    _ given: LevelBand?, with coder: inout Coder
  ) throws(CodecError) -> LevelBand {
    var result = LevelBand(levels: [], differences: [])
    var misses: [[Int16]] = []
    for plane in source.grids.indices {
      let grid = source.grids[plane]
      let rowRange = source.rows(of: plane, in: band)
      let count = rowRange.count * grid.columns
      var levels = given?.levels[plane] ?? [Int16](repeating: 0, count: count * 64)
      var planeMisses = [Int16](repeating: 0, count: count)
      var differences: [Int: [Int16]] = [:]
      for k in 0..<64 { steps[k] = source.tables[plane].steps[k] }
      let lines = Buffer<Int32>(zeroed: 16 * grid.columns)
      for y in rowRange {
        if coder.isExhausted { throw .truncated(at: coder.start) }
        for x in 0..<grid.columns {
          let index = (y - rowRange.lowerBound) * grid.columns + x
          codeBlock(
            plane, x, y - rowRange.lowerBound, &levels, result.levels, &planeMisses, misses,
            lines.base + 16 * x, with: &coder)
          let own = given?.differences[plane][index]
          if let off = codeDifferences(own, plane, grid, x, y, with: &coder) {
            differences[index] = off
          }
        }
      }
      result.levels.append(levels)
      result.differences.append(differences)
      misses.append(planeMisses)
    }
    if coder.isExhausted { throw .truncated(at: coder.start) }
    return result
  }

  private func codeBlock<Coder: BinaryCoder & ~Copyable>(
    _ plane: Int, _ x: Int, _ row: Int, _ levels: inout [Int16], _ before: [[Int16]],
    _ misses: inout [Int16], _ missesBefore: [[Int16]], _ above: UnsafeMutablePointer<Int32>,
    with binary: inout Coder
  ) {
    let columns = source.grids[plane].columns
    let index = row * columns + x
    let luma = plane > 0 ? lumaIndex(x, row, plane) : nil
    let hasBefore = plane > 1 && source.grids[plane - 1] == source.grids[plane]
    let zero = UnsafePointer(zeros.base)
    levels.withUnsafeMutableBufferPointer { levels in
      misses.withUnsafeMutableBufferPointer { misses in
        before.withPointers { before in
          let here = levels.baseAddress! + 64 * index
          let up = UnsafePointer(here) - 64 * columns
          var block = KernelLevelBlock(
            here: here, left: x > 0 ? UnsafePointer(here) - 64 : zero,
            above: row > 0 ? up : zero,
            above_left: row > 0 && x > 0 ? up - 64 : zero,
            above_right: row > 0 && x + 1 < columns ? up + 64 : zero,
            before: hasBefore ? before[plane - 1] + 64 * index : zero,
            luma: luma.map { before[0] + 64 * $0 } ?? zero,
            plane: Int32(plane), has_left: x > 0 ? 1 : 0, has_above: row > 0 ? 1 : 0,
            steps: UnsafePointer(steps.base), above_lines: above, left_lines: leftLines.base,
            left_miss: x > 0 ? Int32(misses[index - 1]) : 0,
            above_miss: row > 0 ? Int32(misses[index - columns]) : 0,
            luma_miss: luma.map { Int32(missesBefore[0][$0]) } ?? 0,
            before_miss: hasBefore ? Int32(missesBefore[plane - 1][index]) : 0,
            miss: misses.baseAddress! + index)
          coder.code(&block, with: &binary)
        }
      }
    }
  }

  /// The luma block of the band that lies where a chroma block begins.
  private func lumaIndex(_ x: Int, _ row: Int, _ plane: Int) -> Int? {
    let (chroma, luma) = (source.grids[plane], source.grids[0])
    let y = row + source.rows(of: plane, in: band).lowerBound
    let (across, down) = source.ratio(of: plane)
    // Where ratios are no integers, phases are 0, and what is divided is positive.
    let (i, j) = (8 * x + 3 - chroma.columnPhase, 8 * y + 3 - chroma.rowPhase)
    let column = (across.0 * i / across.1 + luma.columnPhase) >> 3
    let line = (down.0 * j / down.1 + luma.rowPhase) >> 3
    let lumaRows = source.rows(of: 0, in: band)
    guard lumaRows.contains(line) else { return nil }
    let inside = min(max(column, 0), luma.columns - 1)
    return (line - lumaRows.lowerBound) * luma.columns + inside
  }

  /// Codes what a block's samples are off, if they are.
  private mutating func codeDifferences<Coder: BinaryCoder & ~Copyable>(
    _ given: [Int16]?, _ plane: Int, _ grid: BlockGrid, _ x: Int, _ y: Int,
    with coder: inout Coder
  ) -> [Int16]? {
    // Samples of other numbers than 64 have none.
    if source.scalesChroma && plane > 0 { return nil }
    guard coder.code(given != nil, &isOff[plane]) else { return nil }
    var differences = given ?? [Int16](repeating: 0, count: 64)
    grid.forSamples(x, y) { _, inside in
      var context = 3 * plane
      if inside & 7 > 0 && differences[inside - 1] != 0 { context += 1 }
      if inside > 7 && differences[inside - 8] != 0 { context += 1 }
      let value = differences[inside]
      guard coder.code(value != 0, &isDifferent[context]) else {
        differences[inside] = 0
        return
      }
      differences[inside] = Int16(
        truncatingIfNeeded: sizes[plane].code(Int(value == 0 ? 1 : value), with: &coder))
    }
    return differences
  }
}

extension [[Int16]] {
  /// Lends pointers to the first three arrays, or to as many as there are.
  @inline(__always)
  fileprivate func withPointers(_ body: ([UnsafePointer<Int16>]) -> Void) {
    switch count {
    case 0: body([])
    case 1: self[0].withUnsafeBufferPointer { a in body([a.baseAddress!]) }
    case 2:
      self[0].withUnsafeBufferPointer { a in
        self[1].withUnsafeBufferPointer { b in body([a.baseAddress!, b.baseAddress!]) }
      }
    default:
      self[0].withUnsafeBufferPointer { a in
        self[1].withUnsafeBufferPointer { b in
          self[2].withUnsafeBufferPointer { c in
            body([a.baseAddress!, b.baseAddress!, c.baseAddress!])
          }
        }
      }
    }
  }
}
