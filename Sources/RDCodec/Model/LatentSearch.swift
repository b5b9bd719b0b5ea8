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
  private let adjoint: AdjointSynthesis
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
    adjoint = model.decoder.adjoint
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
        weights: zip(adjoint.norms, steps).map { Float(weight * $0 / ($1 * $1)) })
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
      let field = ErrorField(measured.map(\.errors), tiling)
      targets = try await mapTiles(tiling.tiles, jobs: jobs) { tile in
        step()
        var target = present[tile.index]
        move(
          &target.y, to: coded[tile.index].z,
          gradient: adjoint(field.around(tile.latentRows, tile.latentColumns)), share: alpha)
        if rehyper == 1 { target.hyperlatents = model.prior.hyperlatents(target.y) }
        if rehyper == 2 { target.hyperlatents = model.prior.hyperlatents(coded[tile.index].z) }
        return target
      }
    }
    return best
  }

  /// Moves the targets towards the coded latents plus what their error calls for.
  private func move(_ y: inout Tensor, to z: Tensor, gradient: Tensor, share: Double) {
    let channels = LatentModel.latents
    // Errors are in sixteenths, targets in 1/64 step.
    let factors = zip(gains.reciprocals, adjoint.norms).map { Float($0 * 4 / $1) }
    let share = Float(share)
    for p in 0..<y.height * y.width {
      for c in 0..<channels {
        let i = p * channels + c
        let ideal = Float(z.values[i]) + Float(gradient.values[i]) * factors[c]
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

/// Errors of all pixels that latents reach.
private struct ErrorField: Sendable {
  private let tensor: Tensor

  init(_ parts: [Tensor], _ tiling: Tiling) {
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
    tensor = whole
  }

  /// The pixels that these latents reach: four more on every side; zero beyond the image.
  func around(_ rows: Range<Int>, _ columns: Range<Int>) -> Tensor {
    let top = rows.lowerBound * 8 - 4
    let left = columns.lowerBound * 8 - 4
    var result = Tensor(
      height: rows.count * 8 + 8, width: columns.count * 8 + 8, channels: 3)
    for row in 0..<result.height where (0..<tensor.height).contains(top + row) {
      let known = max(left, 0)..<min(left + result.width, tensor.width)
      let source = (top + row) * tensor.rowStride + known.lowerBound * 3
      let target = row * result.rowStride + (known.lowerBound - left) * 3
      for i in 0..<known.count * 3 { result.values[target + i] = tensor.values[source + i] }
    }
    return result
  }
}
