package import DecoderCore
internal import Entropy
internal import RDCodec

/// Learns where the adaptive models of latents start: after every tile the start moves a little
/// towards where that tile's models ended.
///
/// Source: Nichol, Achiam, Schulman, "On First-Order Meta-Learning Algorithms", 2018 (Reptile).
package struct LatentStartTrainer {
  /// Decisions that a counter must have seen in a tile to be learned from it.
  fileprivate static let fewest: Int16 = 4

  private let bytes: [UInt8]
  private let model: EncoderModel

  /// Begins with nothing learned, whatever `weights`, the bytes of a weights file, hold.
  package init(weights bytes: [UInt8]) throws(CodecError) {
    self.bytes = try Weights.withoutVectors(bytes) { $0.hasPrefix("start.") }
    model = try EncoderModel(LearnedModel(self.bytes))
    for start in [model.prior.latentStart, model.prior.hyperlatentStart] {
      for index in 0..<start.sets.count { start.sets[index].rate = LatentStart.learnedRate }
    }
  }

  /// What an encoder that rounds once wants to code of every tile.
  private func proposals(_ image: Image, _ position: QualityPosition) -> [LatentProposal] {
    let tiling = Tiling(width: image.width, height: image.height)
    let search = LatentSearch(model, ModelInput(image), tiling, position, .single)
    return tiling.tiles.map { search.proposal($0) }
  }

  /// The symbols of an image at a quality, as ``LatentRecorder`` lists them.
  package func symbols(of image: Image, quality: Double) -> [UInt8] {
    let position = QualityPosition(quality: quality)
    var bytes: [UInt8] = []
    for proposal in proposals(image, position) {
      var recorder = LatentRecorder(proposal, position: position)
      _ = model.prior.code(
        height: proposal.y.height, width: proposal.y.width, position: position, with: &recorder)
      bytes += recorder.bytes
    }
    return bytes
  }

  /// Learns from the latents of an image at a quality and returns their bits; `step` is the
  /// fraction of the way that the start moves.
  package func learn(from image: Image, quality: Double, step: Float) -> Double {
    let position = QualityPosition(quality: quality)
    var bits = 0.0
    for proposal in proposals(image, position) {
      var writer = LearningWriter(proposal, model.prior, step: step)
      _ = model.prior.code(
        height: proposal.y.height, width: proposal.y.width, position: position, with: &writer)
      bits += writer.finish().bits
    }
    return bits
  }

  /// The weights file with what was learned.
  package func weights() -> [UInt8] {
    let prior = model.prior
    return Weights.adding(
      [
        ("start.latents", prior.latentStart.values()),
        ("start.hyperlatents", prior.hyperlatentStart.values()),
      ], to: bytes)
  }
}

/// Writes latents, and moves the starts towards where the models end.
private struct LearningWriter: LatentCoder, ~Copyable {
  private var writer: LatentWriter
  private let prior: Prior
  private let step: Float

  init(_ proposal: LatentProposal, _ prior: Prior, step: Float) {
    writer = LatentWriter(proposal)
    self.prior = prior
    self.step = step
  }

  mutating func codeLatents(
    _ symbols: inout [Int16], _ place: LatentPlace, means: ArraySlice<Int16>, scales: [UInt8],
    models: borrowing LatentModels
  ) {
    writer.codeLatents(&symbols, place, means: means, scales: scales, models: models)
  }

  mutating func codeHyperlatents(
    _ symbols: inout [Int16], _ place: LatentPlace, scales: [UInt8],
    models: borrowing LatentModels
  ) {
    writer.codeHyperlatents(&symbols, place, scales: scales, models: models)
  }

  mutating func finish(hyperlatents models: borrowing LatentModels) {
    prior.hyperlatentStart.move(to: models, by: step)
  }

  mutating func finish(latents models: borrowing LatentModels) {
    prior.latentStart.move(to: models, by: step)
  }

  consuming func finish() -> (bytes: [UInt8], bits: Double) { writer.finish() }
}

extension LatentStart {
  fileprivate func move(to models: borrowing LatentModels, by step: Float) {
    for index in 0..<counters.count {
      counters.base[index].learn(
        from: models.counters[index], step: step, age: LatentStart.age,
        fewest: LatentStartTrainer.fewest)
    }
    for index in 0..<sets.count {
      var set = sets[index]
      withUnsafeMutableBytes(of: &set.weights) { weights in
        withUnsafeBytes(of: models.sets[index].weights) { end in
          let (weights, end) = (
            weights.assumingMemoryBound(to: Float.self), end.assumingMemoryBound(to: Float.self)
          )
          for input in 0..<LatentStart.inputs {
            weights[input] += step * (end[input] - weights[input])
          }
        }
      }
      sets[index] = set
    }
  }
}
