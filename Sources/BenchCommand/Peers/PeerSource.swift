import CommandSupport
import RDCodec

/// An image as the tools of other codecs get it: PNG or PNM files without metadata.
struct PeerSource: Sendable {
  let file: String
  let pixelCount: Int
  let sampleCount: Int
  let depth: Int
  /// Whether some pixel may be transparent.
  let hasAlpha: Bool
  /// Without an extension.
  private let base: URL
  private let limits: DecoderLimits

  /// Nil where no PNG has samples of this depth, or of this largest value.
  init?(_ input: BenchInput, number: Int, folder: URL, limits: DecoderLimits) throws {
    guard [1, 2, 4, 8, 16].contains(input.image.depth), input.image.statedPeak == nil else {
      return nil
    }
    var image = input.image
    image.metadata = []
    self.limits = limits
    file = input.file
    pixelCount = image.pixelCount
    sampleCount = image.pixelCount * image.planes.count
    depth = image.depth
    hasAlpha =
      image.hasAlpha || image.transparentColor != nil || image.paletteAlphaCount > 0
    base = folder.appendingPathComponent("source-\(number)")
    try Data(try writeImage(image, as: .png)).write(to: base.appendingPathExtension("png"))
  }

  /// The path of the image as a file with this extension, "png" or "pnm".
  func path(withExtension name: String) throws -> String {
    let url = base.appendingPathExtension(name)
    if !FileManager.default.fileExists(atPath: url.path) {
      let image = try image().expandedToRGB().inEightBits
      try Data(try writeImage(image, as: .pnm)).write(to: url)
    }
    return url.path
  }

  func image() throws -> Image {
    try readImage(
      try InputFile.read(base.appendingPathExtension("png").path), limits: limits)
  }

  func reference() throws -> BenchReference { BenchReference(try image()) }
}
