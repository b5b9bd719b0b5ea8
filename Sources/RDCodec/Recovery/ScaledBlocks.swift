internal import DecoderCore

/// The blocks of chroma that a decoder enlarges by its inverse DCT: the encoder's alone.
struct ScaledBlocks: ~Copyable {
  typealias Row = SIMD8<Float>

  let shape: ScaledChroma
  /// [sample][frequency]: what a coefficient adds, so that 8 samples are orthonormal.
  private let across: Buffer<Row>
  private let down: Buffer<Row>
  /// [eight columns][frequency]: the same as `across`, columns side by side.
  private let acrossEights: Buffer<Row>

  init(_ shape: ScaledChroma) {
    self.shape = shape
    across = Buffer(zeroed: shape.blockWidth)
    down = Buffer(zeroed: shape.blockHeight)
    acrossEights = Buffer(zeroed: shape.blockWidth)
    for x in 0..<shape.blockWidth {
      across[x] = Self.cosines(x, of: shape.blockWidth)
      for u in 0..<8 { acrossEights[x & ~7 + u][x & 7] = across[x][u] }
    }
    for y in 0..<shape.blockHeight { down[y] = Self.cosines(y, of: shape.blockHeight) }
  }

  private static func cosines(_ x: Int, of count: Int) -> Row {
    var row = Row.zero
    for u in 0..<8 {
      let turns = Double((2 * x + 1) * u) / Double(4 * count)
      let scale = u == 0 ? (0.125).squareRoot() : 0.5
      row[u] = Float(scale * CircleFunctions.point(turns: turns).cosine)
    }
    return row
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
    let block = Buffer<Float>(zeroed: shape.blockWidth * shape.blockHeight)
    let coefficients = Buffer<Float>(zeroed: 64)
    let steps = plane.table.steps.map { Float($0) }
    let grid = shape.grid
    for y in 0..<grid.rows {
      for x in 0..<grid.columns {
        let first = (y * grid.columns + x) * 64
        for k in 0..<64 { coefficients[k] = Float(plane.levels[first + k]) * steps[k] }
        synthesise(coefficients.base, into: block.base)
        shape.forPixels(x, y) { place, inside in result[place] = block[inside] }
      }
    }
    return result
  }

  /// The samples less 128 of 64 coefficients, row after row.
  func synthesise(_ coefficients: UnsafePointer<Float>, into block: UnsafeMutablePointer<Float>) {
    let block = UnsafeMutableRawPointer(block)
    for left in stride(from: 0, to: shape.blockWidth, by: 8) {
      // Eight rows of frequencies become columns of pixels first.
      let r0 = columns(coefficients, 0, left)
      let r1 = columns(coefficients, 1, left)
      let r2 = columns(coefficients, 2, left)
      let r3 = columns(coefficients, 3, left)
      let r4 = columns(coefficients, 4, left)
      let r5 = columns(coefficients, 5, left)
      let r6 = columns(coefficients, 6, left)
      let r7 = columns(coefficients, 7, left)
      for y in 0..<shape.blockHeight {
        let d = down[y]
        let first = (r0 * d[0] + r4 * d[4]) + (r2 * d[2] + r6 * d[6])
        let second = (r1 * d[1] + r5 * d[5]) + (r3 * d[3] + r7 * d[7])
        block.storeBytes(
          of: first + second, toByteOffset: 4 &* (y &* shape.blockWidth &+ left), as: Row.self)
      }
    }
  }

  /// What one row of frequencies comes to in eight columns.
  @inline(__always)
  private func columns(_ coefficients: UnsafePointer<Float>, _ v: Int, _ left: Int) -> Row {
    var sum = Row.zero
    for u in 0..<8 { sum += coefficients[8 &* v &+ u] * acrossEights[left &+ u] }
    return sum
  }

  /// The coefficients that give samples less 128 best.
  func analyse(_ block: UnsafePointer<Float>, into coefficients: UnsafeMutablePointer<Float>) {
    var (r0, r1, r2, r3) = (Row.zero, Row.zero, Row.zero, Row.zero)
    var (r4, r5, r6, r7) = (Row.zero, Row.zero, Row.zero, Row.zero)
    for y in 0..<shape.blockHeight {
      let samples = block + y &* shape.blockWidth
      var line = Row.zero
      for x in 0..<shape.blockWidth { line += samples[x] * across[x] }
      let d = down[y]
      r0 += d[0] * line
      r1 += d[1] * line
      r2 += d[2] * line
      r3 += d[3] * line
      r4 += d[4] * line
      r5 += d[5] * line
      r6 += d[6] * line
      r7 += d[7] * line
    }
    let scale = 64 / Float(shape.blockWidth * shape.blockHeight)
    let rows = UnsafeMutableRawPointer(coefficients)
    rows.storeBytes(of: r0 * scale, toByteOffset: 0, as: Row.self)
    rows.storeBytes(of: r1 * scale, toByteOffset: 32, as: Row.self)
    rows.storeBytes(of: r2 * scale, toByteOffset: 64, as: Row.self)
    rows.storeBytes(of: r3 * scale, toByteOffset: 96, as: Row.self)
    rows.storeBytes(of: r4 * scale, toByteOffset: 128, as: Row.self)
    rows.storeBytes(of: r5 * scale, toByteOffset: 160, as: Row.self)
    rows.storeBytes(of: r6 * scale, toByteOffset: 192, as: Row.self)
    rows.storeBytes(of: r7 * scale, toByteOffset: 224, as: Row.self)
  }
}
