internal import CKernels

/// The synthesis of some pixels, from the top, row by row of 2×2 pixels.
///
/// Every layer makes what those after it look at and no more: each block of the synthesis looks one
/// latent further, the post-filter's layers one position of 2×2 pixels each.
final class SynthesisRun {
  /// What is asked for, in 2×2 pixels.
  let rows: Range<Int>
  let columns: Range<Int>

  private let decoder: LatentDecoder
  private let latents: LatentMap
  private let steps: Buffer<Int32>
  private let bias: [Int16]
  private let kernels = ModelKernels.best.call

  /// The input of every block, then the features that the last one gives.
  private let features: [RowRing]
  private let coefficients: RowRing
  private let sides: RowRing
  /// 2×2 pixels (row, column, colour) and side channels.
  private let pixels: RowRing
  /// The input of every block of the post-filter, then what the last one gives.
  private let post: [RowRing]
  private let hidden: RowRing
  /// Scales of one row.
  private let scales: Buffer<Int16>

  /// One row of 8×8 pixels: block b covers the columns from 4 b − 2 on, of 2×2 pixels.
  private let blocks: Buffer<Int16>
  private let blockColumns: Range<Int>
  private var nextBlockRow: Int
  /// One row inside a block of layers.
  private let filtered: Buffer<Int16>
  private let expanded: Buffer<Int16>

  /// The pixels `rows` × `columns` and those that share 2×2 pixels with them.
  init(
    _ decoder: LatentDecoder, _ latents: LatentMap, rows: Range<Int>, columns: Range<Int>,
    position: QualityPosition, gains: Gains, hasScale: Bool
  ) {
    self.decoder = decoder
    self.latents = latents
    self.rows = rows.lowerBound / 2..<(rows.upperBound + 1) / 2
    self.columns = columns.lowerBound / 2..<(columns.upperBound + 1) / 2
    steps = Buffer(zeroed: gains.steps.count)
    for (c, step) in gains.steps.enumerated() { steps[c] = Int32(step) }
    bias = decoder.bias(at: position)
    let (height, width) = (latents.height, latents.tensor.width)
    let postCount = decoder.postBlocks.count

    // From the last layers to the first.
    func ring(
      _ area: Area, _ channels: Int, margin: Int, height: Int, count: Int
    ) -> RowRing {
      RowRing(
        columns: area.columns, channels: channels, margin: margin, first: area.rows.lowerBound,
        height: height, count: count)
    }
    let whole = Area(rows: 0..<4 * height, columns: 0..<4 * width)
    let shown = Area(rows: self.rows, columns: self.columns)
    let postWidth = decoder.postInput.outputs
    var area = shown.expanded(by: 1, within: whole)
    hidden = ring(area, postWidth, margin: 1, height: 4 * height, count: 3)
    var post: [RowRing] = []
    for index in (0...postCount).reversed() {
      if index < postCount { area = area.expanded(by: 1, within: whole) }
      post.insert(ring(area, postWidth, margin: 1, height: 4 * height, count: 3), at: 0)
    }
    self.post = post
    area = area.expanded(by: 1, within: whole)
    // Those shown are taken after the post-filter has looked at those below, four rows at a time.
    pixels = ring(
      area, 12 + decoder.sideChannels, margin: 1, height: 4 * height, count: postCount + 6)

    let blockArea = Area(
      rows: (area.rows.lowerBound + 2) / 4..<(area.rows.upperBound + 1) / 4 + 1,
      columns: (area.columns.lowerBound + 2) / 4..<(area.columns.upperBound + 1) / 4 + 1)
    blockColumns = blockArea.columns
    nextBlockRow = blockArea.rows.lowerBound
    let all = Area(rows: 0..<height, columns: 0..<width)
    area = Area(
      rows: blockArea.rows.lowerBound - 1..<blockArea.rows.upperBound,
      columns: blockArea.columns.lowerBound - 1..<blockArea.columns.upperBound
    ).expanded(by: 0, within: all)
    coefficients = ring(area, decoder.input.inputs, margin: 1, height: height, count: 2)
    sides = ring(area, decoder.side.outputs, margin: 0, height: height, count: 2)
    let channels = decoder.input.outputs
    var features = [ring(area, channels, margin: 1, height: height, count: 3)]
    for _ in decoder.blocks {
      area = area.expanded(by: 1, within: all)
      features.insert(ring(area, channels, margin: 1, height: height, count: 3), at: 0)
    }
    self.features = features

    blocks = Buffer(zeroed: blockColumns.count * decoder.synthesis.outputs)
    let places = max(
      features[0].columns.count * channels, pixels.columns.count * postWidth,
      features[0].columns.count * decoder.output.outputs)
    filtered = Buffer(zeroed: places)
    expanded = Buffer(
      zeroed: max(
        features[0].columns.count * (decoder.blocks.map { $0.expand.outputs }.max() ?? 0),
        pixels.columns.count * (decoder.postBlocks.map { $0.expand.outputs }.max() ?? 0)))
    scales = Buffer(zeroed: hasScale ? 3 * self.columns.count : 0)
  }

