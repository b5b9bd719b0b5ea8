internal import DecoderCore

/// Moves chroma levels to where some luma gives every pixel its colour: the encoder's alone.
///
/// A clamped pixel does not determine its chroma, but how far its channels ask for different lumas
/// is a convex function of it. Block by block, in both planes at once, the squares of that are
/// brought down together with the misses of pixels that are certain.
struct ClampedChroma: ~Copyable {
  let known: JFIFPlanes
  let colors: [[UInt16]]
  let columns: ChromaSampling.Axis
  let rows: ChromaSampling.Axis
  var planes: [LevelPlane]
  /// Chroma of every pixel before any rounding, less 128.
  var chroma: [[Float]] = []
  /// The cells as decoders have them, or the image's chroma.
  var cells: [[UInt16]]
  /// Where planes of chroma have the image's size.
  let scaled: ScaledChroma?
  let transform = FloatDCT()
  let integers = Buffer<Int32>(zeroed: 256)
  var misses = BlockMisses()

  /// By how much chroma may miss where it is certain: what the rounding of cells leaves.
  let room: Float
  /// Pixels that descents may still look at.
  var workLeft: Int
  static let rounds = 70
  /// Rounds that may pass without a gain; 20 and more took longer and gave no smaller files.
  static let patience = 12
  static let candidateCount = 8
  static let rest = 3
  private static let passes = 5

  init(
    _ known: JFIFPlanes, _ colors: [[UInt16]], _ planes: [LevelPlane], _ work: RecoveryWork
  ) {
    self.known = known
    self.colors = colors
    self.planes = planes
    let whole = ChromaSampling.Axis.init
    let sampling = known.sampling
    columns =
      sampling?.columns(width: known.width)
      ?? whole(known.width, false, 0, .replicated)
    rows =
      sampling?.rows(height: known.height)
      ?? whole(known.height, false, 0, .replicated)
    room = sampling == nil ? 0.5 : 0.6
    workLeft = work.descentPixels(known.width * known.height)
    let scaled = known.scaled(planes[0].grid)
    self.scaled = scaled
    cells = planes.map { scaled?.samples(of: $0) ?? $0.samples() }
    chroma = planes.map { upsampled($0) }
  }

  /// Changes the levels of blocks that have a part in pixels whose colours no luma gives.
  mutating func refine() {
    let grid = planes[0].grid
    var open = grid.blockCount > 0 ? openBlocks() : []
    // Blocks around which nothing has changed would stay as they are.
    var isDue = [Bool](repeating: true, count: grid.blockCount)
    for _ in 0..<Self.passes {
      var changed = false
      for block in open where isDue[block] {
        isDue[block] = false
        guard descend(block) else { continue }
        changed = true
        let (y, x) = (block / grid.columns, block % grid.columns)
        for row in max(y - 1, 0)...min(y + 1, grid.rows - 1) {
          for column in max(x - 1, 0)...min(x + 1, grid.columns - 1) {
            isDue[row * grid.columns + column] = true
          }
        }
      }
      if !changed { break }
      open = openBlocks()
    }
  }

  /// The planes of all pixels, without rounding.
  private func upsampled(_ plane: LevelPlane) -> [Float] {
    let grid = plane.grid
    if let scaled { return ScaledBlocks(scaled).values(of: plane) }
    var cells = [Float](repeating: 0, count: grid.width * grid.height)
    let block = Buffer<FloatDCT.Row>(zeroed: 8)
    let values = UnsafeMutableRawPointer(block.base).assumingMemoryBound(to: Float.self)
    let bias = BoundedPlane.bias(plane.method)
    let steps = (0..<64).map { plane.table.step($0, by: plane.method) }
    for y in 0..<grid.rows {
      for x in 0..<grid.columns {
        let first = (y * grid.columns + x) * 64
        for k in 0..<64 { values[k] = Float(plane.levels[first + k]) * steps[k] }
        transform.inverse(block.base)
        grid.forSamples(x, y) { place, inside in cells[place] = values[inside] - bias }
      }
    }
    var result = [Float](repeating: 0, count: known.width * known.height)
    for y in 0..<known.height {
      let row = rows.taps[y]
      let (near, far) = (row.near * grid.width, row.far * grid.width)
      let (a, b) = (Float(row.nearWeight) / 16, Float(row.farWeight) / 16)
      for x in 0..<known.width {
        let tap = columns.taps[x]
        let first = cells[near + tap.near] * a + cells[far + tap.near] * b
        let second = cells[near + tap.far] * a + cells[far + tap.far] * b
        result[y * known.width + x] = first * Float(tap.nearWeight) + second * Float(tap.farWeight)
      }
    }
    return result
  }

  /// Sets pixel (row, column) of ``misses`` to what a pixel's colour asks of its chroma.
  func loadTarget(_ row: Int, _ column: Int, of place: Int) {
    if known.isSure[place] {
      let chroma = SIMD2(
        Float(known.chroma[0][place] - 128), Float(known.chroma[1][place] - 128))
      return misses.setSure(row, column, chroma)
    }
    misses.setOpen(
      row, column, SIMD3(colors[0][place], colors[1][place], colors[2][place]))
  }

  /// Blocks with a part in pixels that miss clearly, in ascending order.
  private func openBlocks() -> [Int] {
    let grid = planes[0].grid
    var isOpen = [Bool](repeating: false, count: grid.blockCount)
    for y in 0..<known.height {
      let row = rows.taps[y]
      for x in 0..<known.width {
        let place = y * known.width + x
        guard !known.isSure[place] else { continue }
        let color = SIMD3(colors[0][place], colors[1][place], colors[2][place])
        guard BlockMisses.isMissed(color, chroma[0][place], chroma[1][place]) else { continue }
        let tap = columns.taps[x]
        for cellRow in [row.near, row.far] {
          for cell in [tap.near, tap.far] {
            let blockRow = (cellRow + grid.rowPhase) >> 3
            isOpen[blockRow * grid.columns + (cell + grid.columnPhase) >> 3] = true
          }
        }
      }
    }
    return isOpen.indices.filter { isOpen[$0] }
  }
}
