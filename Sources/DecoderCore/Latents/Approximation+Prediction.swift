internal import CKernels

extension Approximation {
  /// P_dec(x|z) over a tile, for an image of this kind; nil for palette images, since indices have
  /// no mean, and for lossy ones.
  package func prediction(of tile: Tiling.Tile, colorType: Image.ColorType) -> TilePrediction? {
    guard colorType != .palette, filter == nil else { return nil }
    let reduced = ReducedPixels(self, under: tile, hasScale: true)
    // Grey takes green's scale.
    let colors = colorType.isGrey ? 1..<2 : 0..<3
    return TilePrediction(
      means: colors.map { means(of: colorType.isGrey ? nil : $0, from: reduced, in: tile) },
      scales: colors.map { scales(of: $0, from: reduced, in: tile) })
  }

  /// x̂ of a tile as samples: three planes, or one of a grey image.
  func samples(of tile: Tiling.Tile, colorType: Image.ColorType) -> [[UInt16]] {
    guard shift > 0 else { return shownSamples(of: tile, isGrey: colorType.isGrey) }
    let reduced = ReducedPixels(self, under: tile, hasScale: false)
    let planes = colorType.isGrey ? [nil] : [0, 1, 2]
    let largest = Int32(range.upperBound)
    return planes.map { color in
      // Sixteenths of samples of the range: neither negative nor near the ends of an Int32.
      means(of: color, from: reduced, in: tile).map {
        UInt16(truncatingIfNeeded: min(($0 &+ 8) &>> 4, largest))
      }
    }
  }

  /// The same where the latents are not reduced, filtered where the image has a filter.
  private func shownSamples(of tile: Tiling.Tile, isGrey: Bool) -> [[UInt16]] {
    let kernels = PixelKernels.best.call
    let (width, count) = (tile.columns.count, tile.pixelCount)
    let (low, span) = (Int32(range.lowerBound), Int32(range.upperBound - range.lowerBound))
    var planes = (0..<(isGrey ? 1 : 3)).map { _ in [UInt16](repeating: 0, count: count) }
    let grey = Buffer<Int16>(zeroed: width)
    ShownRows(
      model, latents, rows: tile.rows, columns: tile.columns, position: position, filter: filter
    ).show { y, row in
      if isGrey { kernels.grey(row, grey.base, width) }
      for index in planes.indices {
        let line = isGrey ? UnsafePointer(grey.base) : row[index]!
        planes[index].withUnsafeMutableBufferPointer {
          kernels.samples(line, low, span, $0.baseAddress! + y * width, width)
        }
      }
    }
    return planes
  }

  /// x̂ of one colour, or the mean of all, in sixteenths of a step of the image's samples.
  private func means(of color: Int?, from reduced: ReducedPixels, in tile: Tiling.Tile) -> [Int32] {
    let kernels = PixelKernels.best.call
    let (low, span) = (Int32(range.lowerBound), Int32(range.upperBound - range.lowerBound))
    let width = tile.columns.count
    let lines = (color.map { [$0] } ?? [0, 1, 2]).map {
      InterpolatedPlane(reduced, color: $0, tile, shift: shift, width: self.width, height: height)
    }
    let grey = Buffer<Int16>(zeroed: width)
    return [Int32](unsafeUninitializedCapacity: tile.pixelCount) { means, count in
      for y in 0..<tile.rows.count {
        var line = lines[0].row(y)
        if lines.count == 3 {
          withRows((line, lines[1].row(y), lines[2].row(y))) { kernels.grey($0, grey.base, width) }
          line = UnsafePointer(grey.base)
        }
        kernels.means(line, low, span, means.baseAddress! + y * width, width)
      }
      count = tile.pixelCount
    }
  }

  /// The scales of one colour.
  private func scales(of color: Int, from reduced: ReducedPixels, in tile: Tiling.Tile) -> [UInt8] {
    let kernels = PixelKernels.best.call
    let width = tile.columns.count
    // A scale is of 2×2 pixels; the first pixel at hand begins two of them.
    let row = { (y: Int) in
      (tile.rows.lowerBound + y - reduced.rows.lowerBound << self.shift) >> (self.shift + 1)
    }
    let phase = tile.columns.lowerBound - reduced.columns.lowerBound << shift
    return [UInt8](unsafeUninitializedCapacity: tile.pixelCount) { scales, count in
      guard let base = scales.baseAddress else { return }
      for y in 0..<tile.rows.count {
        let line = base + y * width
        if y > 0, row(y) == row(y - 1) {
          line.update(from: line - width, count: width)
        } else {
          kernels.scales(
            reduced.scaleRow(row(y)) + color, phase, Int32(shift + 1), line, width)
        }
      }
      count = tile.pixelCount
    }
  }
}

/// x̂ and scales of the pixels of the latents' image that a tile depends on.
final class ReducedPixels {
  /// Pixels at hand; both begin at an even one.
  let rows: Range<Int>
  let columns: Range<Int>
  private let planes: Buffer<Int16>
  private let scales: Buffer<Int16>

