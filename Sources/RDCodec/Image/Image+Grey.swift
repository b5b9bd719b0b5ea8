internal import DecoderCore

extension Image {
  /// A grey image in place of an RGB one whose channels are all equal, for lossy coding: no error
  /// can then give it a tint, and it decodes to a third of the samples.
  ///
  /// Images with a colour profile or a suggested palette, which only RGB may have, stay as they
  /// are.
  func withoutUnusedColor() -> Image {
    guard colorType == .rgb || colorType == .rgba, planes[0] == planes[1], planes[1] == planes[2],
      !metadata.contains(where: { $0.speaksOfColor })
    else { return self }
    var image = self
    image.colorType = colorType == .rgba ? .greyAlpha : .grey
    image.planes.removeSubrange(1..<3)
    image.metadata = metadata.compactMap { $0.withoutColor(hasAlpha: colorType == .rgba) }
    return image
  }
}

extension MetadataItem {
  /// Whether only an RGB image may have this: a colour profile, or a suggested palette.
  fileprivate var speaksOfColor: Bool {
    if case .iccProfile = content { return true }
    return isPNGChunk("iCCP") || isPNGChunk("PLTE") || isPNGChunk("hIST")
  }

  /// Nil where it makes no sense in a grey image.
  fileprivate func withoutColor(hasAlpha: Bool) -> MetadataItem? {
    if isPNGChunk("bKGD") || isPNGChunk("sBIT") { return nil }
    var item = self
    switch content {
    case .background(let samples):
      guard samples.count == 3, samples[0] == samples[1], samples[0] == samples[2] else {
        return nil
      }
      item.content = .background([samples[0]])
    case .backgroundIndex: return nil
    case .significantBits(let bits):
      // The most of the three channels; alpha's own number stays.
      guard bits.count == (hasAlpha ? 4 : 3) else { return nil }
      item.content = .significantBits([max(bits[0], bits[1], bits[2])] + bits[3...])
    default: break
    }
    return item
  }
}
