import TestSupport
import Testing

@testable import DecoderCore
@testable import RDCodec

/// Rounding by the prior's layers in the encoder's search.
@Suite struct ModelPriorPassTests {
  private static let position = QualityPosition(quality: 50)

  private static func proposal() throws -> (model: EncoderModel, proposal: LatentProposal) {
    let model = try EncoderModel.embedded.get()
    let image = SyntheticImages.photograph(width: 96, height: 64)
    let input = ModelInput(image)
    let tiling = Tiling(width: 96, height: 64)
    let search = LatentSearch(model, input, tiling, position, .single)
    return (model, search.proposal(tiling.tiles[0]))
  }

  @Test func roundsAsTheCoderDoes() throws {
    let (model, proposal) = try Self.proposal()
    let found = PriorPass(model.prior)(
      proposal.y, hyperlatents: proposal.hyperlatents, quantiser: proposal.quantiser,
      position: Self.position, hasGradients: false)
    var writer = LatentWriter(proposal)
    let z = model.prior.code(
      height: proposal.y.height, width: proposal.y.width, position: Self.position, with: &writer)
    #expect(found.z == z)
    // The coder mixes the prior's probabilities with what it learns.
    let written = writer.finish().bits
    #expect(found.bits > 0.8 * written && found.bits < 1.5 * written)
  }

  @Test func gradientsTellHowBitsChange() throws {
    let (model, proposal) = try Self.proposal()
    let pass = PriorPass(model.prior)
    func coded(_ y: Tensor, _ h: Tensor) -> PriorPass.Result {
      pass(
        y, hyperlatents: h, quantiser: .nearest, position: Self.position, hasGradients: true)
    }
    let start = coded(proposal.y, proposal.hyperlatents)
    // Latents stay as they are where the targets are what was coded; hyperlatents move the rest.
    let gradient = start.atHyperlatents
    var h = proposal.hyperlatents
    var expected: Float = 0
    for i in h.values.indices where abs(gradient.values[i]) > 0.5 {
      h.values[i] -= gradient.values[i] > 0 ? 1 : -1
      expected -= abs(gradient.values[i])
    }
    #expect(expected < -1)
    let latents = start.atLatents.gradient
    #expect(latents.values.contains { $0 != 0 })
    #expect(latents.values.allSatisfy { abs($0) < 10 })
  }

  @Test func targetsMoveToWhatWasCoded() throws {
    let (model, proposal) = try Self.proposal()
    let result = PriorPass(model.prior)(
      proposal.y, hyperlatents: proposal.hyperlatents, quantiser: proposal.quantiser,
      position: Self.position, hasGradients: true)
    var y = proposal.y
    let factors = [Float](repeating: 0, count: y.channels)
    result.atLatents.move(&y, to: result.z, factors: factors, step: 1, limit: 48)
    #expect(y == result.z)
  }
}
