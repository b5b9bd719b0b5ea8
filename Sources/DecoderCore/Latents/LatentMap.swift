/// Quantised latents of an image, put together from its tiles: all rows of them, or as many as are
/// needed at once.
package struct LatentMap: Sendable {
  /// The rows that are held, in 1/64 of the quantisation step.
  package private(set) var tensor: Tensor
  /// The first of them.
  package private(set) var firstRow = 0
  /// Rows of the whole image.
  package let height: Int

  /// All latents of an image.
  package init(_ tensor: Tensor) {
    self.tensor = tensor
    height = tensor.height
  }

  /// The latents of all tiles of an image of this tiling, `channels` at every position.
  package init(_ parts: [Tensor], _ tiling: Tiling, channels: Int) {
    self.init(parts, tiles: tiling.tiles, of: tiling, channels: channels)
  }

  /// The latents of some tiles; all others are zero.
  package init(_ parts: [Tensor], tiles: [Tiling.Tile], of tiling: Tiling, channels: Int) {
    self.init(
      parts, tiles: tiles, height: LatentGeometry.latentCount(tiling.height),
      width: LatentGeometry.latentCount(tiling.width), channels: channels)
  }

  package init(
    _ parts: [Tensor], tiles: [Tiling.Tile], height: Int, width: Int, channels: Int
  ) {
    tensor = Tensor(height: height, width: width, channels: channels)
    self.height = height
    for (part, tile) in zip(parts, tiles) { place(part, in: tile) }
  }

  /// No rows yet.
  package init(emptyFor tiling: Tiling, channels: Int) {
    height = LatentGeometry.latentCount(tiling.height)
    tensor = Tensor(
      height: 0, width: LatentGeometry.latentCount(tiling.width), channels: channels)
  }

  /// Holds `rows` from now on: those that it had stay, others are zero.
  package mutating func move(to rows: Range<Int>) {
    let held = firstRow..<firstRow + tensor.height
    guard rows != held else { return }
    let kept = held.clamped(to: rows)
    let stride = tensor.rowStride
    var values = tensor.values
    // In place, so that bands one after the other are in the same memory.
    tensor = Tensor(height: 0, width: tensor.width, channels: tensor.channels)
    let count = rows.count * stride
    if values.count < count {
      values.append(contentsOf: repeatElement(0, count: count - values.count))
    }
    values.withUnsafeMutableBufferPointer { values in
      guard let base = values.baseAddress else { return }
      let (start, length) = ((kept.lowerBound - rows.lowerBound) * stride, kept.count * stride)
      (base + start).update(from: base + (kept.lowerBound - firstRow) * stride, count: length)
      base.update(repeating: 0, count: start)
      (base + start + length).update(repeating: 0, count: values.count - start - length)
    }
    values.removeLast(values.count - count)
    tensor = Tensor(
      height: rows.count, width: tensor.width, channels: tensor.channels, values: values)
    firstRow = rows.lowerBound
  }

  /// Sets the latents of a tile, whose rows are held.
  package mutating func place(_ part: Tensor, in tile: Tiling.Tile) {
    for (row, y) in tile.latentRows.enumerated() {
      let target =
        (y - firstRow) * tensor.rowStride + tile.latentColumns.lowerBound * tensor.channels
      tensor.values.replaceSubrange(
        target..<target + part.rowStride,
        with: part.values[row * part.rowStride..<(row + 1) * part.rowStride])
    }
  }

  /// Some of the latents; their rows are held.
  package func cropped(rows: Range<Int>, columns: Range<Int>) -> Tensor {
    tensor.cropped(rows: rows.shifted(by: -firstRow), columns: columns)
  }

  /// The latents of a row that is held, from `column` on.
  @inline(__always)
  func withRow(_ row: Int, from column: Int, _ body: (UnsafePointer<Int16>) -> Void) {
    precondition(row >= firstRow && row < firstRow + tensor.height)
    tensor.values.withUnsafeBufferPointer {
      body($0.baseAddress! + (row - firstRow) * tensor.rowStride + column * tensor.channels)
    }
  }
}