  /// Makes row `y` of ``rows``, each in turn: twelve values for every 2×2 pixels, ``pixelStep``
  /// apart, valid until the next row is made.
  func row(_ y: Int) -> UnsafePointer<Int16> {
    makeHidden(through: y + 1)
    let count = columns.count
    let target = pixels.row(y) + (columns.lowerBound - pixels.columns.lowerBound) * pixelStep
    withRows(hidden.around(y, columns.lowerBound)) {
      decoder.postOutput.packed(
        $0, step: hidden.channels, to: target, yStep: pixelStep, count: count, .adds)
    }
    return UnsafePointer(target)
  }

  /// Values from one 2×2 pixels to the next.
  var pixelStep: Int { pixels.channels }

  /// The scales of the row that ``row(_:)`` made last: three for every 2×2 pixels.
  func scaleRow(_ y: Int) -> UnsafePointer<Int16> {
    let count = columns.count
    withRows(hidden.around(y, columns.lowerBound)) {
      decoder.scaleOutput.packed($0, step: hidden.channels, to: scales.base, yStep: 3, count: count)
    }
    for i in 0..<3 * count { scales[i] = min(max(scales[i] >> 6, 0), 63) }
    return UnsafePointer(scales.base)
  }

  /// The pixels `rows` × `columns`, which were asked for; `each` follows every row of 2×2 pixels.
  func mean(rows: Range<Int>, columns: Range<Int>, _ each: (Int) -> Void) -> Tensor {
    Tensor(height: rows.count, width: columns.count, channels: 3) { pixels in
      for y in self.rows {
        let source = row(y)
        for (index, line) in [2 * y, 2 * y + 1].enumerated() where rows.contains(line) {
          var target = pixels.baseAddress! + (line - rows.lowerBound) * columns.count * 3
          for x in columns {
            let place = (x / 2 &- self.columns.lowerBound) &* pixelStep
            let pixel = source + (place &+ 6 &* index &+ 3 &* (x & 1))
            for c in 0..<3 { target[c] = pixel[c] }
            target += 3
          }
        }
        each(y)
      }
    }
  }

  // MARK: Post-filter

  private func makeHidden(through y: Int) {
    let last = post[post.count - 1]
    while hidden.next <= y, hidden.next < 4 * latents.height {
      let row = hidden.next
      makePost(post.count - 1, through: row)
      let count = hidden.columns.count * hidden.channels
      kernels.leaky(last.row(row, from: hidden.columns.lowerBound), hidden.row(row), count)
      hidden.next += 1
    }
  }

  private func makePost(_ index: Int, through y: Int) {
    let made = post[index]
    while made.next <= y, made.next < 4 * latents.height {
      let row = made.next
      if index > 0 {
        makePost(index - 1, through: row + 1)
        run(decoder.postBlocks[index - 1], post[index - 1], to: made, row: row)
      } else {
        makePixels(through: row + 1)
        withRows(pixels.around(row, made.columns.lowerBound)) {
          decoder.postInput.packed(
            $0, step: pixels.channels, to: made.row(row), yStep: made.channels,
            count: made.columns.count, .leaky)
        }
      }
      made.next += 1
    }
  }

