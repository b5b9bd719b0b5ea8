/// Along one side of an image reduced by 2^shift: where the values of larger positions come from.
package struct ReducedSide {
  /// Pixels of the reduced image.
  package let count: Int
  /// The first of them that is at hand.
  package let origin: Int
  package let shift: Int

  /// Two neighbouring pixels at hand, and the fraction of the second in 1/2^(shift + 1).
  package struct Tap {
    package let first: Int
    package let second: Int
    package let fraction: Int32
  }

  /// Linear interpolation between pixel centres.
  package func taps(_ positions: Range<Int>) -> [Tap] {
    positions.map { position in
      // The centre in halves of a position, from the first reduced pixel's centre.
      let center = 2 * position + 1 - (1 << shift)
      let first = center >> (shift + 1)
      let fraction = Int32(center - (first << (shift + 1)))
      let clamp = { (index: Int) in min(max(index, 0), count - 1) - origin }
      return Tap(first: clamp(first), second: clamp(first + 1), fraction: fraction)
    }
  }

  /// For every second position: the pair of pixels at hand that it lies in; `origin` is even.
  package func pairs(_ positions: Range<Int>) -> [Int] {
    stride(from: positions.lowerBound, to: positions.upperBound, by: 2).map {
      (($0 >> shift) - origin) / 2
    }
  }
}

extension Tensor {
  /// Bilinear interpolation at `rows` × `columns` of the larger image, rounded (FORMAT.md §9.1).
  package func interpolated(
    rows: Range<Int>, of vertical: ReducedSide, columns: Range<Int>, of horizontal: ReducedSide
  ) -> Tensor {
    var result = Tensor(height: rows.count, width: columns.count, channels: channels)
    let shift = vertical.shift
    let whole = Int32(2) << Int32(shift)
    let bits = Int32(2 * (shift + 1))
    let columnTaps = horizontal.taps(columns)
    let rowTaps = vertical.taps(rows)
    // Rows of the small image, interpolated along themselves; most serve several rows in turn.
    var stretched: [Int: [Int32]] = [:]
    for (index, row) in rowTaps.enumerated() {
      stretched = stretched.filter { $0.key >= row.first }
      for source in [row.first, row.second] where stretched[source] == nil {
        stretched[source] = stretchedRow(source, columnTaps, whole: whole)
      }
      let upper = stretched[row.first]!
      let lower = stretched[row.second]!
      let (first, second) = (whole - row.fraction, row.fraction)
      let half = Int32(1) << (bits - 1)
      result.values.withUnsafeMutableBufferPointer { target in
        let start = index * upper.count
        for place in 0..<upper.count {
          let sum = upper[place] &* first &+ lower[place] &* second &+ half
          target[start &+ place] = Int16(truncatingIfNeeded: sum &>> bits)
        }
      }
    }
    return result
  }

  /// Row `y` at the taps, times their `whole`.
  private func stretchedRow(_ y: Int, _ taps: [ReducedSide.Tap], whole: Int32) -> [Int32] {
    var row = [Int32](repeating: 0, count: taps.count * channels)
    var place = 0
    values.withUnsafeBufferPointer { values in
      for tap in taps {
        let left = y * rowStride + tap.first * channels
        let right = y * rowStride + tap.second * channels
        for c in 0..<channels {
          row[place] =
            Int32(values[left + c]) &* (whole &- tap.fraction)
            &+ Int32(values[right + c]) &* tap.fraction
          place += 1
        }
      }
    }
    return row
  }

  /// The values at `rows` × `columns`, in that order.
  package func selected(rows: [Int], columns: [Int]) -> Tensor {
    var selection: [Int16] = []
    selection.reserveCapacity(rows.count * columns.count * channels)
    for row in rows {
      for column in columns {
        let start = row * rowStride + column * channels
        selection += values[start..<start + channels]
      }
    }
    return Tensor(
      height: rows.count, width: columns.count, channels: channels, values: selection)
  }
}
