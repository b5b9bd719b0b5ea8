internal import DecoderCore

/// A plane of which every sample is known, or a range that it lies in: the encoder's alone.
struct BoundedPlane {
  let width: Int
  let height: Int
  /// The likeliest values.
  var values: [Int16]
  /// Equal where the sample is certain; beyond 0 ... 255 there is no bound.
  var least: [Int16]
  var most: [Int16]
  /// How its blocks became samples.
  var method = InverseDCT.Method.exact

  init(width: Int, height: Int, values: [Int16]) {
    self.width = width
    self.height = height
    self.values = values
    least = values
    most = values
  }

  mutating func setFree(_ place: Int) {
    least[place] = -BlockSolver.free
    most[place] = BlockSolver.free
  }

  /// What samples are more than they say, at the mean: the fast method drops what the other rounds.
  static func bias(_ method: InverseDCT.Method) -> Float { method == .fast ? 0.484 : 0 }

  /// Copies the samples of block (x, y); those beyond the plane repeat the nearest and are free.
  func load(
    _ x: Int, _ y: Int, of grid: BlockGrid, start: UnsafeMutablePointer<Float>,
    least: UnsafeMutablePointer<Int16>, most: UnsafeMutablePointer<Int16>
  ) {
    let bias = Self.bias(method)
    for i in 0..<8 {
      let row = 8 &* y &+ i &- grid.rowPhase
      let nearRow = min(max(row, 0), height &- 1)
      for j in 0..<8 {
        let column = 8 &* x &+ j &- grid.columnPhase
        let nearColumn = min(max(column, 0), width &- 1)
        let place = nearRow &* width &+ nearColumn
        let isInside = row == nearRow && column == nearColumn
        let k = 8 &* i &+ j
        start[k] = Float(values[place]) + bias
        least[k] = isInside ? self.least[place] : -BlockSolver.free
        most[k] = isInside ? self.most[place] : BlockSolver.free
      }
    }
  }

  /// The DCT of the block that begins at this place, if all its samples are certain.
  func spectrum(
    _ left: Int, _ top: Int, _ transform: borrowing FloatDCT,
    into rows: UnsafeMutablePointer<FloatDCT.Row>
  ) -> Bool {
    let middle = 128 - Self.bias(method)
    for y in 0..<8 {
      for x in 0..<8 {
        let place = (top &+ y) &* width &+ left &+ x
        guard least[place] == most[place] else { return false }
        rows[y][x] = Float(values[place]) - middle
      }
    }
    transform.forward(rows)
    return true
  }
}
