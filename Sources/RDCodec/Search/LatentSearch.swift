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
  let gains: Gains
  let quantiser: LatentQuantiser
  /// Nil where rate does not count.
  private let edges: EdgeFractions?
  /// D where it is not the squared error.
  let distortion: VisualDistortion?
  /// For the passes.
  let gradients: Gradients?
  /// λ D for a squared error of 1 of one sample, in bits.
  let errorWeight: Double
  let passCount: Int
  let fitsFilter: Bool

  /// What only passes need.
  struct Gradients: Sendable {
    let rate: PriorPass
    /// Back through the whole decoder; nil: through the linear synthesis alone.
    let decoder: DecoderGradient?
    let synthesis: SynthesisGradient
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
    /// How much more than λ says an error counts in all that is searched: such that, at one quality,
    /// an effort takes no more bits than those below and has no larger error.
    var balance = 1.0

    /// Whether gradients of D go back through the linear synthesis alone: all that is needed of
    /// one to three passes, and a fraction of the work (docs/decisions/0029). What the model for the
    /// eye wants takes the errors of the whole image first.
    var isLinear: Bool { passCount <= 3 && !isVisual }

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
      case 6: (passCount, balance) = (3, isVisual ? 1 : 0.74)
      case 7: passCount = 4
      case 8: (passCount, balance) = (8, isVisual ? 1 : 0.97)
      case 9...: (passCount, balance) = (18, isVisual ? 1 : 0.965)
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
    let errorWeight = position.lambda / 3 * budget.balance
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
    let caution =
      passCount > 0 && budget.isLinear
      ? LatentSearch.firstPassCaution : LatentSearch.singlePassCaution
    quantiser = LatentQuantiser(weights: weights.map { Float($0 * errorWeight * caution) })
    guard passCount > 0 else {
      gradients = nil
      return
    }
    let responses = weights.map { $0 * LatentSearch.response }
    gradients = Gradients(
      rate: PriorPass(model.prior),
      decoder: budget.isLinear ? nil : DecoderGradient(model.decoder),
      synthesis: SynthesisGradient(model.decoder.synthesis),
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
  /// The same where a linear pass follows. Of 1.3 to 2 the best.
  private static let firstPassCaution = 1.4
  /// The same where gradients include what context is worth.
  private static let caution = 1.1
  /// The energy of x̂'s change against the linear synthesis's: the post-filter takes back a part of
  /// small changes. Of 0.6, 0.7 and 0.8 the best.
  private static let response = 0.7
  /// How far a pass moves the targets, which also move each other.
  static let stepSize: Float = 0.4
  /// How far a bit per step pulls a hyperlatent, in 1/64 step. Of 0.015, 0.03, 0.06 and 0.1 the
  /// best: more lowers R at D's expense, because means are x̂'s too where latents are rounded to
  /// them. Whole 64ths only: many hyperlatents lie close to a half, and weak gradients would turn
  /// them.
  static let hyperStep: Float = 0.03
  /// The same for the model for the eye. Of 0.03, 0.06 and 0.12 the best (docs/decisions/0019).
  static let visualHyperStep: Float = 0.06
  /// The most that rate pulls a target, in 1/64 step.
  static let largestPull: Float = 48

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
    return model.proposal(analysed(tile), quantiser: quantiser)
  }

  /// A tile's latents by the analysis.
  private func analysed(_ tile: Tiling.Tile) -> Tensor {
    model.encoder(
      input, rows: tile.latentRows, columns: tile.latentColumns, position: position, gains: gains)
  }

  /// What every latent's weight is multiplied by; empty: nothing.
  func factors(_ tile: Tiling.Tile, _ curvature: VisualDistortion.Curvature?) -> [Float] {
    guard let edges else { return [] }
    return edges(tile, times: curvature?(tile) ?? [])
  }

  /// What is to be coded.
  struct Found: Sendable {
    /// Of every tile.
    var proposals: Slots<LatentProposal>
    /// How their latents are rounded; nil: they are what is coded.
    var quantiser: LatentQuantiser?
    var filter: WienerFilter?
  }

  /// What was found for a tile, which is no longer held.
  func proposal(_ tile: Tiling.Tile, of found: Found) -> LatentProposal {
    var proposal = found.proposals.take(tile.index)
    // Not before: factors take more memory than latents.
    if let quantiser = found.quantiser {
      proposal.quantiser = quantiser.scaled(by: factors(tile, nil))
    }
    return proposal
  }

  /// What is to be coded after all passes; `step` is called after each of a tile.
  func found(
    jobs: Int, step: @escaping @Sendable () -> Void
  ) async throws(CodecError) -> Found {
    let proposals = Slots(
      try await mapTiles(tiling.tiles, jobs: jobs) { model.proposal(analysed($0)) })
    guard let gradients else { return Found(proposals: proposals, quantiser: quantiser) }
    return gradients.decoder == nil
      ? try await foundByLinearPasses(gradients, proposals, jobs: jobs, step: step)
      : try await foundByPasses(gradients, proposals, jobs: jobs, step: step)
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
