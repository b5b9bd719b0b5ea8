/// CRC-32 of the samples of tiles as they are decoded, for a file that says what they have to be.
///
/// A tile's is that of its planes, one after the other: row after row, 16 bits a sample, lowest first.
package struct SampleChecksums {
  private let tiling: Tiling
  /// By tile; nil: they are computed, and nothing is compared.
  private let expected: [UInt32]?
  /// By tile, of those that were added whole.
  package private(set) var values: [UInt32]
  /// By tile, of the planes of those of which rows are still to come.
  private var planes: [[UInt32]]

  /// - Parameter expected: by tile, if there is something to compare with.
  package init(_ tiling: Tiling, expected: [UInt32]?) {
    self.tiling = tiling
    self.expected = expected
    values = expected ?? [UInt32](repeating: 0, count: tiling.tileCount)
    planes = [[UInt32]](repeating: [], count: tiling.tileCount)
  }

  /// Adds a tile, or the next rows of one; throws where its samples are not those that were
  /// encoded.
  package mutating func add(
    _ part: Tiling.Tile, _ decoded: DecodedTile
  ) throws(CodecError) {
    let whole = tiling.tiles(rows: part.rows, columns: part.columns)[0]
    if part.rows.lowerBound == whole.rows.lowerBound {
      planes[whole.index] = decoded.checksums
    } else {
      for (plane, checksum) in decoded.checksums.enumerated() {
        planes[whole.index][plane] = Checksum.joined(
          planes[whole.index][plane], checksum, count: 2 * part.pixelCount)
      }
    }
    guard part.rows.upperBound == whole.rows.upperBound else { return }
    try add(whole.index, Checksum.joined(planes[whole.index], count: 2 * whole.pixelCount))
    planes[whole.index] = []
  }

  /// Adds a whole tile of an image.
  package mutating func add(_ tile: Tiling.Tile, of image: Image) throws(CodecError) {
    try add(tile.index, image.checksum(of: tile))
  }

  private mutating func add(_ index: Int, _ checksum: UInt32) throws(CodecError) {
    if let expected, !Checksum.agree(checksum, expected[index]) {
      throw .wrongContents(.samples(tile: index))
    }
    values[index] = checksum
  }
}

/// Samples of a tile or of some of its rows, and the CRC-32 of each plane.
package struct DecodedTile: Sendable {
  package let planes: [[UInt16]]
  package let checksums: [UInt32]

  init(_ planes: [[UInt16]]) {
    self.planes = planes
    checksums = planes.map(Checksum.crc32(of:))
  }
}

extension Checksum {
  /// Of samples, 16 bits each, lowest first.
  static func crc32(of samples: [UInt16]) -> UInt32 { samples.withUnsafeBytes { crc32($0) } }

  /// Of parts of `count` bytes each, one after the other.
  static func joined(_ parts: [UInt32], count: Int) -> UInt32 {
    parts.dropFirst().reduce(parts.first ?? 0) { joined($0, $1, count: count) }
  }
}

extension TileSamples {
  /// The checksum of a tile, see ``SampleChecksums``.
  package var checksum: UInt32 {
    Checksum.joined(planes.map(Checksum.crc32(of:)), count: 2 * width * height)
  }
}

extension Image {
  /// The checksum of a tile, see ``SampleChecksums``.
  package func checksum(of tile: Tiling.Tile) -> UInt32 {
    planes.reduce(0) { checksum, plane in
      plane.withUnsafeBytes { bytes in
        tile.rows.reduce(checksum) { checksum, y in
          let start = 2 * (y * width + tile.columns.lowerBound)
          return Checksum.crc32(
            UnsafeRawBufferPointer(rebasing: bytes[start..<start + 2 * tile.columns.count]),
            after: checksum)
        }
      }
    }
  }
}

extension Tensor {
  /// CRC-32 of the values as they follow each other, 16 bits each, lowest first.
  package var checksum: UInt32 { values.withUnsafeBytes { Checksum.crc32($0) } }
}
