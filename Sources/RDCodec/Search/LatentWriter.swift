internal import DecoderCore
internal import CKernels
internal import Entropy

/// Writes latents.
struct LatentWriter: LatentCoder, ~Copyable {
  private let proposed: ProposedSymbols
  private var encoder = RangeEncoder()
  private var ledger = BitLedger()
  private let decisions = Buffer<UInt32>(zeroed: LatentModel.latents * LatentKernels.decisions)

  init(_ proposal: LatentProposal) { proposed = ProposedSymbols(proposal) }

  mutating func codeLatents(
    _ symbols: inout [Int16], _ place: LatentPlace, means: ArraySlice<Int16>, scales: [UInt8],
    models: borrowing LatentModels
  ) {
    proposed.fillLatents(&symbols, place, means: means, scales: scales)
    let (state, index) = models.place(row: place.row, column: place.column)
    precondition(symbols.count == state.pointee.count && scales.count >= symbols.count)
    write(models.kernels.call.encode_latents(state, index, scales, symbols, decisions.base))
  }

  mutating func codeHyperlatents(
    _ symbols: inout [Int16], _ place: LatentPlace, scales: [UInt8],
    models: borrowing LatentModels
  ) {
    proposed.fillHyperlatents(&symbols, place)
    let (state, index) = models.place(row: place.row, column: place.column)
    precondition(symbols.count == state.pointee.channels && scales.count >= symbols.count)
    write(models.kernels.call.encode_hyperlatents(state, index, scales, symbols, decisions.base))
  }

  /// Writes the decisions that a kernel has listed.
  private mutating func write(_ count: Int) {
    for index in 0..<count {
      let decision = decisions[index]
      let bit = decision &>> 31 != 0
      let probability = decision & 0x7FFF_FFFF
      encoder.encode(bit, probability: probability)
      ledger.add(probability: bit ? probability : (1 << 24) &- probability)
    }
  }

  /// The bytes, and −log₂ P_pri(z).
  consuming func finish() -> (bytes: [UInt8], bits: Double) {
    let bits = ledger.bits
    return (encoder.finish(), bits)
  }
}
