internal import CKernels

/// A fixed-point image of features: height × width positions, `channels` values at each.
@frozen
@usableFromInline
package struct Tensor: Sendable, Equatable {
  @usableFromInline package let height: Int
  @usableFromInline package let width: Int
  @usableFromInline package let channels: Int
  /// Row after row, channels innermost.
  @usableFromInline package var values: [Int16]

  package init(height: Int, width: Int, channels: Int) {
    self.height = height
    self.width = width
    self.channels = channels
    values = [Int16](repeating: 0, count: height * width * channels)
  }

  package init(height: Int, width: Int, channels: Int, values: [Int16]) {
    precondition(values.count == height * width * channels)
    self.height = height
    self.width = width
    self.channels = channels
    self.values = values
  }

  /// Values that `fill` writes, all of them.
  init(
    height: Int, width: Int, channels: Int,
    fill: (UnsafeMutableBufferPointer<Int16>) -> Void
  ) {
    self.height = height
    self.width = width
    self.channels = channels
    let count = height * width * channels
    values = [Int16](unsafeUninitializedCapacity: count) { memory, written in
      if count > 0 { fill(memory) }
      written = count
    }
  }

  @inlinable package var rowStride: Int { width * channels }

  /// The same values with `margin` positions of zeros on every side.
  package func padded(by margin: Int) -> Tensor {
    guard margin > 0 else { return self }
    var result = Tensor(
      height: height + 2 * margin, width: width + 2 * margin, channels: channels)
    for y in 0..<height {
      let start = ((y + margin) * result.width + margin) * channels
      result.values.withUnsafeMutableBufferPointer { target in
        values.withUnsafeBufferPointer { source in
          let row = UnsafeBufferPointer(rebasing: source[y * rowStride..<(y + 1) * rowStride])
          _ = UnsafeMutableBufferPointer(rebasing: target[start..<start + rowStride])
            .update(fromContentsOf: row)
        }
      }
    }
    return result
  }

  /// The positions `rows` × `columns`.
  package func cropped(rows: Range<Int>, columns: Range<Int>) -> Tensor {
    guard rows != 0..<height || columns != 0..<width else { return self }
    precondition(rows.lowerBound >= 0 && rows.upperBound <= height)
    precondition(columns.lowerBound >= 0 && columns.upperBound <= width)
    let length = columns.count * channels
    return Tensor(height: rows.count, width: columns.count, channels: channels) { cut in
      guard length > 0 else { return }
      values.withUnsafeBufferPointer { values in
        for (index, y) in rows.enumerated() {
          let start = (y * width + columns.lowerBound) * channels
          (cut.baseAddress! + index * length).update(
            from: values.baseAddress! + start, count: length)
        }
      }
    }
  }

  /// Adds `other` value by value, saturating.
  package mutating func add(_ other: Tensor) {
    precondition(values.count == other.values.count)
    ModelKernels.best.add(&values, other.values)
  }

  /// Adds `vector` at every position, then multiplies negative values by 1/8 if `leaky`.
  package mutating func add(_ vector: [Int16], leaky: Bool = false) {
    precondition(vector.count == channels)
    guard !values.isEmpty else { return }
    ModelKernels.best.call.add_vector(&values, vector, channels, height * width, leaky ? 1 : 0)
  }

  /// max(v, v / 8) of every value.
  package func leaky() -> Tensor {
    Tensor(height: height, width: width, channels: channels) { y in
      ModelKernels.best.call.leaky(values, y.baseAddress!, y.count)
    }
  }
}
