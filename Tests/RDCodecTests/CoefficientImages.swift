import TestSupport
import Testing

@testable import DecoderCore
@testable import RDCodec

/// Images as JPEG decoders make them, from coefficients of their own.
enum CoefficientImages {
  struct Kind: Sendable, CustomTestStringConvertible {
    var name: String
    /// An example table's code for luma; chroma has the same quality.
    var quality = 80
    var sampling: ChromaSampling?
    var isGrey = false
    /// Columns and rows that were cut off at the upper left.
    var left = 0
    var top = 0
    /// How much luma is spread, so that samples are clamped.
    var contrast = 1
    /// A plane of chroma, 0 or 1, that is 128 everywhere.
    var flatPlane: Int?
    /// How blocks become samples.
    var method = InverseDCT.Method.exact
    /// Whether the inverse DCT enlarges chroma; the sampling is replicated then.
    var scalesChroma = false
    /// Divides the steps' places, so that no example has the table.
    var hasOwnTables = false

    var testDescription: String { name }

    static let half = ChromaSampling(
      filter: .triangle, halvesColumns: true, halvesRows: true, columnPhase: 0, rowPhase: 0)
    static let across = ChromaSampling(
      filter: .triangle, halvesColumns: true, halvesRows: false, columnPhase: 0, rowPhase: 0)
    static let replicatedAcross = ChromaSampling(
      filter: .replicated, halvesColumns: true, halvesRows: false, columnPhase: 0, rowPhase: 0)
    static let replicatedDown = ChromaSampling(
      filter: .replicated, halvesColumns: false, halvesRows: true, columnPhase: 0, rowPhase: 0)
    static let replicated = ChromaSampling(
      filter: .replicated, halvesColumns: true, halvesRows: true, columnPhase: 0, rowPhase: 0)
  }

  static func image(_ kind: Kind, width: Int, height: Int, seed: UInt64 = 3) -> Image {
    let (fullWidth, fullHeight) = (width + kind.left, height + kind.top)
    let luma = SyntheticImages.photograph(width: fullWidth, height: fullHeight, seed: seed)
      .planes[1].map { (Int($0) - 128) * kind.contrast + 128 }
    var samples = [
      decoded(luma, fullWidth, fullHeight, table(kind, isChroma: false), kind.method).samples()
    ]
    if !kind.isGrey {
      let columns = kind.sampling?.columns(width: fullWidth).cellCount ?? fullWidth
      let rows = kind.sampling?.rows(height: fullHeight).cellCount ?? fullHeight
      for plane in 0..<2 {
        let cells = SyntheticImages.photograph(
          width: columns, height: rows, seed: seed + 7 + UInt64(plane)
        ).planes[0].map { kind.flatPlane == plane ? 128 : 96 + Int($0) / 4 }
        let levels = decoded(cells, columns, rows, table(kind, isChroma: true), kind.method)
        if kind.scalesChroma, let sampling = kind.sampling {
          let scaled = ScaledChroma(sampling, levels.grid, width: fullWidth, height: fullHeight)
          samples.append(scaled.samples(of: levels))
          continue
        }
        let plane = levels.samples()
        samples.append(
          kind.sampling?.upsampled(plane, width: fullWidth, height: fullHeight) ?? plane)
      }
      samples = colors(samples)
    }
    let planes = samples.map { (plane: [UInt16]) -> [UInt16] in
      (kind.top..<fullHeight).flatMap { (y: Int) -> ArraySlice<UInt16> in
        plane[y * fullWidth + kind.left..<(y + 1) * fullWidth]
      }
    }
    return Image(
      width: width, height: height, colorType: kind.isGrey ? .grey : .rgb, depth: 8,
      planes: planes)
  }

  static func table(_ kind: Kind, isChroma: Bool) -> QuantisationTable {
    var table = QuantisationTable(code: kind.quality + (isChroma ? 100 : 0))
    if kind.hasOwnTables {
      for k in 0..<64 { table.steps[k] = Int32(3 + (k / 8 + k % 8) * 2 + k % 3) }
    }
    return table
  }

  /// The levels of a plane on the grid that begins with it.
  static func decoded(
    _ values: [Int], _ width: Int, _ height: Int, _ table: QuantisationTable,
    _ method: InverseDCT.Method = .exact
  ) -> LevelPlane {
    let grid = BlockGrid(width: width, height: height, columnPhase: 0, rowPhase: 0)
    var plane = LevelPlane(grid: grid, table: table, method: method)
    let transform = FloatDCT()
    let rows = Buffer<FloatDCT.Row>(zeroed: 8)
    for y in 0..<grid.rows {
      for x in 0..<grid.columns {
        for k in 0..<64 {
          let row = min(8 * y + k / 8, height - 1)
          let column = min(8 * x + k % 8, width - 1)
          rows[k / 8][k % 8] = Float(min(max(values[row * width + column], 0), 255)) - 128
        }
        transform.forward(rows.base)
        for k in 0..<64 {
          let value = rows[k / 8][k % 8]
          let level = (value / Float(table.steps[k])).rounded()
          plane.levels[(y * grid.columns + x) * 64 + k] = Int16(level)
        }
      }
    }
    return plane
  }

  private static func colors(_ planes: [[UInt16]]) -> [[UInt16]] {
    (0..<3).map { channel in
      planes[0].indices.map { place in
        let k = SIMD3(Int(planes[0][place]), Int(planes[1][place]), Int(planes[2][place]))
        return UInt16(ColorLattice.jfif.sample(k, channel))
      }
    }
  }
}
