/// The inputs of a ``WienerFilter`` in some rows and columns of x̂.
package struct WienerInputs {
  /// The inputs of one row of pixels, each `width` values.
  package struct Row {
    package var values: [Int32]

    package init(width: Int) {
      values = [Int32](repeating: 0, count: WienerFilter.inputs * width)
      for x in 0..<width { values[3 * width + x] = WienerInputs.constant }
    }
  }

  package static let constant: Int32 = 2048
  /// Where detail is clamped: 3 steps of 8 bits, in units of the components.
  private static let clamps: [Int32] = [83, 68, 118]

  private let part: LatentDecoder.Surrounded
  /// For luma and two chroma: x̂, the same smoothed, and smoothed further.
  private let planes: [[Int32]]
  private let fine: [[Int32]]
  private let coarse: [[Int32]]

  package init(_ part: LatentDecoder.Surrounded) {
    self.part = part
    let width = part.mean.width
    planes = WienerInputs.components(part.mean)
    fine = planes.map { WienerInputs.smoothed($0, width: width, distance: 1) }
    coarse = fine.map { WienerInputs.smoothed($0, width: width, distance: 2) }
  }

  /// Of every pixel: R + G + B, R − B, 2 G − R − B.
  private static func components(_ x: Tensor) -> [[Int32]] {
    let count = x.height * x.width
    var planes = [[Int32]](repeating: [Int32](repeating: 0, count: count), count: 3)
    for i in 0..<count {
      let (red, green, blue) = (
        Int32(x.values[3 &* i]), Int32(x.values[3 &* i &+ 1]), Int32(x.values[3 &* i &+ 2])
      )
      planes[0][i] = red &+ green &+ blue
      planes[1][i] = red &- blue
      planes[2][i] = 2 &* green &- red &- blue
    }
    return planes
  }

  /// 16 times the plane filtered by (1, 2, 1) / 4 both ways with taps `distance` apart, edges
  /// repeated.
  private static func smoothed(_ plane: [Int32], width: Int, distance: Int) -> [Int32] {
    let height = plane.count / width
    var vertical = plane
    var result = plane
    plane.withUnsafeBufferPointer { plane in
      vertical.withUnsafeMutableBufferPointer { vertical in
        for y in 0..<height {
          let (row, above, below) = (
            y * width, max(y - distance, 0) * width, min(y + distance, height - 1) * width
          )
          for x in 0..<width {
            vertical[row &+ x] = plane[above &+ x] &+ 2 &* plane[row &+ x] &+ plane[below &+ x]
          }
        }
        result.withUnsafeMutableBufferPointer { result in
          for y in 0..<height {
            let row = y * width
            let edge = min(distance, width)
            for x in [0..<edge, max(width - edge, edge)..<width].joined() {
              result[row + x] =
                vertical[row + max(x - distance, 0)] &+ 2 &* vertical[row + x]
                &+ vertical[row + min(x + distance, width - 1)]
            }
            guard width > 2 * distance else { continue }
            for x in row &+ distance..<row &+ width &- distance {
              result[x] =
                vertical[x &- distance] &+ 2 &* vertical[x] &+ vertical[x &+ distance]
            }
          }
        }
      }
    }
    return result
  }

  /// Writes the inputs of row `y` of the pixels of interest; the constant stays.
  package func fill(_ row: inout Row, y: Int) {
    let width = part.columns.count
    let start = (part.rows.lowerBound + y) * part.mean.width + part.columns.lowerBound
    row.values.withUnsafeMutableBufferPointer { values in
      for component in 0..<3 {
        let clamp = WienerInputs.clamps[component]
        planes[component].withUnsafeBufferPointer { plane in
          fine[component].withUnsafeBufferPointer { fine in
            coarse[component].withUnsafeBufferPointer { coarse in
              for x in 0..<width {
                let value = plane[start &+ x]
                let small = (16 &* value &- fine[start &+ x] &+ 8) &>> 4
                let large = (256 &* value &- coarse[start &+ x] &+ 128) &>> 8
                values[component &* width &+ x] = value
                values[(4 &+ component) &* width &+ x] = small
                values[(7 &+ component) &* width &+ x] = large
                values[(10 &+ component) &* width &+ x] = min(max(small, -clamp), clamp)
                values[(13 &+ component) &* width &+ x] = min(max(large, -clamp), clamp)
              }
            }
          }
        }
      }
    }
  }

  /// Writes x̂ plus `sums`, what is added in thirds of luma, halves and sixths of chroma, to row
  /// `y`.
  package func add(_ sums: [Int32], to result: inout Tensor, y: Int) {
    let x = part.mean
    let width = part.columns.count
    let source = (part.rows.lowerBound + y) * x.rowStride + 3 * part.columns.lowerBound
    let target = y * result.rowStride
    let half: Int32 = 1 << (WienerFilter.fractionBits - 1)
    for column in 0..<width {
      let (luma, red, green) = (
        sums[column] &+ half, sums[width &+ column], sums[2 &* width &+ column]
      )
      let more = (luma &+ red &- green, luma &+ 2 &* green, luma &- red &- green)
      let (from, to) = (source &+ 3 &* column, target &+ 3 &* column)
      let shift = Int32(WienerFilter.fractionBits)
      result.values[to] = Int16(clamping: Int32(x.values[from]) &+ more.0 &>> shift)
      result.values[to &+ 1] = Int16(clamping: Int32(x.values[from &+ 1]) &+ more.1 &>> shift)
      result.values[to &+ 2] = Int16(clamping: Int32(x.values[from &+ 2]) &+ more.2 &>> shift)
    }
  }
}
