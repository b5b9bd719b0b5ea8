package import Entropy

/// Codes the stream of a tile's samples, and may look at the models that described them.
///
/// Coders of a file look at nothing; one that learns from models does.
package protocol TileStreamCoder: BinaryCoder, ~Copyable {
  /// Is shown a plane's models as they end; `index` is the plane's place in the order of coding.
  mutating func finish(plane models: borrowing PlaneCoder, index: Int)
  /// Is shown the models of a drawing as they end.
  mutating func finish(candidates: borrowing CandidateCoder, bitwise: borrowing BitwiseValueCoder)
}

extension TileStreamCoder where Self: ~Copyable {
  package mutating func finish(plane models: borrowing PlaneCoder, index: Int) {}
  package mutating func finish(
    candidates: borrowing CandidateCoder, bitwise: borrowing BitwiseValueCoder
  ) {}
}

extension BinaryEncoder: TileStreamCoder {}

extension BinaryDecoder: TileStreamCoder {}
