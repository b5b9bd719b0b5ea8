internal import DecoderCore

/// Passes whose gradients of D go back through the linear synthesis alone.
///
/// What the decoder adds to it changes little with single latents, but much with x̂ as a whole: the
/// errors are those of the decoder. Each tile is rounded, and moved by what later latents lose with
/// it as context, then decoded, and moved by its errors; nothing of the whole image is held but
/// latents before and after rounding.
extension LatentSearch {
  /// How far a pass moves the targets, which also move each other. Of 0.4 to 0.6 the best.
  static let linearStepSize: Float = 0.55
  /// The linear synthesis's part of what a latent does to x̂. Of 0.8 to 1.1 the best.
  private static let linearGain: Float = 0.9
  /// Latents around pixels that they are decoded with for the search: those farther away change them
  /// little.
  static let nearHalo = 3
  /// Rows of latents that are decoded at once.
  static let bandHeight = 48

  /// What is to be coded after all passes, given the proposals.
  func foundByLinearPasses(
    _ gradients: Gradients, _ proposals: Slots<LatentProposal>, jobs: Int,
    step: @escaping @Sendable () -> Void
  ) async throws(CodecError) -> Found {
    for pass in 0..<passCount {
      let quantiser = pass == 0 ? quantiser : gradients.quantiser
      var map = LatentMap([], tiling, channels: model.shape.latents)
      try await forEachTile(tiling.tiles, jobs: jobs) { tile in
        var target = proposals.take(tile.index)
        let rounded = gradients.rate(
          target.y, hyperlatents: target.hyperlatents,
          quantiser: quantiser.scaled(by: factors(tile, nil)), position: position,
          hasGradients: true)
        rounded.atLatents.move(
          &target.y, to: rounded.z, factors: gradients.pulls, step: LatentSearch.linearStepSize,
          limit: LatentSearch.largestPull)
        move(&target.h, rate: rounded.atHyperlatents, gradients)
        proposals.put(target, at: tile.index)
        return rounded.z
      } consume: { (tile, z: Tensor) in
        map.place(z, in: tile)
      }
      let coded = map.tensor
      _ = try await mapTiles(tiling.tiles, jobs: jobs) { tile in
        var target = proposals.take(tile.index)
        moveByErrors(&target.y, of: tile, coded, gradients)
        proposals.put(target, at: tile.index)
        step()
      }
    }
    return Found(proposals: proposals, quantiser: gradients.quantiser)
  }

  /// Moves a tile's latents by what the errors of its pixels call for.
  private func moveByErrors(
    _ y: inout Tensor, of tile: Tiling.Tile, _ map: Tensor, _ gradients: Gradients
  ) {
    let factors = gradients.moves.indices.map { c in
      gradients.moves[c] * LatentSearch.linearStepSize * LatentSearch.linearGain
        * Float(gains.steps[c]) / Float(1 << (Gains.stepFractionBits + 2))
    }
    // By bands, so that little of the decoder's features is held.
    for band in tile.latentRows.bands(of: LatentSearch.bandHeight) {
      if Task.isCancelled { return }
      moveByErrors(&y, of: tile, rows: band, map, gradients, factors: factors)
    }
  }

  private func moveByErrors(
    _ y: inout Tensor, of tile: Tiling.Tile, rows: Range<Int>, _ map: Tensor,
    _ gradients: Gradients, factors: [Float]
  ) {
    let halo = LatentSearch.nearHalo
    let outer = (
      rows: rows.expanded(by: halo, within: 0..<map.height),
      columns: tile.latentColumns.expanded(by: halo, within: 0..<map.width)
    )
    let seen = (
      rows: rows.expanded(by: 1, within: 0..<map.height),
      columns: tile.latentColumns.expanded(by: 1, within: 0..<map.width)
    )
    let latents = map.cropped(rows: outer.rows, columns: outer.columns)
    let decoded = model.decoder(
      LatentMap(latents), rows: seen.rows.shifted(by: -outer.rows.lowerBound),
      columns: seen.columns.shifted(by: -outer.columns.lowerBound), position: position,
      gains: gains, hasScale: false)
    gradients.synthesis.move(
      &y, from: rows.lowerBound - tile.latentRows.lowerBound, errorsOf: decoded.mean, in: input,
      rows: rows, columns: tile.latentColumns,
      meanOrigin: (seen.rows.lowerBound * 8, seen.columns.lowerBound * 8), factors: factors)
  }
}

extension Range<Int> {
  /// Parts of up to `count` one after the other.
  func bands(of count: Int) -> [Range<Int>] {
    stride(from: lowerBound, to: upperBound, by: count).map {
      $0..<Swift.min($0 + count, upperBound)
    }
  }
}
