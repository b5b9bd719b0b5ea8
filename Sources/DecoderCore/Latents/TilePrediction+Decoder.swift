extension LatentDecoder.Output {
  /// P_dec(x|z) over the first `height` × `width` pixels, for an image of this kind and with
  /// colours in `range`.
  ///
  /// Nil for palette images: indices have no mean. The output must have scales.
  package func prediction(
    height: Int, width: Int, colorType: Image.ColorType, range: ClosedRange<Int>
  ) -> TilePrediction? {
    guard colorType != .palette, let scale else { return nil }
    let scales = channels(of: colorType).map { c in
      var scales = [UInt8](repeating: 0, count: height * width)
      for y in 0..<height {
        let source = (y / 2) * scale.width * 3 + c
        for x in 0..<width {
          scales[y &* width &+ x] =
            UInt8(truncatingIfNeeded: scale.values[source &+ (x &>> 1) &* 3])
        }
      }
      return scales
    }
    return TilePrediction(
      means: means(height: height, width: width, colorType: colorType, range: range),
      scales: scales)
  }

  /// The channels that have scales: grey takes green's.
  private func channels(of colorType: Image.ColorType) -> Range<Int> {
    colorType.isGrey ? 1..<2 : 0..<3
  }

  /// x̂ in sixteenths of a sample step: three planes, or their mean for a grey image.
  private func means(
    height: Int, width: Int, colorType: Image.ColorType, range: ClosedRange<Int>
  ) -> [[Int32]] {
    let (low, span) = (Int32(range.lowerBound), Int32(range.upperBound - range.lowerBound))
    let isGrey = colorType.isGrey
    return channels(of: colorType).map { c in
      var means = [Int32](repeating: 0, count: height * width)
      for y in 0..<height {
        let source = y * mean.width * 3
        for x in 0..<width {
          let pixel = source &+ 3 &* x
          let sum =
            isGrey
            ? (Int32(mean.values[pixel]) + Int32(mean.values[pixel + 1])
              + Int32(mean.values[pixel + 2])) / 3
            : Int32(mean.values[pixel + c])
          means[y &* width &+ x] = min(max(sum + 128 * 16, 0), 255 * 16)
        }
      }
      if span != 255 || low != 0 {
        for place in means.indices { means[place] = 16 * low + (means[place] * span + 127) / 255 }
      }
      return means
    }
  }
}
