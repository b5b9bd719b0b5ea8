internal import DecoderCore
internal import Entropy

/// A colour lattice as a fit: colour ≈ matrix · k + offset, and back.
struct LatticeFit {
  /// Columns: what one step of each coordinate adds.
  var matrix: Matrix3
  var offset: SIMD3<Double>
  /// Rows: the dual vectors; k = round(dual · colour − phase).
  private(set) var dual: Matrix3
  private(set) var phase: SIMD3<Double>
  /// The fraction of colours that the fit gives exactly, and within 1 in every channel.
  private(set) var exactFraction = 0.0
  private(set) var nearFraction = 0.0

  /// How many bits a pixel cannot hold, because most colours do not occur.
  var gain: Double { DeterministicMath.logarithm2(abs(matrix.determinant)) }

  /// Fits to `colors`, starting from dual vectors and phases; nil where that degenerates.
  init?(_ colors: [SIMD3<Double>], dual: [SIMD3<Double>], phase: [Double], rounds: Int) {
    self.dual = Matrix3(rows: dual)
    self.phase = SIMD3(phase[0], phase[1], phase[2])
    matrix = self.dual
    offset = .zero
    for _ in 0..<rounds {
      guard refit(colors) else { return nil }
    }
    measure(colors)
  }

  /// A lattice that is known; `colors` are measured with the points around each.
  init?(_ lattice: ColorLattice, _ colors: [SIMD3<Int>]) {
    matrix = Matrix3(rows: lattice.matrix.map { SIMD3<Double>($0) * 0x1p-16 })
    offset = SIMD3<Double>(lattice.offset) * 0x1p-16
    guard let inverse = matrix.inverse else { return nil }
    dual = inverse
    phase = inverse * offset
    let exact = colors.count { color in
      let v = coordinates(SIMD3<Double>(color))
      let k = SIMD3<Int>(Int(v.x), Int(v.y), Int(v.z))
      return LatticePixels.neighbors.contains { lattice.distance(k &+ $0, color) == 0 }
    }
    exactFraction = Double(exact) / Double(max(colors.count, 1))
    nearFraction = exactFraction
  }

  func coordinates(_ color: SIMD3<Double>) -> SIMD3<Double> {
    (dual * color - phase).nearestWhole
  }

  private mutating func refit(_ colors: [SIMD3<Double>]) -> Bool {
    // Moments of (k, 1) and with the colours; k about its first value, for accuracy.
    let origin = colors.isEmpty ? .zero : coordinates(colors[0])
    typealias Row = SIMD4<Double>
    var (firsts, seconds, thirds, ones) = (Row.zero, Row.zero, Row.zero, Row.zero)
    var (reds, greens, blues) = (Row.zero, Row.zero, Row.zero)
    for color in colors {
      let row = Row(coordinates(color) - origin, 1)
      firsts += row.x * row
      seconds += row.y * row
      thirds += row.z * row
      ones += row
      reds += color.x * row
      greens += color.y * row
      blues += color.z * row
    }
    let moments = [firsts, seconds, thirds, ones].map { row in (0..<4).map { row[$0] } }
    let sides = [reds, greens, blues].map { row in (0..<4).map { row[$0] } }
    var rows: [SIMD3<Double>] = []
    for channel in 0..<3 {
      guard let solution = SmallSystem.solve(moments, sides[channel]) else { return false }
      rows.append(SIMD3(solution[0], solution[1], solution[2]))
      offset[channel] = solution[3]
    }
    matrix = Matrix3(rows: rows)
    offset -= matrix * origin
    guard abs(matrix.determinant) > 0.5, let inverse = matrix.inverse else { return false }
    dual = inverse
    phase = inverse * offset
    return true
  }

  private mutating func measure(_ colors: [SIMD3<Double>]) {
    var exact = 0
    var near = 0
    for color in colors {
      let error = color - (matrix * coordinates(color) + offset).nearestWhole
      let largest = max(abs(error.x), abs(error.y), abs(error.z))
      if largest == 0 { exact += 1 }
      if largest <= 1 { near += 1 }
    }
    exactFraction = Double(exact) / Double(max(colors.count, 1))
    nearFraction = Double(near) / Double(max(colors.count, 1))
  }

  /// In the fixed point of the format.
  var lattice: ColorLattice {
    let unit = Double(1 << ColorLattice.fractionBits)
    let integers = { (v: SIMD3<Double>) in
      let scaled = (v * unit).rounded(.toNearestOrEven)
      return SIMD3(Int(scaled.x), Int(scaled.y), Int(scaled.z))
    }
    return ColorLattice(matrix: matrix.rows.map(integers), offset: integers(offset))
  }
}
