internal import DecoderCore

/// Passes whose gradients of D go back through the whole decoder.
extension LatentSearch {
  /// What is to be coded after all passes, given the proposals; of the passes the one of the least
  /// R + λ D counts.
  func foundByPasses(
    _ gradients: Gradients, _ proposals: Slots<LatentProposal>, jobs: Int,
    step: @escaping @Sendable () -> Void
  ) async throws(CodecError) -> Found {
    guard let decoder = gradients.decoder else { return Found(proposals: proposals) }
    var targets = tiling.tiles.map { proposals.take($0.index) }
    var quantiser = quantiser
    var curvature = try await initialCurvature(jobs: jobs)
    var best: (proposals: [LatentProposal], filter: WienerFilter?) = ([], nil)
    var bestCost = Double.infinity
    for pass in 0...passCount {
      let present = targets
      let coded = try await mapTiles(tiling.tiles, jobs: jobs) { [quantiser, curvature] tile in
        let target = present[tile.index]
        return gradients.rate(
          target.y, hyperlatents: target.hyperlatents,
          quantiser: quantiser.scaled(by: factors(tile, curvature)), position: position,
          hasGradients: pass < passCount)
      }
      let map = LatentMap(coded.map(\.z), tiling, channels: model.shape.latents).tensor
      let (filter, shown) = try await filtered(
        map, in: tiling.tiles, fits: fitsInPasses, jobs: jobs)
      let errors = LatentSearch.joined(shown.errors, tiling)
      let visual = try await distortion?(errors, jobs: jobs)
      let distance = visual?.value ?? shown.squares
      let bits = coded.reduce(Double(filter?.bitCount ?? 0)) { $0 + $1.bits }
      let cost = bits + errorWeight * distance
      // Not the first rounding, whose rate is another: files would grow with quality by jumps.
      if pass > 0, cost < bestCost {
        bestCost = cost
        best = (zip(present, coded).map { LatentProposal(y: $1.z, h: $0.h) }, filter)
      }
      if pass == passCount { break }
      targets = try await mapTiles(tiling.tiles, jobs: jobs) { tile in
        step()
        var target = present[tile.index]
        let rounded = coded[tile.index]
        let error = gradient(
          of: visual?.errors ?? errors, by: map, in: tile, through: decoder)
        guard !Task.isCancelled else { return target }
        move(
          &target.y, to: rounded.z, error: error, rate: rounded.atLatents.gradient,
          curvature: visual?.curvature(tile) ?? [],
          curvatureBound: visual?.curvatureBound(of: tile) ?? [], gradients)
        move(&target.h, rate: rounded.atHyperlatents, gradients)
        return target
      }
      (quantiser, curvature) = (gradients.quantiser, visual?.curvature)
    }
    return Found(proposals: Slots(best.proposals), filter: best.filter)
  }

  /// Σ error · ∂x̂ / ∂z for a tile's latents, by bands: a band ends soon after its task is cancelled.
  private func gradient(
    of errors: Tensor, by map: Tensor, in tile: Tiling.Tile, through decoder: DecoderGradient
  ) -> Gradient {
    var values: [Float] = []
    let (count, channels) = (tile.latentRows.count * tile.latentColumns.count, map.channels)
    values.reserveCapacity(count * channels)
    for band in tile.latentRows.bands(of: LatentSearch.bandHeight) {
      values +=
        decoder(
          map, errors: errors, rows: band, columns: tile.latentColumns, position: position,
          gains: gains
        ).values
    }
    return Gradient(
      height: tile.latentRows.count, width: tile.latentColumns.count, channels: channels,
      values: values)
  }

  /// Moves targets towards the coded latents plus what their errors and later latents call for.
  ///
  /// - Parameters:
  ///   - curvature: the curvature of D by each latent, against that of the squared error; empty: 1.
  ///   - curvatureBound: for each position, what the errors were divided by (``VisualDistortion``),
  ///     where the curvature of D by latents together is more than by each alone.
  private func move(
    _ y: inout Tensor, to z: Tensor, error: Gradient, rate: Gradient, curvature: [Float],
    curvatureBound: [Float], _ gradients: Gradients
  ) {
    let channels = y.channels
    let limit = LatentSearch.largestPull
    let unit: Float = curvatureBound.isEmpty ? 1 : 1 / VisualDistortion.errorUnit
    for p in 0..<y.height * y.width {
      let caution = curvatureBound.isEmpty ? 1 : 1 / curvatureBound[p]
      for c in 0..<channels {
        let i = p * channels + c
        let pull = min(max(rate.values[i] * gradients.pulls[c] * caution, -limit), limit)
        let fraction = curvature.isEmpty ? 1 : min(curvature[i] * caution, 1)
        let start = Float(y.values[i])
        let ideal =
          start + fraction * (Float(z.values[i]) - start)
          + error.values[i] * gradients.moves[c] * unit - pull
        let moved = start + LatentSearch.stepSize * (ideal - start)
        y.values[i] = Int16(min(max(moved, -32768), 32767).rounded())
      }
    }
  }

  /// Moves hyperlatents down the gradient of R.
  func move(_ h: inout Tensor, rate: Gradient, _ gradients: Gradients) {
    let unit = Float(1 << LatentProposal.hyperlatentFractionBits)
    for i in h.values.indices {
      let own = gradients.hyperSlopes[i % h.channels] * Float(h.values[i]) / unit
      let pull = min(max(gradients.hyperStep * (rate.values[i] + own), -32), 32)
      let moved = Float(h.values[i]) - pull.rounded() * (unit / 64)
      h.values[i] = Int16(min(max(moved, -32768), 32767))
    }
  }
}
