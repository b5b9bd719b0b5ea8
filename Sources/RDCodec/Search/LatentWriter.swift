package import DecoderCore
internal import Entropy

/// Writes the latents of a proposal.
package struct LatentWriter: LatentCoder, ~Copyable {
  private let proposed: ProposedSymbols
  private var encoder = BinaryEncoder.ofLatents

  package init(_ proposal: LatentProposal) { proposed = ProposedSymbols(proposal) }

  package mutating func codeLatents(
    _ symbols: inout [Int16], _ place: LatentPlace, means: ArraySlice<Int16>, scales: [UInt8],
    models: borrowing LatentModels
  ) {
    proposed.fillLatents(&symbols, place, means: means, scales: scales)
    encoder.codeLatents(&symbols, place, means: means, scales: scales, models: models)
  }

  package mutating func codeHyperlatents(
    _ symbols: inout [Int16], _ place: LatentPlace, scales: [UInt8],
    models: borrowing LatentModels
  ) {
    proposed.fillHyperlatents(&symbols, place)
    encoder.codeHyperlatents(&symbols, place, scales: scales, models: models)
  }

  /// The bytes, and −log₂ P_pri(z).
  package consuming func finish() -> (bytes: [UInt8], bits: Double) {
    let bits = encoder.ledger.bits
    return (encoder.finish(), bits)
  }
}
