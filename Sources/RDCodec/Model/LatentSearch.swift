import Foundation

/// The encoder's search for latents with a small R + λ D; none of it is normative.
///
/// Up to effort 2 latents are the analysis, rounded. From 3 on every latent is rounded to what costs
/// least under its distribution. From 7 on passes repeat: decode, carry the error of the pixels
/// back through the synthesis, move the targets there, and round again.
struct LatentSearch: Sendable {
  let model: LatentModel
  let input: ModelInput
  let tiling: Tiling
  let position: QualityPosition
  private let gains: Gains
  private let quantiser: LatentQuantiser
  private let decoderGradient: DecoderGradient
  private let rateGradient: PriorGradient
  /// λ D for a squared error of 1 of one sample, in bits.
  private let errorWeight: Double
  let passCount: Int

  init(
    _ model: LatentModel, _ input: ModelInput, _ tiling: Tiling, _ position: QualityPosition,
    effort: Int
  ) {
    self.model = model
    self.input = input
    self.tiling = tiling
    self.position = position
    gains = model.gains(at: position)
    decoderGradient = DecoderGradient(model.decoder)
    rateGradient = PriorGradient(model.prior)
    let env = ProcessInfo.processInfo.environment
    let dt = Int(env["RDC_DT"] ?? "0")!
    let nominal = QualityPosition(rawValue: min(max(position.rawValue - dt, 0), 2048))!
    errorWeight = nominal.lambda / 3
    let kk = Double(env["RDC_K"] ?? "1")!
    let steps = gains.reciprocals
    let weight = errorWeight * kk
    quantiser =
      effort < 3
      ? .nearest
      : LatentQuantiser(
        weights: zip(decoderGradient.norms, steps).map { Float(weight * $0 / ($1 * $1)) })
    passCount = effort < 7 ? 0 : Int(env["RDC_PASSES"] ?? "8")!
  }

  /// What the analysis proposes for a tile.
  func proposal(_ tile: Tiling.Tile) -> Prior.Proposal {
    let y = model.encoder(
      input, rows: tile.latentRows, columns: tile.latentColumns, position: position, gains: gains)
    return model.prior.proposal(y, quantiser: quantiser)
  }

  /// What is to be coded of every tile, after all passes.
  func proposals(
    jobs: Int, step: @escaping @Sendable () -> Void
  ) async throws(CodecError) -> [Prior.Proposal] {
    let env = ProcessInfo.processInfo.environment
    let alpha = Double(env["RDC_ALPHA"] ?? "0.7")!
    let rehyper = Int(env["RDC_HYPER"] ?? "0")!
    var targets = try await mapTiles(tiling.tiles, jobs: jobs) { proposal($0) }
    var best: [Prior.Proposal] = []
    var bestCost = Double.infinity
    for pass in 0...passCount {
      let present = targets
      let coded = try await mapTiles(tiling.tiles, jobs: jobs) { tile in
        var meter = LatentMeter()
        let y = present[tile.index].y
        let z = model.prior.code(
          present[tile.index], height: y.height, width: y.width, position: position, with: &meter)
        return (z: z, bits: meter.bits)
      }
      let map = LatentMap(coded.map(\.z), tiling).tensor
      let measured = try await mapTiles(tiling.tiles, jobs: jobs) { tile in
        errors(of: map, in: tile)
      }
      let squares = measured.reduce(0) { $0 + $1.squares }
      let bits = coded.reduce(0) { $0 + $1.bits }
      let cost = bits + errorWeight * squares
      if env["RDC_LOG"] != nil {
        FileHandle.standardError.write(
          Data("pass \(pass) bits \(Int(bits)) mse \(squares) cost \(cost)\n".utf8))
      }
      if cost < bestCost {
        bestCost = cost
        best = zip(present, coded).map { target, coded in
          Prior.Proposal(y: coded.z, hyperlatents: target.hyperlatents)
        }
      }
      if pass == passCount { break }
      let field = LatentSearch.joined(measured.map(\.errors), tiling)
      let gr = Double(env["RDC_GR"] ?? "1")!
      targets = try await mapTiles(tiling.tiles, jobs: jobs) { tile in
        step()
        var target = present[tile.index]
        move(
          &target.y, to: coded[tile.index].z,
          gradient: decoderGradient(
            map, errors: field, rows: tile.latentRows, columns: tile.latentColumns,
            position: position, gains: gains),
          rate: gr == 0 ? nil : rateGradient(
            coded[tile.index].z, y: target.y, hyperlatents: target.hyperlatents,
            position: position), rateShare: Float(gr), share: alpha)
        if rehyper == 1 { target.hyperlatents = model.prior.hyperlatents(target.y) }
        if rehyper == 2 { target.hyperlatents = model.prior.hyperlatents(coded[tile.index].z) }
        return target
      }
    }
    return best
  }

