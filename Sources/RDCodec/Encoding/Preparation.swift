internal import DecoderCore

/// What becomes of an image before it is encoded.
struct Preparation: Sendable, Equatable {
  /// How far its samples may change.
  enum Samples: Sendable { case exact, bounded, approximate }

  var samples: Samples
  var stripsMetadata: Bool
  var keepsHiddenColor: Bool
}

extension Preparation {
  init(_ options: EncoderOptions) {
    samples =
      switch options.mode {
      case .lossless: .exact
      case .nearLossless: .bounded
      case .lossy, .target: .approximate
      }
    stripsMetadata = options.stripMetadata
    keepsHiddenColor = options.keepsHiddenColorResolved
  }
}

extension Image {
  /// The image that these options keep: where samples may change, colours instead of a palette, and
  /// grey instead of equal colours.
  package func prepared(for options: EncoderOptions) -> Image { prepared(Preparation(options)) }

  func prepared(_ preparation: Preparation) -> Image {
    var image = self
    if preparation.stripsMetadata { image.metadata = [] }
    let shown = { (image: Image) in
      preparation.keepsHiddenColor ? image : image.withoutHiddenColor()
    }
    switch preparation.samples {
    case .exact: return shown(image)
    case .bounded: return shown(image).withTransparentColorAsAlpha()
    case .approximate:
      image = image.expandedToRGB().withTransparentColorAsAlpha()
      return shown(image).withoutUnusedColor()
    }
  }

  /// The image with the colours of fully transparent pixels repeated from the left, where they cost
  /// the least, and at the start of a row from above: no colour is new. Zero where none can be
  /// seen.
  private func withoutHiddenColor() -> Image {
    guard colorType.hasAlpha, let alpha = planes.last else { return self }
    var image = self
    let firstVisible = alpha.firstIndex { $0 > 0 }
    for index in planes.indices.dropLast() {
      let first = firstVisible.map { planes[index][$0] } ?? 0
      for place in alpha.indices where alpha[place] == 0 {
        image.planes[index][place] =
          place % width > 0
          ? image.planes[index][place - 1]
          : place > 0 ? image.planes[index][place - width] : first
      }
    }
    return image
  }

  /// An alpha channel in place of the one transparent colour, which would not survive loss.
  func withTransparentColorAsAlpha() -> Image {
    guard let transparentColor else { return self }
    let opaque = UInt16(peak)
    var image = self
    image.transparentColor = nil
    image.colorType = colorType == .grey ? .greyAlpha : .rgba
    image.metadata = metadata.stating(depth: depth, ofChannels: image.colorType.channelCount)
    image.planes.append(
      (0..<pixelCount).map { i in
        zip(planes, transparentColor).allSatisfy { $0[i] == $1 } ? 0 : opaque
      })
    return image
  }
}
