/// Ranges of rows and columns of latents and pixels.
extension Range<Int> {
  /// This range with `margin` more on both sides, as far as `limits` reach.
  package func expanded(by margin: Int, within limits: Range<Int>) -> Range<Int> {
    (lowerBound - margin..<upperBound + margin).clamped(to: limits)
  }

  package func shifted(by offset: Int) -> Range<Int> { lowerBound + offset..<upperBound + offset }

  package func scaled(by factor: Int) -> Range<Int> { lowerBound * factor..<upperBound * factor }
  package func halved() -> Range<Int> { lowerBound / 2..<upperBound / 2 }
}
