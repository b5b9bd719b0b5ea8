/// x̂ and its scale for any part of an image, from the latents of the image or a reduced one.
struct Approximation: Sendable {
  let model: LatentModel
  /// All latents, in 1/64 of their step.
  let latents: Tensor
  let position: QualityPosition
  /// Size of what the latents describe, in pixels.
  let width: Int
  let height: Int
  /// The latents' image is this much smaller: 2^shift in width and height.
  let shift: Int

  init(_ model: LatentModel, _ latents: LatentMap, _ tiling: Tiling, position: QualityPosition, shift: Int) {
    self.model = model
    self.latents = latents.tensor
    self.position = position
    width = tiling.width
    height = tiling.height
    self.shift = shift
  }

  /// The pixels of a tile of the whole image.
  func callAsFunction(_ tile: Tiling.Tile) -> LatentDecoder.Output {
    guard shift > 0 else { return decode(tile.latentRows, tile.latentColumns) }
    // One more pixel on either side for the interpolation.
    let rows = reduced(tile.rows).expanded(by: 1, within: 0..<height)
    let columns = reduced(tile.columns).expanded(by: 1, within: 0..<width)
    let latentRows = Approximation.latents(rows)
    let latentColumns = Approximation.latents(columns)
    let small = decode(latentRows, latentColumns)
    let firstRow = latentRows.lowerBound * 8
    let firstColumn = latentColumns.lowerBound * 8
    return LatentDecoder.Output(
      mean: interpolated(
        small.mean, vertical: taps(tile.rows, limit: height, origin: firstRow),
        horizontal: taps(tile.columns, limit: width, origin: firstColumn)),
      scale: repeated(
        small.scale, rows: halves(tile.rows, origin: firstRow),
        columns: halves(tile.columns, origin: firstColumn)))
  }

  private func decode(_ rows: Range<Int>, _ columns: Range<Int>) -> LatentDecoder.Output {
    model.decoder(
      latents, rows: rows, columns: columns, position: position, gains: model.gains(at: position))
  }

  private func reduced(_ range: Range<Int>) -> Range<Int> {
    range.lowerBound >> shift..<((range.upperBound - 1) >> shift) + 1
  }

  private static func latents(_ pixels: Range<Int>) -> Range<Int> {
    pixels.lowerBound / 8..<(pixels.upperBound + 7) / 8
  }

  /// Two neighbouring pixels and the share of the second, in 1/2^(shift + 1).
  private struct Tap {
    let first: Int
    let second: Int
    let share: Int32
  }

  /// Linear interpolation between pixel centres along one side.
  private func taps(_ range: Range<Int>, limit: Int, origin: Int) -> [Tap] {
    range.map { position in
      // The centre in units of half a large pixel, from the first small pixel's centre.
      let center = 2 * position + 1 - (1 << shift)
      let first = center >> (shift + 1)
      let share = Int32(center - (first << (shift + 1)))
      let clamp = { (index: Int) in min(max(index, 0), limit - 1) - origin }
      return Tap(first: clamp(first), second: clamp(first + 1), share: share)
    }
  }

  private func interpolated(_ small: Tensor, vertical: [Tap], horizontal: [Tap]) -> Tensor {
    var result = Tensor(height: vertical.count, width: horizontal.count, channels: 3)
    let whole = Int32(2) << Int32(shift)
    let bits = Int32(2 * (shift + 1))
    result.values.withUnsafeMutableBufferPointer { target in
      small.values.withUnsafeBufferPointer { source in
        var index = 0
        for row in vertical {
          let upper = row.first * small.rowStride
          let lower = row.second * small.rowStride
          for column in horizontal {
            for c in 0..<3 {
              let left = column.first * 3 + c
              let right = column.second * 3 + c
              let top =
                Int32(source[upper + left]) * (whole - column.share)
                + Int32(source[upper + right]) * column.share
              let bottom =
                Int32(source[lower + left]) * (whole - column.share)
                + Int32(source[lower + right]) * column.share
              let sum = top * (whole - row.share) + bottom * row.share
              target[index] = Int16(truncatingIfNeeded: (sum + (1 << (bits - 1))) >> bits)
              index += 1
            }
          }
        }
      }
    }
    return result
  }

  /// Where every second pixel's scale stands among those of 2×2 small pixels.
  private func halves(_ range: Range<Int>, origin: Int) -> [Int] {
    stride(from: range.lowerBound, to: range.upperBound, by: 2).map {
      (($0 >> shift) - origin) / 2
    }
  }

  private func repeated(_ small: Tensor, rows: [Int], columns: [Int]) -> Tensor {
    var values: [Int16] = []
    values.reserveCapacity(rows.count * columns.count * 3)
    for row in rows {
      for column in columns {
        let start = row * small.rowStride + column * 3
        values += small.values[start..<start + 3]
      }
    }
    return Tensor(height: rows.count, width: columns.count, channels: 3, values: values)
  }
}
