internal import DecoderCore
internal import RDCodec

/// Lists a tile's symbols, for the training of experts (training/experts.py).
///
/// Little-endian: rows and columns of latents and the position, i32; the hyperlatents, i16; then
/// for every step and position its scale tables, u8, and symbols, i16.
struct LatentRecorder: LatentCoder, ~Copyable {
  private let proposed: ProposedSymbols
  private var writer = ByteWriter()

  var bytes: [UInt8] { writer.bytes }

  init(_ proposal: LatentProposal, position: QualityPosition) {
    proposed = ProposedSymbols(proposal)
    for value in [proposal.y.height, proposal.y.width, position.rawValue] {
      writer.uint32(UInt32(value))
    }
  }

  mutating func codeLatents(
    _ symbols: inout [Int16], _ place: LatentPlace, means: ArraySlice<Int16>, scales: [UInt8],
    models: borrowing LatentModels
  ) {
    proposed.fillLatents(&symbols, place, means: means, scales: scales)
    writer.append(scales)
    append(symbols)
  }

  mutating func codeHyperlatents(
    _ symbols: inout [Int16], _ place: LatentPlace, scales: [UInt8],
    models: borrowing LatentModels
  ) {
    proposed.fillHyperlatents(&symbols, place)
    append(symbols)
  }

  private mutating func append(_ symbols: [Int16]) {
    for symbol in symbols { writer.uint16(Int(UInt16(bitPattern: symbol))) }
  }
}
