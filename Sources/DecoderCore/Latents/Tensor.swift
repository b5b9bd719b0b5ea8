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
    var cut: [Int16] = []
    cut.reserveCapacity(rows.count * columns.count * channels)
    for y in rows {
      let start = (y * width + columns.lowerBound) * channels
      cut += values[start..<start + columns.count * channels]
    }
    return Tensor(height: rows.count, width: columns.count, channels: channels, values: cut)
  }

  /// Adds `other` value by value, saturating.
  package mutating func add(_ other: Tensor) {
    precondition(values.count == other.values.count)
    ModelKernels.best.add(&values, other.values)
  }

  /// Adds `vector` at every position, then multiplies negative values by 1/8 if `leaky`.
  package mutating func add(_ vector: [Int16], leaky: Bool = false) {
    precondition(vector.count == channels)
    values.withUnsafeMutableBufferPointer { values in
      for p in 0..<height * width {
        for c in 0..<channels {
          let sum = Int32(values[p &* channels &+ c]) &+ Int32(vector[c])
          let active = leaky && sum < 0 ? sum >> 3 : sum
          values[p &* channels &+ c] = Int16(clamping: active)
        }
      }
    }
  }

  /// max(v, v / 8) of every value.
  package func leaky() -> Tensor {
    var result = self
    result.values.withUnsafeMutableBufferPointer { values in
      for i in values.indices { values[i] = max(values[i], values[i] &>> 3) }
    }
    return result
  }
}