  private func makePixels(through y: Int) {
    while pixels.next <= y, pixels.next < 4 * latents.height {
      makeBlocks()
      // The rows of 2×2 pixels that these blocks cover.
      let end = min(4 * nextBlockRow - 2, 4 * latents.height)
      let blockStep = decoder.synthesis.outputs
      while pixels.next < end {
        let row = pixels.next
        let side = decoder.sideChannels
        kernels.post_features(
          blocks.base + (row + 2) % 4 * 48, blockStep, blockColumns.lowerBound,
          sides.row(row / 4) + row % 4 * 4 * side, sides.channels, sides.columns.lowerBound, side,
          pixels.columns.lowerBound, pixels.columns.count, pixels.row(row))
        pixels.next += 1
      }
    }
  }

  // MARK: Synthesis

  /// Makes the next row of blocks, whose upper half lies over the latents above it.
  private func makeBlocks() {
    let row = nextBlockRow
    makeCoefficients(through: row)
    var rows: (UnsafePointer<Int16>?, UnsafePointer<Int16>?) = (
      coefficients.row(row - 1, from: blockColumns.lowerBound - 1),
      coefficients.row(row, from: blockColumns.lowerBound - 1)
    )
    withUnsafeBytes(of: &rows) {
      decoder.pixelBlocks(
        $0.baseAddress!.assumingMemoryBound(to: UnsafePointer<Int16>?.self),
        step: coefficients.channels, to: blocks.base, yStep: decoder.synthesis.outputs,
        count: blockColumns.count)
    }
    nextBlockRow += 1
  }

  /// Coefficients and side channels.
  private func makeCoefficients(through y: Int) {
    while coefficients.next <= y, coefficients.next < latents.height {
      let row = coefficients.next
      makeFeatures(features.count - 1, through: row)
      let last = features[features.count - 1]
      let (count, channels) = (coefficients.columns.count, coefficients.channels)
      let from = UnsafePointer(last.row(row))
      decoder.output.packed(
        from, step: last.channels, to: filtered.base, yStep: channels, count: count)
      latents.withRow(row, from: coefficients.columns.lowerBound) {
        kernels.coefficients(
          $0, filtered.base, steps.base, coefficients.row(row), channels, count)
      }
      decoder.side.packed(
        from, step: last.channels, to: sides.row(row), yStep: sides.channels, count: count)
      coefficients.next += 1
    }
  }

  private func makeFeatures(_ index: Int, through y: Int) {
    let made = features[index]
    while made.next <= y, made.next < latents.height {
      let row = made.next
      if index > 0 {
        makeFeatures(index - 1, through: row + 1)
        run(decoder.blocks[index - 1], features[index - 1], to: made, row: row)
      } else {
        let (count, channels) = (made.columns.count, made.channels)
        latents.withRow(row, from: made.columns.lowerBound) {
          decoder.input.packed(
            $0, step: decoder.input.inputs, to: made.row(row), yStep: channels, count: count)
        }
        kernels.add_vector(made.row(row), bias, channels, count, 1)
      }
      made.next += 1
    }
  }

  /// One row of a block of layers.
  private func run(_ block: Block, _ x: RowRing, to y: RowRing, row: Int) {
    let (first, count, channels) = (y.columns.lowerBound, y.columns.count, y.channels)
    block.depthwise(x.around(row, first), to: filtered.base, count: count)
    block.expand.packed(
      filtered.base, step: channels, to: expanded.base, yStep: block.expand.outputs, count: count,
      .leaky)
    y.row(row).update(from: x.row(row, from: first), count: count * channels)
    block.project.packed(
      expanded.base, step: block.expand.outputs, to: y.row(row), yStep: channels, count: count,
      .adds)
  }
}

/// Positions of an image.
private struct Area {
  var rows: Range<Int>
  var columns: Range<Int>

  func expanded(by margin: Int, within limits: Area) -> Area {
    Area(
      rows: rows.expanded(by: margin, within: limits.rows),
      columns: columns.expanded(by: margin, within: limits.columns))
  }
}
