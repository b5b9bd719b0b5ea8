package import DecoderCore

/// The encoder's search for latents with a small R + λ D; none of it is normative.
///
/// Every latent of the analysis is rounded to what costs least under its distribution; with the
/// model for the eye, whose D takes time, not at the least effort. Passes repeat: decode, take the
/// gradients of D (back through synthesis and post-filter) and of R (back through the prior: what a
/// latent costs later ones as context), move the targets, and round again. Of these the pass of the
/// least R + λ D counts. D is the squared error, or what the model for the eye was trained with
/// (``VisualDistortion``). Of a lossy image the ``WienerFilter`` is fitted too
/// (LatentSearch+Filter.swift).
package struct LatentSearch: Sendable {
  let model: EncoderModel
  let input: ModelInput
  let tiling: Tiling
  let position: QualityPosition
  private let gains: Gains
  private let quantiser: LatentQuantiser
  /// Nil where rate does not count.
  private let edges: EdgeFractions?
  /// D where it is not the squared error.
  let distortion: VisualDistortion?
  /// For the passes.
  private let gradients: Gradients?
  /// λ D for a squared error of 1 of one sample, in bits.
  let errorWeight: Double
  let passCount: Int
  let fitsFilter: Bool

  /// What only passes need.
  private struct Gradients: Sendable {
    let rate: PriorGradient
    let decoder: DecoderGradient
    let quantiser: LatentQuantiser
    /// Per channel: what a gradient of squared errors in sixteenths moves a target, in 1/64 step.
    let moves: [Float]
    /// The same for a gradient of bits.
    let pulls: [Float]
    /// Per channel: ``Prior/hyperSlopes(at:)``.
    let hyperSlopes: [Float]
    let hyperStep: Float
  }

  /// How much is searched.
  package struct Budget: Sendable {
    var roundsByCost = true
    /// Whether D is that of the model for the eye.
    var isVisual = false
    /// Repetitions of decoding, gradients and rounding.
    var passCount = 0
    /// Whether the decoder filters x̂.
    var fitsFilter = false

    /// Rounding by cost alone.
    package static let single = Budget()

    init() {}

    /// That of an effort. Of many passes the first two are worth most. A preview has none: it takes
    /// more bits by them, and the residual of a drawing none fewer.
    init(effort: Int, isPreview: Bool, fitsFilter: Bool, tuning: Tuning) {
      self.fitsFilter = fitsFilter
      roundsByCost = effort > 1 || tuning == .psnr
      isVisual = tuning == .visual
      guard !isPreview else { return }
      switch effort {
      case 5: passCount = 1
      case 6: passCount = 2
      case 7: passCount = 4
      case 8: passCount = 8
      case 9...: passCount = 18
      default: break
      }
    }
  }

  package init(
    _ model: EncoderModel, _ input: ModelInput, _ tiling: Tiling, _ position: QualityPosition,
    _ budget: Budget
  ) {
    self.model = model
    self.input = input
    self.tiling = tiling
    self.position = position
    let gains = model.gains(at: position)
    self.gains = gains
    // D is a mean over three channels.
    let errorWeight = position.lambda / 3
    self.errorWeight = errorWeight
    passCount = budget.passCount
    fitsFilter = budget.fitsFilter
    guard budget.roundsByCost else {
      quantiser = .nearest
      edges = nil
      distortion = nil
      gradients = nil
      return
    }
    edges = EdgeFractions(input, model.decoder.synthesis)
    distortion = budget.isVisual ? VisualDistortion(input, model.decoder) : nil
    // Passes take the errors of all three channels: steps by so small norms would diverge.
    let isMean = input.isGrey && !budget.isVisual && passCount == 0
    let norms = isMean ? model.decoder.greyNorms : model.decoder.norms
    let weights = zip(norms, gains.reciprocals).map { $0 / ($1 * $1) }
    quantiser = LatentQuantiser(
      weights: weights.map { Float($0 * errorWeight * LatentSearch.singlePassCaution) })
    guard passCount > 0 else {
      gradients = nil
      return
    }
    let responses = weights.map { $0 * LatentSearch.response }
    gradients = Gradients(
      rate: PriorGradient(model.prior), decoder: DecoderGradient(model.decoder),
      quantiser: LatentQuantiser(
        weights: responses.map { Float($0 * errorWeight * LatentSearch.caution) }),
      // A latent's 1/64 step moves pixels by step / 4 in sixteenths.
      moves: responses.map { Float(16 / $0) },
      pulls: responses.map { Float(64 * 64 / 2 / ($0 * errorWeight)) },
      hyperSlopes: model.prior.hyperSlopes(at: position),
      hyperStep: budget.isVisual ? LatentSearch.visualHyperStep : LatentSearch.hyperStep)
  }

  /// How much more than λ says an error counts when latents are rounded once: later latents lose
  /// context. Of 0.7, 1, 1.4 and 2 the best.
  private static let singlePassCaution = 2.0
  /// The same where gradients include what context is worth.
  private static let caution = 1.1
  /// The energy of x̂'s change against the linear synthesis's: the post-filter takes back a part of
  /// small changes. Of 0.6, 0.7 and 0.8 the best.
  private static let response = 0.7
  /// How far a pass moves the targets, which also move each other.
  private static let stepSize: Float = 0.4
  /// How far a bit per step pulls a hyperlatent, in 1/64 step. Of 0.015, 0.03, 0.06 and 0.1 the
  /// best: more lowers R at D's expense, because means are x̂'s too where latents are rounded to
  /// them. Whole 64ths only: many hyperlatents lie close to a half, and weak gradients would turn
  /// them.
  private static let hyperStep: Float = 0.03
  /// The same for the model for the eye. Of 0.03, 0.06 and 0.12 the best (docs/decisions/0019).
  private static let visualHyperStep: Float = 0.06
  /// The most that rate pulls a target, in 1/64 step.
  private static let largestPull: Float = 48

  /// What D is like before anything is coded, as if nothing were lost; nil: the squared error.
  func initialCurvature(jobs: Int) async throws(CodecError) -> VisualDistortion.Curvature? {
    guard let distortion else { return nil }
    let zero = Tensor(
      height: input.latentHeight * 8, width: input.latentWidth * 8, channels: 3)
    return try await distortion(zero, jobs: jobs).curvature
  }

  /// What the analysis proposes for a tile.
  package func proposal(_ tile: Tiling.Tile) -> LatentProposal { proposal(tile, nil) }

  func proposal(_ tile: Tiling.Tile, _ curvature: VisualDistortion.Curvature?) -> LatentProposal {
    let quantiser = quantiser.scaled(by: factors(tile, curvature))
    let y = model.encoder(
      input, rows: tile.latentRows, columns: tile.latentColumns, position: position, gains: gains)
    return model.proposal(y, quantiser: quantiser)
  }

  /// What every latent's weight is multiplied by; empty: nothing.
  private func factors(_ tile: Tiling.Tile, _ curvature: VisualDistortion.Curvature?) -> [Float] {
    guard let edges else { return [] }
    return edges(tile, times: curvature?(tile) ?? [])
  }

  /// What is to be coded.
  struct Found: Sendable {
    /// Of every tile.
    var proposals: [LatentProposal]
    var filter: WienerFilter?
  }

  /// What is to be coded after all passes; `step` is called after each of a tile.
  func found(
    jobs: Int, step: @escaping @Sendable () -> Void
  ) async throws(CodecError) -> Found {
    var targets = try await mapTiles(tiling.tiles, jobs: jobs) { proposal($0) }
    guard let gradients else { return Found(proposals: targets) }
    var quantiser = quantiser
    var curvature = try await initialCurvature(jobs: jobs)
    var best = Found(proposals: [])
    var bestCost = Double.infinity
    for pass in 0...passCount {
      let present = targets
      let coded = try await mapTiles(tiling.tiles, jobs: jobs) { [quantiser, curvature] tile in
        quantised(present[tile.index], quantiser.scaled(by: factors(tile, curvature)))
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
        best = Found(
          proposals: zip(present, coded).map { LatentProposal(y: $1.z, h: $0.h) }, filter: filter)
      }
      if pass == passCount { break }
      targets = try await mapTiles(tiling.tiles, jobs: jobs) { tile in
        step()
        var target = present[tile.index]
        let z = coded[tile.index].z
        let error = gradients.decoder(
          map, errors: visual?.errors ?? errors, rows: tile.latentRows, columns: tile.latentColumns,
          position: position, gains: gains)
        guard !Task.isCancelled else { return target }
        let rate = gradients.rate(
          z, y: target.y, hyperlatents: target.hyperlatents, position: position)
        move(
          &target.y, to: z, error: error, rate: rate.latents,
          curvature: visual?.curvature(tile) ?? [],
          curvatureBound: visual?.curvatureBound(of: tile) ?? [], gradients)
        move(&target.h, rate: rate.hyperlatents, gradients)
        return target
      }
      (quantiser, curvature) = (gradients.quantiser, visual?.curvature)
    }
    return best
  }

  /// Rounds a tile's targets; the bits are those of the prior alone.
  private func quantised(
    _ target: LatentProposal, _ quantiser: LatentQuantiser
  ) -> (z: Tensor, bits: Double) {
    var target = target
    target.quantiser = quantiser
    var meter = LatentMeter(target)
    let z = model.prior.code(
      height: target.y.height, width: target.y.width, position: position, with: &meter)
    return (z, meter.bits)
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
  private func move(_ h: inout Tensor, rate: Gradient, _ gradients: Gradients) {
    let unit = Float(1 << LatentProposal.hyperlatentFractionBits)
    for i in h.values.indices {
      let own = gradients.hyperSlopes[i % h.channels] * Float(h.values[i]) / unit
      let pull = min(max(gradients.hyperStep * (rate.values[i] + own), -32), 32)
      let moved = Float(h.values[i]) - pull.rounded() * (unit / 64)
      h.values[i] = Int16(min(max(moved, -32768), 32767))
    }
  }

  /// x − x̂ of a sample in sixteenths, x as ``ModelInput`` has it, x̂ cut off where the range of
  /// samples ends.
  static func error(_ x: Int16, _ mean: Int16) -> Int16 {
    (x + 4) >> 3 - min(max(mean, -128 * 16), 127 * 16)
  }

  /// x̂ of a tile before the filter.
  func surrounded(_ tile: Tiling.Tile, of map: Tensor) -> LatentDecoder.Surrounded {
    model.decoder.surrounded(
      LatentMap(map), rows: tile.latentRows, columns: tile.latentColumns, position: position,
      gains: gains)
  }

  /// x − x̂ of a tile in sixteenths, zero beyond the image, and the sum of its squares.
  func pixelErrors(
    of mean: Tensor, in tile: Tiling.Tile
  ) -> (errors: Tensor, squares: Double) {
    var errors = mean
    let rows = tile.rows.lowerBound..<tile.rows.lowerBound + errors.height
    let columns = tile.columns.lowerBound..<tile.columns.lowerBound + errors.width
    let pixels = input.pixels(rows: rows, columns: columns)
    var squares = 0
    let (stride, width) = (errors.rowStride, errors.width)
    let shown = (rows: tile.rows.count, columns: tile.columns.count)
    errors.values.withUnsafeMutableBufferPointer { errors in
      pixels.values.withUnsafeBufferPointer { pixels in
        for row in 0..<rows.count {
          for column in 0..<width {
            let start = row * stride + column * 3
            guard row < shown.rows, column < shown.columns else {
              for c in 0..<3 { errors[start + c] = 0 }
              continue
            }
            for c in 0..<3 {
              let error = LatentSearch.error(pixels[start + c], errors[start + c])
              errors[start + c] = error
              squares += Int(error) * Int(error)
            }
          }
        }
      }
    }
    return (errors, Double(squares) / 256)
  }
}

extension LatentSearch {
  /// The errors of all tiles, 8×8 pixels for each latent.
  static func joined(_ parts: [Tensor], _ tiling: Tiling) -> Tensor {
    var whole = Tensor(
      height: LatentGeometry.latentCount(tiling.height) * 8,
      width: LatentGeometry.latentCount(tiling.width) * 8, channels: 3)
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
