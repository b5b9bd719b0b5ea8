/// A plane of floats with a border that neighbourhoods may read.
///
/// A reference, because planes are read while later planes are coded; not thread-safe.
final class PaddedPlane {
  /// Columns on each side: four of the furthest regressor, and the width of a vector load.
  static let columns = 16
  static let rows = 4

  let width: Int
  let height: Int
  let stride: Int
  private let samples: Buffer<Float>

  /// A plane and a border of `value`.
  init(width: Int, height: Int, filledWith value: Float) {
    self.width = width
    self.height = height
    stride = width + 2 * Self.columns
    samples = Buffer(repeating: value, count: stride * (height + 2 * Self.rows))
  }

  /// Row `y` at column 0; `y` lies in −rows ..< height + rows.
  func row(_ y: Int) -> UnsafeMutablePointer<Float> {
    samples.base + ((y + Self.rows) * stride + Self.columns)
  }

  /// Prepares row `y`'s left border from the row above.
  func beginRow(_ y: Int) {
    let row = row(y)
    let above = row - stride
    for k in 1...Self.columns { row[-k] = above[0] }
  }

  /// Repeats row `y`'s last sample to its right; the first and last rows fill their borders.
  func endRow(_ y: Int) {
    let row = row(y)
    for k in 0..<Self.columns { row[width + k] = row[width - 1] }
    let source = row - Self.columns
    for k in 1...Self.rows {
      if y == 0 { (source - k * stride).update(from: source, count: stride) }
      if y == height - 1 { (source + k * stride).update(from: source, count: stride) }
    }
  }
}
