internal import DecoderCore
internal import Entropy

extension Prior {
  /// What a hyperlatent of one step costs more per step, by the scales of a position, in bits.
  func hyperSlopes(at position: QualityPosition) -> [Float] {
    position.interpolate(hyperScale).map { logScale in
      let octaves =
        Double(Prior.scaleIndex(logScale) + ScaleTables.firstLogScale)
        / Double(ScaleTables.stepsPerOctave)
      return Float(DeterministicMath.power(4, -octaves) / DeterministicMath.logarithm(2))
    }
  }
}
