internal import CKernels

/// The last rows of x̂, plane by plane, and what a ``WienerFilter`` makes of them.
///
/// Rows are added from the top; one is filtered when those that it depends on are there, once the
/// row before it was: from then on its planes hold the result.
final class WienerRows {
  private let kernels = PixelKernels.best.call
  private let weights: [Int32]
  /// All that will be there; beyond them the nearest counts.
  private let rows: Range<Int>
  private let width: Int

  /// [row][plane]: x̂, its components, and those smoothed; smoothed again they are of one row.
  private let pixels: PlaneRing<Int16>
  private let components: PlaneRing<Int32>
  private let fine: PlaneRing<Int32>
  private let coarse: PlaneRing<Int32>
  private var nextFine: Int

  /// For the rows `rows` of a part of an image that is `width` pixels wide.
  init(_ filter: WienerFilter, rows: Range<Int>, width: Int) {
    weights = filter.weights
    self.rows = rows
    self.width = width
    pixels = PlaneRing(width: width, rows: 8)
    components = PlaneRing(width: width, rows: 8)
    fine = PlaneRing(width: width, rows: 8)
    coarse = PlaneRing(width: width, rows: 1)
    nextFine = rows.lowerBound
  }

  /// Three planes of a row, to be written and then added, or filtered and then read.
  @inline(__always)
  func planes(_ y: Int) -> UnsafePointer<UnsafeMutablePointer<Int16>?> { pixels[y] }

  /// Takes note of row `y`, whose planes were written.
  func add(_ y: Int) {
    kernels.components(readable(pixels[y]), components[y], width)
    components.extend(y, by: 1, width: width)
    let last = rows.upperBound - 1
    while nextFine < y || y == last && nextFine == last {
      smooth(components, nextFine, distance: 1, to: fine)
      fine.extend(nextFine, by: 2, width: width)
      nextFine += 1
    }
  }

  /// Filters row `y`; the three below it, or all that there are, were added.
  func filter(_ y: Int) {
    smooth(fine, y, distance: 2, to: coarse)
    kernels.filter(
      readable(components[y]), readable(fine[y]), readable(coarse[y]), weights, pixels[y], width)
  }

  private func smooth(
    _ source: PlaneRing<Int32>, _ y: Int, distance: Int, to target: PlaneRing<Int32>
  ) {
    let above = source[max(y - distance, rows.lowerBound)]
    let below = source[min(y + distance, rows.upperBound - 1)]
    for plane in 0..<3 {
      let lines = (
        UnsafePointer(above[plane]!), UnsafePointer(source[y][plane]!),
        UnsafePointer(below[plane]!)
      )
      withRows(lines) { kernels.smooth($0, distance, target[y][plane]!, width) }
    }
  }
}

/// Pointers to what is only read.
@inline(__always)
func readable<Value>(
  _ planes: UnsafePointer<UnsafeMutablePointer<Value>?>
) -> UnsafePointer<UnsafePointer<Value>?> {
  UnsafeRawPointer(planes).assumingMemoryBound(to: UnsafePointer<Value>?.self)
}

/// Three planes of the last rows of an image, with room for a few values left and right of them.
final class PlaneRing<Value: BitwiseCopyable> {
  private static var edge: Int { 16 }

  private let memory: Buffer<Value>
  private let pointers: Buffer<UnsafeMutablePointer<Value>?>
  private let mask: Int

  /// `rows`: how many are held, a power of two.
  init(width: Int, rows: Int) {
    let stride = (width + 2 * Self.edge + 15) / 16 * 16
    mask = rows - 1
    memory = Buffer(zeroed: 3 * rows * stride)
    pointers = Buffer(zeroed: 3 * rows)
    for index in 0..<3 * rows { pointers[index] = memory.base + (index * stride + Self.edge) }
  }

  /// The planes of a row.
  @inline(__always)
  subscript(y: Int) -> UnsafePointer<UnsafeMutablePointer<Value>?> {
    UnsafePointer(pointers.base + 3 * (y & mask))
  }

  /// Repeats the first and the last value of a row's planes `count` times beyond them.
  func extend(_ y: Int, by count: Int, width: Int) {
    for plane in 0..<3 {
      let line = self[y][plane]!
      for distance in 1...count {
        line[-distance] = line[0]
        line[width - 1 + distance] = line[width - 1]
      }
    }
  }
}
