extension Image {
  /// The lowest and the highest sample of the colours, where those of more than eight bits use at most half of
  /// what they could hold; nil otherwise, and for palettes.
  ///
  /// Scans, depth maps and raw pictures fill a part of 16 bits. The model sees that part as if it
  /// were all: their errors are of its size then, and so is the peak of their PSNR. Eight bits stay
  /// as they are: a dark photograph is meant to be dark.
  var colorRange: ClosedRange<Int>? {
    guard colorType != .palette, depth > 8 else { return nil }
    var (low, high) = (UInt16.max, UInt16.min)
    for plane in colorType.hasAlpha ? planes.dropLast() : planes[...] {
      for sample in plane {
        low = min(low, sample)
        high = max(high, sample)
      }
    }
    guard low < high, 2 * Int(high - low) <= peak else { return nil }
    return Int(low)...Int(high)
  }
}
