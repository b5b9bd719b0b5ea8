package import DecoderCore

/// The trained model with what only an encoder needs of it.
package struct EncoderModel: Sendable {
  /// The decoder's half.
  package let latents: LatentModel
  let encoder: LatentEncoder
  let hyperEncoder: HyperEncoder
  /// The distortion that it was trained for.
  let tuning: Tuning

  /// Throws where a layer of the encoder is missing or misshapen.
  package init(_ model: LearnedModel, tuning: Tuning = .psnr) throws(CodecError) {
    latents = model.latents
    encoder = try LatentEncoder(model.weights)
    hyperEncoder = try HyperEncoder(model.weights)
    self.tuning = tuning
  }

  var name: UInt64 { latents.name }
  var shape: ModelShape { latents.shape }
  package var prior: Prior { latents.prior }
  var decoder: LatentDecoder { latents.decoder }

  func gains(at position: QualityPosition) -> Gains { latents.gains(at: position) }

  /// A tile's latents `y` (1/64 step), with the hyperlatents that they suggest.
  func proposal(_ y: Tensor, quantiser: LatentQuantiser = .nearest) -> LatentProposal {
    LatentProposal(y: y, h: hyperEncoder(y), quantiser: quantiser)
  }
}
