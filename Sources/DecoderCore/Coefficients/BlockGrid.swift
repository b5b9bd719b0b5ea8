/// How 8 × 8 blocks cover a plane that may begin inside of them.
@frozen
@usableFromInline
package struct BlockGrid: Equatable, Sendable {
  package static let side = 8

  /// The plane's size.
  @usableFromInline package var width: Int
  @usableFromInline package var height: Int
  /// 0 ... 7: how many columns and rows of the first block lie before the plane.
  @usableFromInline package var columnPhase: Int
  @usableFromInline package var rowPhase: Int

  package init(
    width: Int, height: Int, columnPhase: Int, rowPhase: Int
  ) {
    self.width = width
    self.height = height
    self.columnPhase = columnPhase
    self.rowPhase = rowPhase
  }

  /// Blocks in a row, and rows of them.
  package var columns: Int { (width + columnPhase + 7) >> 3 }
  package var rows: Int { (height + rowPhase + 7) >> 3 }
  package var blockCount: Int { columns * rows }

  /// The part of block (x, y) that lies in the plane, in the plane's columns and rows.
  @inlinable @inline(__always)
  package func columnRange(_ x: Int) -> Range<Int> {
    let first = 8 &* x &- columnPhase
    return max(first, 0)..<min(first &+ 8, width)
  }

  @inlinable @inline(__always)
  package func rowRange(_ y: Int) -> Range<Int> {
    let first = 8 &* y &- rowPhase
    return max(first, 0)..<min(first &+ 8, height)
  }

  /// Calls `body` for every sample of block (x, y) that lies in the plane, row after row: with its
  /// place in the plane and in the block.
  @inlinable @inline(__always)
  package func forSamples(_ x: Int, _ y: Int, _ body: (_ place: Int, _ inside: Int) -> Void) {
    let columns = columnRange(x)
    for row in rowRange(y) {
      let start = 8 &* (row &+ rowPhase &- 8 &* y) &+ columnPhase &- 8 &* x
      for column in columns { body(row &* width &+ column, start &+ column) }
    }
  }
}
