/// How blocks of chroma become pixels where a decoder's inverse DCT gives 16 samples along an axis: as
/// libjpeg's does from version 7 on (docs/FORMAT.md §13.5).
package struct ScaledChroma: Sendable {
  package let width: Int
  package let height: Int
  /// Of the blocks, as if they were cells of half the size.
  package let grid: BlockGrid
  package let doublesColumns: Bool
  package let doublesRows: Bool
  /// How many columns and rows of the first block lie before the image.
  package let columnPhase: Int
  package let rowPhase: Int

  package init(_ sampling: ChromaSampling, _ grid: BlockGrid, width: Int, height: Int) {
    self.width = width
    self.height = height
    self.grid = grid
    doublesColumns = sampling.halvesColumns
    doublesRows = sampling.halvesRows
    columnPhase = grid.columnPhase << (doublesColumns ? 1 : 0) + sampling.columnPhase
    rowPhase = grid.rowPhase << (doublesRows ? 1 : 0) + sampling.rowPhase
  }

  /// The size of a block.
  package var blockWidth: Int { doublesColumns ? 16 : 8 }
  package var blockHeight: Int { doublesRows ? 16 : 8 }

  /// The columns and rows of the image that block (x, y) covers.
  package func columns(_ x: Int) -> Range<Int> {
    let first = blockWidth * x - columnPhase
    return max(first, 0)..<min(first + blockWidth, width)
  }

  package func rows(_ y: Int) -> Range<Int> {
    let first = blockHeight * y - rowPhase
    return max(first, 0)..<min(first + blockHeight, height)
  }

  /// Calls `body` for every pixel of block (x, y), row after row: with its place in the image and in
  /// the block.
  @inline(__always)
  package func forPixels(_ x: Int, _ y: Int, _ body: (_ place: Int, _ inside: Int) -> Void) {
    let columns = columns(x)
    let (left, top) = (blockWidth * x - columnPhase, blockHeight * y - rowPhase)
    for row in rows(y) {
      for column in columns {
        body(row &* width &+ column, (row &- top) &* blockWidth &+ column &- left)
      }
    }
  }

  /// The samples of a block, row after row.
  package func samples(
    _ levels: UnsafePointer<Int16>, steps: UnsafePointer<Int32>,
    into values: borrowing Buffer<Int32>
  ) {
    values.base.withMemoryRebound(to: InverseDCT.Row.self, capacity: 32) { rows in
      InverseDCT.scaledSamples(
        levels, steps: steps, doublesColumns: doublesColumns, doublesRows: doublesRows, into: rows)
    }
  }

  /// The plane of the image's size.
  package func samples(of plane: LevelPlane) -> [UInt16] {
    var result = [UInt16](repeating: 0, count: width * height)
    let values = Buffer<Int32>(zeroed: 256)
    for y in 0..<grid.rows {
      for x in 0..<grid.columns {
        let block = (y * grid.columns + x) * 64
        plane.levels.withUnsafeBufferPointer { levels in
          plane.table.steps.withUnsafeBufferPointer { steps in
            samples(levels.baseAddress! + block, steps: steps.baseAddress!, into: values)
          }
        }
        forPixels(x, y) { place, inside in
          result[place] = UInt16(truncatingIfNeeded: values[inside])
        }
      }
    }
    return result
  }
}
