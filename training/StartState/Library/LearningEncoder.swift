internal import CKernels
internal import DecoderCore
internal import Entropy

/// Writes a tile's samples, and shows what their models have become.
struct LearningEncoder: TileStreamCoder, ~Copyable {
  private var encoder = BinaryEncoder()
  /// Sees every plane's models when the plane is done.
  var planeLearner: ((_ index: Int, _ models: borrowing PlaneCoder) -> Void)?
  /// Sees the models of a drawing when it is done.
  var drawingLearner:
    ((_ candidates: borrowing CandidateCoder, _ bitwise: borrowing BitwiseValueCoder) -> Void)?

  /// The size of what was written.
  var bits: Double { encoder.ledger.bits }

  mutating func finish(plane models: borrowing PlaneCoder, index: Int) {
    planeLearner?(index, models)
  }

  mutating func finish(candidates: borrowing CandidateCoder, bitwise: borrowing BitwiseValueCoder) {
    drawingLearner?(candidates, bitwise)
  }

  // The rest is the encoder's.

  var isEncoder: Bool { encoder.isEncoder }
  var isExhausted: Bool { encoder.isExhausted }
  var start: Int { encoder.start }

  mutating func code(_ bit: Bool, probability: UInt32) -> Bool {
    encoder.code(bit, probability: probability)
  }

  mutating func codeUniform(_ value: UInt32, bitCount: Int) -> UInt32 {
    encoder.codeUniform(value, bitCount: bitCount)
  }

  mutating func code<Result>(through kernel: (UnsafeMutablePointer<ck_port>) -> Result) -> Result {
    encoder.code(through: kernel)
  }
}
