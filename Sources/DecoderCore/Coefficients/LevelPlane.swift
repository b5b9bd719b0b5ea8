/// The levels of one plane: coefficients divided by their steps.
package struct LevelPlane: Sendable {
  package var grid: BlockGrid
  package var table: QuantisationTable
  package var method: InverseDCT.Method
  /// Block after block, 64 of each, row after row.
  package var levels: [Int16]

  package init(
    grid: BlockGrid, table: QuantisationTable, method: InverseDCT.Method = .exact
  ) {
    self.grid = grid
    self.table = table
    self.method = method
    levels = Array(repeating: 0, count: grid.blockCount * 64)
  }

  /// The plane's samples, 0 ... 255.
  package func samples() -> [UInt16] {
    var plane = [UInt16](repeating: 0, count: grid.width * grid.height)
    let rows = Buffer<InverseDCT.Row>(zeroed: 8)
    let values = UnsafeMutableRawPointer(rows.base).assumingMemoryBound(to: Int32.self)
    let steps = table.steps
    for y in 0..<grid.rows {
      for x in 0..<grid.columns {
        let block = (y &* grid.columns &+ x) &* 64
        levels.withUnsafeBufferPointer { levels in
          steps.withUnsafeBufferPointer { steps in
            InverseDCT.samples(
              levels.baseAddress! + block, steps: steps.baseAddress!, by: method,
              into: rows.base)
          }
        }
        grid.forSamples(x, y) { place, inside in
          plane[place] = UInt16(truncatingIfNeeded: values[inside])
        }
      }
    }
    return plane
  }
}
