extension LatentDecoder.Output {
  /// P_dec(x|z) over the first `height` × `width` pixels, for an image of this kind.
  ///
  /// Nil for palette images: indices have no mean.
  func prediction(
    height: Int, width: Int, colorType: Image.ColorType, depth: Int
  ) -> TilePrediction? {
    let isGrey: Bool
    switch colorType {
    case .palette: return nil
    case .grey, .greyAlpha: isGrey = true
    case .rgb, .rgba: isGrey = false
    }
    let maximum = Int32((1 << depth) - 1)
    var result = TilePrediction(means: [], scales: [])
    for c in isGrey ? 1..<2 : 0..<3 {
      var means = [Int32](repeating: 0, count: height * width)
      var scales = [UInt8](repeating: 0, count: height * width)
      for y in 0..<height {
        let source = y * mean.width * 3
        let scaleSource = (y / 2) * scale.width * 3 + c
        for x in 0..<width {
          let pixel = source &+ 3 &* x
          let sum =
            isGrey
            ? (Int32(mean.values[pixel]) + Int32(mean.values[pixel + 1])
              + Int32(mean.values[pixel + 2])) / 3
            : Int32(mean.values[pixel + c])
          means[y &* width &+ x] = min(max(sum + 128 * 16, 0), 255 * 16)
          scales[y &* width &+ x] =
            UInt8(truncatingIfNeeded: scale.values[scaleSource &+ (x &>> 1) &* 3])
        }
      }
      if maximum != 255 {
        for place in means.indices { means[place] = (means[place] * maximum + 127) / 255 }
      }
      result.means.append(means)
      result.scales.append(scales)
    }
    return result
  }

  /// x̂ as samples: three planes, or one for a grey image.
  func samples(height: Int, width: Int, colorType: Image.ColorType, depth: Int) -> [[UInt16]] {
    let seen = colorType == .palette ? Image.ColorType.rgb : colorType
    let prediction = prediction(height: height, width: width, colorType: seen, depth: depth)
    let maximum = Int32((1 << depth) - 1)
    return prediction!.means.map { plane in
      plane.map { UInt16(min(($0 + 8) >> 4, maximum)) }
    }
  }
}
