internal import CKernels
internal import DecoderCore

/// Rows of positions with zeros around, which kernels may read.
final class SearchPlane {
  let height: Int
  let width: Int
  let channels: Int
  /// Positions of zeros on every side.
  let border: Int
  private let values: Buffer<Int16>

  init(height: Int, width: Int, channels: Int, border: Int = 0) {
    self.height = height
    self.width = width
    self.channels = channels
    self.border = border
    values = Buffer(zeroed: (height + 2 * border) * (width + 2 * border) * channels)
  }

  /// From a position to the one below.
  var rowStride: Int { (width + 2 * border) * channels }

  /// From a position on, which may lie on the border.
  func row(_ row: Int, _ column: Int = 0) -> UnsafeMutablePointer<Int16> {
    values.base + (row + border) * rowStride + (column + border) * channels
  }

  /// The inputs of the positions of a row.
  func inputs(row: Int) -> KernelInputs {
    KernelInputs(x: UnsafePointer(self.row(row)), step: channels, pairs: channels / 2)
  }

  /// The inputs of a convolution of 3×3 at the positions of a row: three runs.
  func inputsAround(row: Int) -> [KernelInputs] {
    (row - 1...row + 1).map {
      KernelInputs(x: UnsafePointer(self.row($0, -1)), step: channels, pairs: 3 * channels / 2)
    }
  }

  /// The taps of ``inputsAround(row:)``.
  static let tapsAround = (-1...1).flatMap { row in (-1...1).map { Tap(row: row, column: $0) } }
}

/// The two halves of a checkerboard, each with its positions side by side, and zeros around.
///
/// Half `h` has of every row those positions whose row + column has the parity of `h`: what a
/// convolution sees of one half from a position lies in runs. Only who makes one writes to it.
final class HalfPlanes: @unchecked Sendable {
  let height: Int
  /// Positions of a half's row.
  let count: Int
  let channels: Int
  /// Positions of zeros on every side.
  private let border: Int
  private let values: Buffer<Int16>

  /// For `height` × `width` positions, even numbers, of which convolutions look up to `reach` far.
  init(height: Int, width: Int, channels: Int, reach: Int) {
    self.height = height
    count = width / 2
    self.channels = channels
    border = reach
    values = Buffer(zeroed: 2 * (height + 2 * border) * (count + 2 * border) * channels)
  }

  /// From a position of a half's row on, which may lie beyond the plane.
  func row(_ half: Int, _ row: Int, _ index: Int = 0) -> UnsafeMutablePointer<Int16> {
    let rows = height + 2 * border
    let place = (half * rows + row + border) * (count + 2 * border)
    return values.base + (place + border + index) * channels
  }

  /// The first column of a half's row.
  static func firstColumn(_ half: Int, _ row: Int) -> Int { (half + row) & 1 }

  /// Which of the positions around a convolution sees.
  enum Sight {
    case both
    /// Only those of the other half.
    case other
  }

  /// What is seen from a position in runs: rows from above; of each, the columns at
  /// even distances, then those at odd ones.
  private static func runs(_ reach: Int, _ sight: Sight) -> [(row: Int, columns: [Int])] {
    (-reach...reach).flatMap { row in
      let columns = -reach...reach
      return [0, 1].compactMap { parity -> (row: Int, columns: [Int])? in
        let seen = columns.filter { $0 & 1 == parity }
        let isOther = (row + parity) & 1 == 1
        guard !seen.isEmpty, sight == .both || isOther else { return nil }
        return (row, seen)
      }
    }
  }

  /// The taps of ``inputs(_:row:reach:_:)``.
  static func taps(reach: Int, _ sight: Sight) -> [Tap] {
    runs(reach, sight).flatMap { run in run.columns.map { Tap(row: run.row, column: $0) } }
  }

  /// The inputs of a convolution of `reach` at the positions of a half's row.
  func inputs(_ half: Int, row: Int, reach: Int, _ sight: Sight) -> [KernelInputs] {
    let first = HalfPlanes.firstColumn(half, row)
    return HalfPlanes.runs(reach, sight).map { run in
      let source = (half + run.row + run.columns[0]) & 1
      // Of position 0 of this row, in positions of the other row.
      let column = first + run.columns[0]
      let index = (column - HalfPlanes.firstColumn(source, row + run.row)) / 2
      return KernelInputs(
        x: UnsafePointer(self.row(source, row + run.row, index)), step: channels,
        pairs: run.columns.count * channels / 2)
    }
  }

  func inputs(_ half: Int, row: Int) -> KernelInputs {
    KernelInputs(x: UnsafePointer(self.row(half, row)), step: channels, pairs: channels / 2)
  }

  /// Copies a row of positions into both halves.
  func split(_ source: UnsafePointer<Int16>, row: Int) {
    for half in 0...1 {
      let target = self.row(half, row)
      let start = source + HalfPlanes.firstColumn(half, row) * channels
      for i in 0..<count {
        (target + i * channels).update(from: start + 2 * i * channels, count: channels)
      }
    }
  }

  /// Copies both halves of a row to a row of positions.
  func join(row: Int, to target: UnsafeMutablePointer<Int16>) {
    for half in 0...1 {
      let source = self.row(half, row)
      let start = target + HalfPlanes.firstColumn(half, row) * channels
      for i in 0..<count {
        (start + 2 * i * channels).update(from: source + i * channels, count: channels)
      }
    }
  }
}
