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

  /// What is to be coded after all passes, given the proposals.
  func foundByLinearPasses(
    _ gradients: Gradients, _ proposals: [LatentProposal], jobs: Int,
    step: @escaping @Sendable () -> Void
  ) async throws(CodecError) -> Found {
    var targets = proposals
    for pass in 0..<passCount {
      let quantiser = pass == 0 ? quantiser : gradients.quantiser
      var map = LatentMap([], tiling, channels: model.shape.latents)
      var moved: [LatentProposal] = []
      moved.reserveCapacity(targets.count)
      let present = targets
      targets = []
      try await forEachTile(tiling.tiles, jobs: jobs) { tile in
        var target = present[tile.index]
        let rounded = gradients.rate(
          target.y, hyperlatents: target.hyperlatents,
          quantiser: quantiser.scaled(by: factors(tile, nil)), position: position,
          hasGradients: true)
        rounded.atLatents.move(
          &target.y, to: rounded.z, factors: gradients.pulls, step: LatentSearch.linearStepSize,
          limit: LatentSearch.largestPull)
        move(&target.h, rate: rounded.atHyperlatents, gradients)
        return (target: target, z: rounded.z)
      } consume: { (tile, result: (target: LatentProposal, z: Tensor)) in
        map.place(result.z, in: tile)
        moved.append(result.target)
      }
      let (coded, rounded) = (map.tensor, moved)
      moved = []
      targets = try await mapTiles(tiling.tiles, jobs: jobs) { tile in
        var target = rounded[tile.index]
        moveByErrors(&target.y, of: tile, coded, gradients)
        step()
        return target
      }
    }
    for tile in tiling.tiles {
      targets[tile.index].quantiser = gradients.quantiser.scaled(by: factors(tile, nil))
    }
    return Found(proposals: targets)
  }

  /// Moves a tile's latents by what the errors of its pixels call for.
  private func moveByErrors(
    _ y: inout Tensor, of tile: Tiling.Tile, _ map: Tensor, _ gradients: Gradients
  ) {
    let halo = LatentSearch.nearHalo
    let outer = (
      rows: tile.latentRows.expanded(by: halo, within: 0..<map.height),
      columns: tile.latentColumns.expanded(by: halo, within: 0..<map.width)
    )
    let seen = (
      rows: tile.latentRows.expanded(by: 1, within: 0..<map.height),
      columns: tile.latentColumns.expanded(by: 1, within: 0..<map.width)
    )
    let latents = map.cropped(rows: outer.rows, columns: outer.columns)
    let decoded = model.decoder(
      LatentMap(latents), rows: seen.rows.shifted(by: -outer.rows.lowerBound),
      columns: seen.columns.shifted(by: -outer.columns.lowerBound), position: position,
      gains: gains, hasScale: false)
    let factors = gradients.moves.indices.map { c in
      gradients.moves[c] * LatentSearch.linearStepSize * LatentSearch.linearGain
        * Float(gains.steps[c]) / Float(1 << (Gains.stepFractionBits + 2))
    }
    gradients.synthesis.move(
      &y, errorsOf: decoded.mean, in: input, rows: tile.latentRows, columns: tile.latentColumns,
      meanOrigin: (seen.rows.lowerBound * 8, seen.columns.lowerBound * 8), factors: factors)
  }
}
