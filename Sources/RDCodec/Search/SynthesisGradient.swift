internal import CKernels
internal import DecoderCore

/// Takes errors of pixels back through the linear synthesis.
struct SynthesisGradient: Sendable {
  /// From blocks of 8×8 pixels, moved by half a block, to the latents that reach them.
  private let layer: SearchLayer
  /// The largest error that cannot overflow a sum.
  private let limit: Int
  /// Fraction bits that gradients have more than errors.
  private static let fractionBits = 3
  private static let channels = 3

  /// `synthesis`: 2×2 taps from coefficients to blocks of 8×8 pixels.
  init(_ synthesis: Convolution) {
    let taps = (0...1).flatMap { row in (0...1).map { Tap(row: row, column: $0) } }
    var largest = 1
    for input in 0..<synthesis.inputs {
      var sum = 0
      for tap in taps {
        for output in 0..<synthesis.outputs {
          sum += abs(
            Int(synthesis.weight(output: output, row: tap.row, column: tap.column, input: input)))
        }
      }
      largest = max(largest, sum)
    }
    limit = min(Int(Int16.max), Int(Int32.max / 2) / largest)
    layer = SearchLayer(
      outputs: synthesis.inputs, taps: taps.map { _ in synthesis.outputs },
      shift: max(synthesis.shift - SynthesisGradient.fractionBits, 1),
      bias: [Int32](repeating: 0, count: synthesis.inputs)
    ) { output, tap, input in
      synthesis.weight(
        output: input, row: 1 - taps[tap].row, column: 1 - taps[tap].column, input: output)
    }
  }

  /// Moves the latents `rows` × `columns` by the gradient of half the squared error of pixels, in
  /// sixteenths, times `factors`, one for each channel.
  ///
  /// - Parameters:
  ///   - yRow: the row of `y` that `rows` begin at; columns are all that it has.
  ///   - mean: x̂ at least four pixels beyond the latents' own, where the image has them.
  ///   - meanOrigin: the image's row and column where it begins.
  func move(
    _ y: inout Tensor, from yRow: Int, errorsOf mean: Tensor, in input: ModelInput,
    rows: Range<Int>, columns: Range<Int>, meanOrigin: (row: Int, column: Int), factors: [Float]
  ) {
    let side = 8
    let run = side * SynthesisGradient.channels
    let (first, start) = (rows.lowerBound * side - side / 2, columns.lowerBound * side - side / 2)
    let blocks = SearchPlane(
      height: 1, width: 1, channels: (rows.count + 1) * (columns.count + 1) * layer.inputs / 4)
    let blockSize = layer.inputs / 4
    let seen = (
      rows: (first..<first + side * (rows.count + 1)).clamped(to: 0..<input.height),
      columns: (start..<start + side * (columns.count + 1)).clamped(to: 0..<input.width)
    )
    // A row of errors as blocks lie: zeros where the image has no pixels.
    let line = SearchPlane(height: 1, width: columns.count + 1, channels: run)
    let offset = (seen.columns.lowerBound - start) * SynthesisGradient.channels
    mean.values.withUnsafeBufferPointer { mean2 in
      for row in seen.rows {
        if Task.isCancelled { return }
        let pixels = input.pixels(rows: row..<row + 1, columns: seen.columns)
        let source =
          (row - meanOrigin.row) * mean.rowStride
          + (seen.columns.lowerBound - meanOrigin.column) * SynthesisGradient.channels
        SearchKernels.best.errors(
          pixels.values, mean2.baseAddress! + source, Int32(limit), line.row(0) + offset,
          pixels.values.count)
        let (block, inside) = (row - first).quotientAndRemainder(dividingBy: side)
        for column in 0...columns.count {
          let target = (block * (columns.count + 1) + column) * blockSize + inside * run
          (blocks.row(0) + target).update(from: line.row(0) + column * run, count: run)
        }
      }
    }
    let gradient = SearchPlane(height: 1, width: columns.count, channels: layer.outputs)
    let unit = 1 / Float(1 << SynthesisGradient.fractionBits)
    let scaled = factors.map { $0 * unit }
    let rowStride = y.rowStride
    y.values.withUnsafeMutableBufferPointer { y in
      for row in 0..<rows.count {
        let blockRow = (columns.count + 1) * blockSize
        let inputs = [row, row + 1].map { (row: Int) -> KernelInputs in
          let x = UnsafePointer(blocks.row(0) + row * blockRow)
          return KernelInputs(x: x, step: blockSize, pairs: blockSize)
        }
        layer(inputs, CK_LINEAR, to: gradient.row(0), count: columns.count)
        SearchKernels.best.move(
          y.baseAddress! + (yRow + row) * rowStride, gradient.row(0), scaled, layer.outputs,
          columns.count)
      }
    }
  }
}
