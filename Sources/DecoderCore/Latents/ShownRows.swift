internal import CKernels

/// Rows of x̂ as a decoder shows them, filtered where the image has a filter.
struct ShownRows {
  private let run: SynthesisRun
  private let filter: WienerFilter?
  private let rows: Range<Int>
  private let columns: Range<Int>

  /// The pixels `rows` × `columns`.
  init(
    _ model: LatentModel, _ latents: LatentMap, rows: Range<Int>, columns: Range<Int>,
    position: QualityPosition, filter: WienerFilter?
  ) {
    self.filter = filter
    self.rows = rows
    self.columns = columns
    let seen =
      filter == nil
      ? (rows, columns)
      : WienerFilter.area(
        rows: rows, columns: columns, height: 8 * latents.height, width: 8 * latents.tensor.width)
    run = SynthesisRun(
      model.decoder, latents, rows: seen.0, columns: seen.1, position: position,
      gains: model.gains(at: position), hasScale: false)
  }

  /// `body` gets every row, counted from the first, as three planes.
  func show(_ body: (Int, UnsafePointer<UnsafePointer<Int16>?>) -> Void) {
    let kernels = PixelKernels.best.call
    let made = 2 * run.rows.lowerBound..<2 * run.rows.upperBound
    let width = 2 * run.columns.count
    let start = columns.lowerBound - 2 * run.columns.lowerBound
    let lines = filter.map { WienerRows($0, rows: made, width: width) }
    let plain = PlaneRing<Int16>(width: width, rows: 2)
    func planes(_ y: Int) -> UnsafePointer<UnsafeMutablePointer<Int16>?> {
      lines?.planes(y) ?? plain[y]
    }
    func give(_ y: Int) {
      let line = planes(y)
      withRows(
        (
          UnsafePointer(line[0]! + start), UnsafePointer(line[1]! + start),
          UnsafePointer(line[2]! + start)
        )
      ) { body(y - rows.lowerBound, $0) }
    }
    var next = rows.lowerBound
    for half in run.rows {
      let source = run.row(half)
      var pair:
        (
          UnsafeMutablePointer<Int16>?, UnsafeMutablePointer<Int16>?, UnsafeMutablePointer<Int16>?,
          UnsafeMutablePointer<Int16>?, UnsafeMutablePointer<Int16>?, UnsafeMutablePointer<Int16>?
        ) = (
          planes(2 * half)[0], planes(2 * half)[1], planes(2 * half)[2], planes(2 * half + 1)[0],
          planes(2 * half + 1)[1], planes(2 * half + 1)[2]
        )
      withUnsafeBytes(of: &pair) {
        kernels.split(
          source, run.pixelStep,
          $0.baseAddress!.assumingMemoryBound(to: UnsafeMutablePointer<Int16>?.self),
          run.columns.count)
      }
      guard let lines else {
        for y in [2 * half, 2 * half + 1] where rows.contains(y) { give(y) }
        continue
      }
      lines.add(2 * half)
      lines.add(2 * half + 1)
      // Rows whose neighbours below are there.
      while next < rows.upperBound,
        next + WienerFilter.margin <= 2 * half + 1 || half + 1 == run.rows.upperBound
      {
        lines.filter(next)
        give(next)
        next += 1
      }
    }
  }
}
