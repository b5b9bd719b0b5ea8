/// What a bitstream holds, read without decoding it.
public struct BitstreamInfo: Sendable, Equatable {
  public struct Stream: Sendable, Equatable {
    /// "header", "latents" or "residual"; where there is a source, also "chroma" where it has its
    /// own streams, "coefficients" in place of the residual, and "corrections".
    public var name: String
    /// How many tiles it is divided into.
    public var tileCount: Int
    public var byteCount: Int

    public init(name: String, tileCount: Int, byteCount: Int) {
      self.name = name
      self.tileCount = tileCount
      self.byteCount = byteCount
    }
  }

  public var formatVersion: Int
  public var width: Int
  public var height: Int
  /// "grey", "greyAlpha", "rgb", "rgba" or "palette".
  public var colorType: String
  public var depth: Int
  /// The samples that stand for black and white in the lossy image; nil: zero and the largest
  /// possible one.
  public var colorRange: ClosedRange<Int>?
  /// Whether the file reproduces every sample.
  public var isLossless: Bool
  /// How far samples may be from the original's: 0 unless the file is nearly lossless.
  public var maximumError: Int
  /// Quality of the latent layer, 1 ... 100; 0 where there is none.
  public var quality: Double
  /// The latents describe the image divided by this much in width and height; 0: no latents.
  public var latentReduction: Int
  /// The model's SHA-256 where it is built in, else the 16 digits of it that the file holds; empty:
  /// no latents.
  public var modelIdentifier: String
  /// Bytes of the header that describe the lossy image's filter; 0: there is none.
  public var filterByteCount: Int
  /// What the residual's planes are: "none" for the image's own, or such as "lattice 4:2:0
  /// bilinear" or "JPEG 4:2:0".
  public var source: String
  /// Whether it keeps a JPEG file, which ``decodeJPEG(_:_:progress:)`` gives back.
  public var keepsJPEG: Bool
  /// What the picture leaves out of a JPEG file that is kept, such as its ink colours; nil: nothing.
  public var pictureLoss: String?
  /// What the JPEG file that is kept leaves out of the bitstream: metadata that came from no JPEG file;
  /// nil: nothing.
  public var fileLoss: String?
  /// Width and height of a whole tile, in pixels.
  public var tileWidth: Int
  public var tileHeight: Int
  /// What kinds of metadata there are, in the order of the file: ``MetadataItem/kindName``.
  public var metadataTypes: [String]
  public var streams: [Stream]
  /// Bytes that the file should have.
  public var byteCount: Int

  public var pixelCount: Int { width * height }
}

#if !hasFeature(Embedded)
  extension BitstreamInfo: Codable {}
  extension BitstreamInfo.Stream: Codable {}
#endif

extension BitstreamInfo {
  /// What the header and the tile table of a bitstream say.
  package init(_ stream: Bitstream) {
    let header = stream.header
    let latentBytes = stream.latents.reduce(0) { $0 + $1.count }
    let residualBytes = stream.residuals.reduce(0) { $0 + $1.count }
    let headerBytes =
      stream.latents.first?.lowerBound ?? stream.residuals.first?.lowerBound ?? stream.source.count
    self.init(
      formatVersion: Int(Header.version), width: header.width, height: header.height,
      colorType: header.imageType.name, depth: header.imageDepth,
      colorRange: header.colorRange, isLossless: header.content == .lossless,
      maximumError: header.maximumError,
      quality: header.hasLatents ? header.position.quality : 0,
      latentReduction: header.hasLatents ? 1 << header.latentShift : 0,
      modelIdentifier: header.hasLatents ? LatentModel.identifier(header.modelName) : "",
      filterByteCount: header.filter.map { WienerFilter.bytes(of: $0).count } ?? 0,
      source: header.source?.name ?? "none", keepsJPEG: header.keptJPEG != nil,
      pictureLoss: header.keptJPEG?.pictureLoss,
      fileLoss: header.keptJPEG.flatMap { _ in JPEGMetadata.loss(of: header.boxes.metadata) },
      tileWidth: header.tiling.tileWidthUnits * Tiling.unit,
      tileHeight: header.tiling.tileHeightUnits * Tiling.unit,
      metadataTypes: header.boxes.metadata.map { $0.kindName },
      streams: [
        Stream(name: "header", tileCount: 1, byteCount: headerBytes),
        Stream(name: "latents", tileCount: stream.latents.count, byteCount: latentBytes),
      ] + BitstreamInfo.residualParts(stream),
      byteCount: headerBytes + latentBytes + residualBytes)
  }

  /// The residual's streams by what they hold.
  private static func residualParts(_ stream: Bitstream) -> [Stream] {
    let sizes = stream.residuals.map { $0.count }
    guard let source = stream.header.source else {
      let sum = sizes.reduce(0, +)
      return [Stream(name: "residual", tileCount: sizes.count, byteCount: sum)]
    }
    let tileCount = stream.header.tiling.tileCount
    let names: [(name: String, count: Int)] =
      switch source {
      case .lattice(let source):
        [("residual", tileCount)] + (source.sampling == nil ? [] : [("chroma", tileCount)])
          + [("corrections", 1)]
      case .coefficients(let source):
        [("coefficients", source.bandCount)]
          + (source.keepsFile ? [("JPEG file", 1)] : source.isColor ? [("corrections", 1)] : [])
      }
    var rest = sizes[...]
    return names.map { name, count in
      defer { rest = rest.dropFirst(count) }
      return Stream(name: name, tileCount: count, byteCount: rest.prefix(count).reduce(0, +))
    }
  }
}

extension Header {
  /// The source that keeps a JPEG file, if it does.
  package var keptJPEG: CoefficientSource? {
    if case .coefficients(let source)? = source, source.keepsFile { source } else { nil }
  }
}

extension Image.ColorType {
  /// As reports call it.
  package var name: String {
    switch self {
    case .grey: "grey"
    case .rgb: "rgb"
    case .palette: "palette"
    case .greyAlpha: "greyAlpha"
    case .rgba: "rgba"
    }
  }
}