  /// Moves the targets towards the coded latents plus what their error calls for.
  private func move(_ y: inout Tensor, to z: Tensor, gradient: Gradient, rate: Gradient?, rateShare: Float, share: Double) {
    let channels = LatentModel.latents
    // A latent's 1/64 step moves pixels by step / 4 in sixteenths.
    let factors = zip(gains.reciprocals, decoderGradient.norms).map { Float(16 * $0 * $0 / $1) }
    let share = Float(share)
    let pulls = zip(gains.reciprocals, decoderGradient.norms).map {
      Float(64 * 64 / 2 * $0 * $0 / ($1 * errorWeight))
    }
    for p in 0..<y.height * y.width {
      for c in 0..<channels {
        let i = p * channels + c
        var ideal = Float(z.values[i]) + gradient.values[i] * factors[c]
        if let rate { ideal -= min(max(rateShare * rate.values[i] * pulls[c], -48), 48) }
        let moved = Float(y.values[i]) + share * (ideal - Float(y.values[i]))
        y.values[i] = Int16(min(max(moved, -32768), 32767).rounded())
      }
    }
  }

  /// x − x̂ of a tile in sixteenths, zero beyond the image, and the sum of its squares.
  private func errors(
    of map: Tensor, in tile: Tiling.Tile
  ) -> (errors: Tensor, squares: Double) {
    var errors = model.decoder(
      map, rows: tile.latentRows, columns: tile.latentColumns, position: position, gains: gains
    ).mean
    let rows = tile.rows.lowerBound..<tile.rows.lowerBound + errors.height
    let columns = tile.columns.lowerBound..<tile.columns.lowerBound + errors.width
    let pixels = input.pixels(rows: rows, columns: columns)
    var squares = 0
    for (row, y) in rows.enumerated() {
      for (column, x) in columns.enumerated() {
        let start = row * errors.rowStride + column * 3
        guard y < tile.rows.upperBound, x < tile.columns.upperBound else {
          for c in 0..<3 { errors.values[start + c] = 0 }
          continue
        }
        for c in 0..<3 {
          let seen = min(max(errors.values[start + c], -128 * 16), 127 * 16)
          let error = (pixels.values[start + c] + 4) >> 3 - seen
          errors.values[start + c] = error
          squares += Int(error) * Int(error)
        }
      }
    }
    return (errors, Double(squares) / 256)
  }
}

extension LatentSearch {
  /// The errors of all tiles, 8×8 pixels for each latent.
  fileprivate static func joined(_ parts: [Tensor], _ tiling: Tiling) -> Tensor {
    var whole = Tensor(
      height: ModelInput.latentCount(tiling.height) * 8,
      width: ModelInput.latentCount(tiling.width) * 8, channels: 3)
    for (part, tile) in zip(parts, tiling.tiles) {
      for row in 0..<part.height {
        let target = (tile.rows.lowerBound + row) * whole.rowStride + tile.columns.lowerBound * 3
        let source = row * part.rowStride
        for i in 0..<part.rowStride { whole.values[target + i] = part.values[source + i] }
      }
    }
    return whole
  }
}
