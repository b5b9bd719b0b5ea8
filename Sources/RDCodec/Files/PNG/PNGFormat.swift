internal import DecoderCore

/// PNG: every colour type and depth, interlaced or not, with metadata.
struct PNGFormat: ImageFileFormat {
  let name = "PNG"
  let fileExtensions = ["png"]

  /// By four bytes, so that a file whose signature a transfer as text has changed is one, too.
  func recognises(_ start: [UInt8]) -> Bool { start.starts(with: PNGChunks.signature.prefix(4)) }

  func reader(
    of file: ByteSource, limits: DecoderLimits
  ) throws(CodecError) -> any ImageFileReader {
    try PNGReader(file, limits: limits)
  }

  func losses(of image: Image) -> [String] {
    let unknown = image.metadata.filter(\.isUnknown).map(\.kindName).distinct
    let left =
      unknown.isEmpty
      ? [] : ["left out, as it is not known: metadata of " + unknown.joined(separator: ", ")]
    return left + scaling(of: image)
  }

  private func scaling(of image: Image) -> [String] {
    guard let peak = image.statedPeak else { return [] }
    let largest = (1 << PNGScaling(image).depth) - 1
    let better: ImageFormat =
      switch image.colorType {
      case .grey: .pgm
      case .rgb: .ppm
      case .greyAlpha, .rgba, .palette: .pam
      }
    return [
      "samples up to \(peak) are scaled to \(largest), as PNG cannot state their maximum; "
        + ".\(better.fileExtension) keeps them"
    ]
  }

  func writer(
    _ options: ImageWriterOptions, _ write: @escaping ByteSink
  ) -> any ImageFileWriter { PNGStream(options, write) }
}

extension ImageFormat {
  public static let png = ImageFormat(PNGFormat())
}

extension Image {
  /// Reads a PNG file, without a word of what it leaves out.
  public init(png bytes: [UInt8], limits: DecoderLimits = .default) throws(CodecError) {
    self = try ReadImage(PNGReader(ByteSource(bytes), limits: limits)).image
  }

  /// Writes the image and its metadata as a PNG file that is not interlaced, with samples scaled
  /// where PNG has none of that depth; ``ImageFormat/losses(of:)`` says where that cannot be
  /// undone.
  ///
  /// Throws ``CodecError/invalidImage(_:)`` where ``validate()`` does.
  public func pngBytes() throws(CodecError) -> [UInt8] { try writeImage(self, as: .png) }
}
