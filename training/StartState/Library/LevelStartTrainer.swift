package import DecoderCore
internal import Entropy
internal import RDCodec

/// Learns what the models of JPEG files' levels start from: first counters, from how often decisions
/// were set, then the weights that go with them.
package struct LevelStartTrainer {
  private let start: LevelStart

  /// `counters` are what ``counters(logarithm:)`` gave of another trainer.
  package init(counters: [Int8]? = nil) { start = LevelStart(counters: counters) }

  /// Learns from a JPEG file, and returns the size of its levels in bits; `step` is the fraction of
  /// the way that the weights move.
  package func learn(from file: [UInt8], step: Float) throws(CodecError) -> Double {
    let (source, bands) = try CoefficientStreams.bands(ofJPEG: file)
    var bits = 0.0
    for (index, band) in bands.enumerated() {
      var binary = BinaryEncoder(room: LevelBandCoder.room)
      var coder = LevelBandCoder(
        source, band: index, kernels: KernelISA.current.residualKernels, start: start)
      _ = try coder.code(band, with: &binary)
      bits += binary.ledger.bits
      coder.moveStart(by: step)
    }
    return bits
  }

  /// The counters of what was seen, as the codec ships them.
  package func counters(logarithm: (Float) -> Float) -> [Int8] { start.tallied(logarithm) }

  /// The weights, as the codec ships them.
  package func weights() -> [Int8] { start.weightBytes() }
}