  init(_ approximation: Approximation, under tile: Tiling.Tile, hasScale: Bool) {
    let shift = approximation.shift
    func needed(_ positions: Range<Int>, _ limit: Int) -> Range<Int> {
      (positions.lowerBound >> shift..<((positions.upperBound - 1) >> shift) + 1)
        .expanded(by: shift > 0 ? 1 : 0, within: 0..<limit)
    }
    let run = SynthesisRun(
      approximation.model.decoder, approximation.latents,
      rows: needed(tile.rows, approximation.height),
      columns: needed(tile.columns, approximation.width), position: approximation.position,
      gains: approximation.model.gains(at: approximation.position), hasScale: hasScale)
    rows = 2 * run.rows.lowerBound..<2 * run.rows.upperBound
    columns = 2 * run.columns.lowerBound..<2 * run.columns.upperBound
    planes = Buffer(zeroed: 3 * rows.count * columns.count)
    let scaleStride = 3 * run.columns.count
    scales = Buffer(zeroed: hasScale ? run.rows.count * scaleStride : 0)
    let kernels = PixelKernels.best.call
    var pointers = [UnsafeMutablePointer<Int16>?](repeating: nil, count: 6)
    for half in run.rows {
      let source = run.row(half)
      for index in 0..<6 {
        pointers[index] = line(2 * half + index / 3, color: index % 3)
      }
      pointers.withUnsafeBufferPointer {
        kernels.split(source, run.pixelStep, $0.baseAddress!, run.columns.count)
      }
      guard hasScale else { continue }
      (scales.base + (half - run.rows.lowerBound) * scaleStride)
        .update(from: run.scaleRow(half), count: scaleStride)
    }
  }

  private func line(_ y: Int, color: Int) -> UnsafeMutablePointer<Int16> {
    planes.base + (color * rows.count + y - rows.lowerBound) * columns.count
  }

  /// x̂ of a row of one colour.
  func row(_ y: Int, color: Int) -> UnsafePointer<Int16> { UnsafePointer(line(y, color: color)) }

  /// Row `index` of the scales, from the first at hand on: three for every 2×2 pixels.
  func scaleRow(_ index: Int) -> UnsafePointer<Int16> {
    UnsafePointer(scales.base + index * 3 * (columns.count / 2))
  }
}

/// One colour of x̂ at a tile's pixels, interpolated where the latents' image is smaller.
final class InterpolatedPlane {
  private let reduced: ReducedPixels
  private let color: Int
  private let tile: Tiling.Tile
  private let shift: Int
  private let rowTaps: [ReducedSide.Tap]
  // Of every column.
  private var first: [Int32] = []
  private var second: [Int32] = []
  private var fraction: [Int32] = []
  /// Rows of the reduced image, interpolated along themselves: two that follow each other serve
  /// several rows.
  private let stretched: Buffer<Int32>
  private var held = [-1, -1]
  private let result: Buffer<Int16>

  /// `width`, `height`: of the reduced image.
  init(
    _ reduced: ReducedPixels, color: Int, _ tile: Tiling.Tile, shift: Int, width: Int, height: Int
  ) {
    self.reduced = reduced
    self.color = color
    self.tile = tile
    self.shift = shift
    let count = shift > 0 ? tile.columns.count : 0
    stretched = Buffer(zeroed: 2 * count)
    result = Buffer(zeroed: count)
    guard shift > 0 else {
      rowTaps = []
      return
    }
    rowTaps = ReducedSide(count: height, origin: reduced.rows.lowerBound, shift: shift)
      .taps(tile.rows)
    for tap in ReducedSide(count: width, origin: reduced.columns.lowerBound, shift: shift)
      .taps(tile.columns)
    {
      first.append(Int32(tap.first))
      second.append(Int32(tap.second))
      fraction.append(tap.fraction)
    }
  }

  /// Row `y` of the tile.
  func row(_ y: Int) -> UnsafePointer<Int16> {
    guard shift > 0 else {
      return reduced.row(tile.rows.lowerBound + y, color: color)
        + (tile.columns.lowerBound - reduced.columns.lowerBound)
    }
    let tap = rowTaps[y]
    let whole = Int32(2) << Int32(shift)
    PixelKernels.best.call.blend(
      line(tap.first), line(tap.second), whole, tap.fraction, Int32(2 * (shift + 1)), result.base,
      tile.columns.count)
    return UnsafePointer(result.base)
  }

  /// A reduced row interpolated along itself; neighbours are held at the same time.
  private func line(_ index: Int) -> UnsafePointer<Int32> {
    let width = tile.columns.count
    let target = stretched.base + index % 2 * width
    if held[index % 2] != index {
      PixelKernels.best.call.stretch(
        reduced.row(reduced.rows.lowerBound + index, color: color), first, second, fraction,
        Int32(2) << Int32(shift), target, width)
      held[index % 2] = index
    }
    return UnsafePointer(target)
  }
}
