package import DecoderCore

/// What an encoder wants to code of a tile's latents.
package struct LatentProposal: Sendable {
  /// Fraction bits of hyperlatents before rounding: many lie close to a half.
  static let hyperlatentFractionBits = 10

  /// The latents before quantisation, in 1/64 of their step.
  package var y: Tensor
  /// The hyperlatents before rounding, in 1/1024.
  var h: Tensor
  /// How latents are rounded.
  var quantiser = LatentQuantiser.nearest

  /// The hyperlatents that are coded: integers.
  var hyperlatents: Tensor {
    let bits = LatentProposal.hyperlatentFractionBits
    var rounded = h
    rounded.values = h.values.map { Int16((Int($0) + 1 << (bits - 1)) >> bits) }
    return rounded
  }
}

/// A tile's latents as an encoder's coders look them up: rounded where they are coded, since that
/// takes what the prior expects of them.
package struct ProposedSymbols {
  private let proposal: LatentProposal
  private let hyperlatents: Tensor

  package init(_ proposal: LatentProposal) {
    self.proposal = proposal
    hyperlatents = proposal.hyperlatents
  }

  package func fillHyperlatents(_ symbols: inout [Int16], _ place: LatentPlace) {
    for c in symbols.indices {
      symbols[c] = max(hyperlatents.values[place.start + c], -Int16.max)
    }
  }

  package func fillLatents(
    _ symbols: inout [Int16], _ place: LatentPlace, means: ArraySlice<Int16>, scales: [UInt8]
  ) {
    proposal.quantiser.quantise(
      proposal.y, at: place.start, channel: place.channel, means: means, scales: scales,
      to: &symbols)
  }
}
