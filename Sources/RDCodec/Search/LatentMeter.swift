internal import DecoderCore

/// Sums what latents cost by the prior alone, for the encoder's search.
struct LatentMeter: LatentCoder, ~Copyable {
  private let proposed: ProposedSymbols
  private(set) var bits = 0.0

  init(_ proposal: LatentProposal) { proposed = ProposedSymbols(proposal) }

  mutating func codeLatents(
    _ symbols: inout [Int16], _ place: LatentPlace, means: ArraySlice<Int16>, scales: [UInt8],
    models: borrowing LatentModels
  ) {
    proposed.fillLatents(&symbols, place, means: means, scales: scales)
    add(symbols, scales: scales)
  }

  mutating func codeHyperlatents(
    _ symbols: inout [Int16], _ place: LatentPlace, scales: [UInt8],
    models: borrowing LatentModels
  ) {
    proposed.fillHyperlatents(&symbols, place)
    add(symbols, scales: scales)
  }

  private mutating func add(_ symbols: [Int16], scales: [UInt8]) {
    var sum: Float = 0
    for c in symbols.indices {
      sum += LatentRates.shared.bits(of: Int32(symbols[c]), scale: Int(scales[c]))
    }
    bits += Double(sum)
  }
}
