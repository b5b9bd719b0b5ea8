internal import DecoderCore

/// How the filter of a lossy image is fitted to what is to be coded.
extension LatentSearch {
  /// Whether passes fit the filter, whose measure is the squared error.
  var fitsInPasses: Bool { fitsFilter && distortion == nil && gradients?.decoder != nil }

  /// x − x̂ of some tiles in sixteenths, and the sum of its squares.
  struct Shown {
    var errors: [Tensor]
    var squares: Double
  }

  /// The filter for an image of these latents, which were coded without passes, with linear ones, or for the eye; nil:
  /// none.
  func filter(for map: Tensor, jobs: Int) async throws(CodecError) -> WienerFilter? {
    guard fitsFilter else { return nil }
    guard distortion == nil else {
      return try await filtered(map, in: tiling.tiles, fits: true, jobs: jobs).filter
    }
    let tiles = tiling.sampled
    let parts = try await mapTiles(tiles, jobs: jobs) { nearlySurrounded($0, of: map) }
    return try await fit(to: parts, in: tiles, jobs: jobs)
  }

  /// The filter that is fitted to x̂ of `tiles`, if one is wanted and D falls by more than it
  /// costs, and x̂ as a decoder then shows it.
  func filtered(
    _ map: Tensor, in tiles: [Tiling.Tile], fits: Bool, jobs: Int
  ) async throws(CodecError) -> (filter: WienerFilter?, shown: Shown) {
    let parts = try await mapTiles(tiles, jobs: jobs) { surrounded($0, of: map) }
    func shown(by filter: WienerFilter?) async throws(CodecError) -> Shown {
      let measured = try await mapTiles(Array(tiles.indices), jobs: jobs) { index in
        let part = parts[index]
        let mean =
          filter?(part) ?? part.mean.cropped(rows: part.rows, columns: part.columns)
        return pixelErrors(of: mean, in: tiles[index])
      }
      return Shown(
        errors: measured.map(\.errors), squares: measured.reduce(0) { $0 + $1.squares })
    }
    let plain = try await shown(by: nil)
    guard fits, let filter = try await fit(to: parts, in: tiles, jobs: jobs) else {
      return (nil, plain)
    }
    let filtered = try await shown(by: filter)
    let fall: Double
    if let distortion {
      // The squared error may fall at the eye's expense.
      let before = try await distortion(LatentSearch.joined(plain.errors, tiling), jobs: jobs)
      let after = try await distortion(LatentSearch.joined(filtered.errors, tiling), jobs: jobs)
      fall = before.value - after.value
    } else {
      let count = tiles.reduce(0) { $0 + $1.pixelCount }
      let factor = Double(tiling.width * tiling.height) / Double(count)
      fall = (plain.squares - filtered.squares) * factor
    }
    return errorWeight * fall > Double(filter.bitCount) ? (filter, filtered) : (nil, plain)
  }

  /// The filter of the least squared error, given x̂ of `tiles`.
  private func fit(
    to parts: [LatentDecoder.Surrounded], in tiles: [Tiling.Tile], jobs: Int
  ) async throws(CodecError) -> WienerFilter? {
    let none = WienerFit(sampledCount: tiles.reduce(0) { $0 + $1.pixelCount })
    let fits = try await mapTiles(Array(tiles.indices), jobs: jobs) { index in
      let tile = tiles[index]
      var fit = none
      fit.add(parts[index], pixels: input.pixels(rows: tile.rows, columns: tile.columns))
      return fit
    }
    return fits.reduce(none, +).filter(
      pixelCount: tiling.width * tiling.height, errorWeight: errorWeight / 256,
      isGrey: input.isGrey)
  }

  /// x̂ of a tile before the filter, as latents nearby show it: others change it little.
  private func nearlySurrounded(
    _ tile: Tiling.Tile, of map: Tensor
  ) -> LatentDecoder.Surrounded {
    let halo = LatentSearch.nearHalo
    let rows = tile.latentRows.expanded(by: halo, within: 0..<map.height)
    let columns = tile.latentColumns.expanded(by: halo, within: 0..<map.width)
    return model.decoder.surrounded(
      LatentMap(map.cropped(rows: rows, columns: columns)),
      rows: tile.latentRows.shifted(by: -rows.lowerBound),
      columns: tile.latentColumns.shifted(by: -columns.lowerBound), position: position,
      gains: gains)
  }
}
