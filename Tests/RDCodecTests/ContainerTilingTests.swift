import TestSupport
import Testing

@testable import DecoderCore
@testable import RDCodec

@Suite struct ContainerTilingTests {
  /// How often each position of a height × width area is covered.
  private func coverage(
    _ tiles: [Tiling.Tile], height: Int, width: Int, rows: (Tiling.Tile) -> Range<Int>,
    columns: (Tiling.Tile) -> Range<Int>
  ) -> [Int] {
    var counts = [Int](repeating: 0, count: height * width)
    for tile in tiles {
      for y in rows(tile) {
        for x in columns(tile) { counts[y * width + x] += 1 }
      }
    }
    return counts
  }

  @Test(arguments: [1, 15, 16, 17, 33, 97, 130], [1, 16, 31, 100])
  func tilesAndTheirLatentsCoverTheImageOnce(width: Int, height: Int) {
    for (tileWidth, tileHeight) in [(1, 1), (2, 1), (3, 4), (64, 64)] {
      let tiling = Tiling(
        width: width, height: height, tileWidthUnits: tileWidth, tileHeightUnits: tileHeight)
      let tiles = tiling.tiles
      #expect(tiles.count == tiling.tileCount)
      #expect(tiles.map(\.index) == Array(0..<tiles.count))
      let pixels = coverage(
        tiles, height: height, width: width, rows: \.rows, columns: \.columns)
      #expect(pixels.allSatisfy { $0 == 1 })
      let latents = coverage(
        tiles, height: LatentGeometry.latentCount(height), width: LatentGeometry.latentCount(width),
        rows: \.latentRows, columns: \.latentColumns)
      #expect(latents.allSatisfy { $0 == 1 })
    }
  }

  @Test(arguments: [1, 17, 97, 130], [1, 31, 100])
  func tilesOfAPartAreThoseThatMeetIt(width: Int, height: Int) {
    for (tileWidth, tileHeight) in [(1, 1), (2, 1), (3, 4)] {
      let tiling = Tiling(
        width: width, height: height, tileWidthUnits: tileWidth, tileHeightUnits: tileHeight)
      for first in stride(from: 0, to: width, by: 7) {
        let rows = height / 3..<(height + 1) / 2 + 1
        let columns = first..<min(first + 20, width)
        let expected = tiling.tiles.filter {
          $0.rows.overlaps(rows) && $0.columns.overlaps(columns)
        }
        #expect(
          tiling.tiles(rows: rows.clamped(to: 0..<height), columns: columns) == expected)
        let latents = (rows: rows.lowerBound / 8..<rows.upperBound / 8 + 1, columns: 0..<1)
        let met = tiling.tiles.filter {
          $0.latentRows.overlaps(latents.rows) && $0.latentColumns.overlaps(latents.columns)
        }
        #expect(
          tiling.tiles(rows: latents.rows.scaled(by: 8), columns: latents.columns.scaled(by: 8))
            == met)
      }
    }
  }

  @Test(arguments: [1, 16, 767, 768, 769, 1536, 1537, 5000, 100_000])
  func theEncodersTilesAreAlikeAndNotTooLarge(length: Int) {
    let tiling = Tiling(width: length, height: 1)
    let widths = tiling.tiles.map(\.columns.count)
    #expect(widths.reduce(0, +) == length)
    #expect(widths.allSatisfy { $0 <= 768 })
    #expect(widths.count == (length + 767) / 768)
  }

  @Test(arguments: [1, 17, 1450, 2048, 2049, 9000], [1, 700, 2048, 30_000])
  func tilesOfDrawingsAreLargeButBounded(width: Int, height: Int) {
    let tiling = Tiling(width: width, height: height, isDrawing: true)
    #expect(Tiling.isAllowed(tiling.tileWidthUnits, tiling.tileHeightUnits))
    #expect(tiling.tileCount <= max(1, width * height / (1 << 19)) + (width + height) / 2048)
  }

  @Test func resultsComeInTileOrderAndTheFirstErrorIsThrown() async throws {
    let tiles = Tiling(width: 160, height: 16, tileWidthUnits: 1, tileHeightUnits: 1).tiles
    for jobs in [0, 1, 3, 100] {
      let indices = try await mapTiles(tiles, jobs: jobs) { $0.index }
      #expect(indices == Array(0..<10))
      await #expect(throws: CodecError.truncated(at: 4)) {
        _ = try await mapTiles(tiles, jobs: jobs) { tile throws(CodecError) in
          if tile.index >= 4 { throw .truncated(at: tile.index) }
        }
      }
    }
  }
}
