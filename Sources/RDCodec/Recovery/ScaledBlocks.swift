internal import DecoderCore

/// The blocks of chroma that a decoder enlarges by its inverse DCT: the encoder's alone.
struct ScaledBlocks {
  let shape: ScaledChroma
  /// [sample][frequency]: what a coefficient adds, so that 8 samples are orthonormal.
  private let across: [SIMD8<Float>]
  private let down: [SIMD8<Float>]

  init(_ shape: ScaledChroma) {
    self.shape = shape
    across = Self.cosines(shape.blockWidth)
    down = Self.cosines(shape.blockHeight)
  }

  private static func cosines(_ count: Int) -> [SIMD8<Float>] {
    (0..<count).map { x in
      var row = SIMD8<Float>.zero
      for u in 0..<8 {
        let turns = Double((2 * x + 1) * u) / Double(4 * count)
        let scale = u == 0 ? (0.125).squareRoot() : 0.5
        row[u] = Float(scale * CircleFunctions.point(turns: turns).cosine)
      }
      return row
    }
  }

  /// Of the pixels of a column or row of blocks, eight for each.
  func cosines(acrossBlock x: Int) -> [Float] {
    let first = shape.blockWidth * x - shape.columnPhase
    return shape.columns(x).flatMap { column in (0..<8).map { across[column - first][$0] } }
  }

  func cosines(downBlock y: Int) -> [Float] {
    let first = shape.blockHeight * y - shape.rowPhase
    return shape.rows(y).flatMap { row in (0..<8).map { down[row - first][$0] } }
  }

  /// The samples less 128 of all blocks' levels, without rounding.
  func values(of plane: LevelPlane) -> [Float] {
    var result = [Float](repeating: 0, count: shape.width * shape.height)
    var block = [Float](repeating: 0, count: shape.blockWidth * shape.blockHeight)
    let grid = shape.grid
    for y in 0..<grid.rows {
      for x in 0..<grid.columns {
        let first = (y * grid.columns + x) * 64
        let coefficients = (0..<64).map {
          Float(plane.levels[first + $0]) * Float(plane.table.steps[$0])
        }
        synthesise(coefficients, into: &block)
        shape.forPixels(x, y) { place, inside in result[place] = block[inside] }
      }
    }
    return result
  }

  /// The samples less 128 of 64 coefficients.
  func synthesise(_ coefficients: [Float], into block: inout [Float]) {
    // Eight rows of frequencies become columns of pixels first.
    for x in 0..<shape.blockWidth {
      var column = SIMD8<Float>.zero
      for v in 0..<8 {
        var sum: Float = 0
        for u in 0..<8 { sum += coefficients[8 * v + u] * across[x][u] }
        column[v] = sum
      }
      for y in 0..<shape.blockHeight {
        let products = column * down[y]
        block[y * shape.blockWidth + x] = Self.sum(products)
      }
    }
  }

  @inline(__always)
  private static func sum(_ v: SIMD8<Float>) -> Float {
    let four = v.lowHalf + v.highHalf
    return (four.x + four.z) + (four.y + four.w)
  }

  /// The coefficients that give samples less 128 best.
  func analyse(_ block: [Float]) -> [Float] {
    var rows = [SIMD8<Float>](repeating: .zero, count: 8)
    for y in 0..<shape.blockHeight {
      var line = SIMD8<Float>.zero
      for x in 0..<shape.blockWidth { line += block[y * shape.blockWidth + x] * across[x] }
      for v in 0..<8 { rows[v] += down[y][v] * line }
    }
    let scale = 64 / Float(shape.blockWidth * shape.blockHeight)
    return rows.flatMap { row in (0..<8).map { row[$0] * scale } }
  }
}
