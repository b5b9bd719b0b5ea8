/// The rows of activations that a layer made last, with zeros around the image.
///
/// Layers that look at neighbours run row by row, each on the rows that the one before it made: what
/// is in use stays in the cache, whatever the image's size.
final class RowRing {
  /// The columns that are made of every row.
  let columns: Range<Int>
  let channels: Int
  /// Rows of the whole image; those outside are zero.
  private let height: Int
  private let margin: Int
  private let rowStride: Int
  /// A power of two less one.
  private let mask: Int
  /// Rows one after the other; the last one is always zero.
  private let memory: Buffer<Int16>
  /// The row to be made next.
  var next: Int

  /// For the rows from `first` on of an image of `height` rows: the last `count` of them stay.
  ///
  /// `margin` columns left and right of `columns` can be read and are zero: beyond the image, or of
  /// no consequence.
  init(
    columns: Range<Int>, channels: Int, margin: Int, first: Int, height: Int, count: Int
  ) {
    self.columns = columns
    self.channels = channels
    self.height = height
    self.margin = margin
    next = first
    var rows = 1
    while rows < count { rows *= 2 }
    mask = rows - 1
    rowStride = (columns.count + 2 * margin) * channels
    // A kernel may read two values beyond a position.
    memory = Buffer(zeroed: (rows + 1) * rowStride + 16)
  }

  /// A row that was made, from its first column on, or zeros outside of the image.
  @inline(__always)
  func row(_ y: Int) -> UnsafeMutablePointer<Int16> {
    let slot = y >= 0 && y < height ? y & mask : mask + 1
    return memory.base + (slot &* rowStride &+ margin &* channels)
  }

  /// The same from `column` on, which may lie in the margin.
  @inline(__always)
  func row(_ y: Int, from column: Int) -> UnsafePointer<Int16> {
    UnsafePointer(row(y) + (column &- columns.lowerBound) &* channels)
  }

  /// Rows `y` − 1, `y` and `y` + 1 from one column before `column` on.
  @inline(__always)
  func around(_ y: Int, _ column: Int) -> (
    UnsafePointer<Int16>, UnsafePointer<Int16>, UnsafePointer<Int16>
  ) {
    (row(y - 1, from: column - 1), row(y, from: column - 1), row(y + 1, from: column - 1))
  }
}
