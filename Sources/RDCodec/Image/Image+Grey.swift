internal import DecoderCore

extension Image {
  /// A grey image in place of an RGB one whose channels are all equal, for lossy coding: no error can
  /// then give it a tint, and it decodes to a third of the samples.
  ///
  /// Images with a colour profile or a suggested palette, which only RGB may have, stay as they are.
  func withoutUnusedColor() -> Image {
    guard colorType == .rgb || colorType == .rgba, planes[0] == planes[1], planes[1] == planes[2],
      !metadata.contains(where: { ["iCCP", "PLTE", "hIST"].contains($0.type) })
    else { return self }
    var image = self
    image.colorType = colorType == .rgba ? .greyAlpha : .grey
    image.planes.removeSubrange(1..<3)
    image.metadata = metadata.compactMap { $0.withoutColor(hasAlpha: colorType == .rgba) }
    return image
  }
}

extension MetadataChunk {
  /// Nil where it makes no sense in a grey image.
  fileprivate func withoutColor(hasAlpha: Bool) -> MetadataChunk? {
    var chunk = self
    switch type {
    case "bKGD":
      // Three 16-bit values.
      guard bytes.count == 6, bytes[0..<2] == bytes[2..<4], bytes[0..<2] == bytes[4..<6] else {
        return nil
      }
      chunk.bytes.removeLast(4)
    case "sBIT":
      // The most significant bits of the three channels; alpha's own count stays.
      guard bytes.count == (hasAlpha ? 4 : 3) else { return nil }
      chunk.bytes = [bytes[0..<3].max()!] + bytes[3...]
    default:
      break
    }
    return chunk
  }
}
