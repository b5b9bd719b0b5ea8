internal import DecoderCore

/// What a bitstream holds, read without decoding it.
public struct BitstreamInfo: Sendable, Equatable, Codable {
  public struct Stream: Sendable, Equatable, Codable {
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

/// Reads the header and the tile table.
public func inspect(
  _ bytes: [UInt8], limits: DecoderLimits = .default
) throws(CodecError) -> BitstreamInfo {
  try inspect(ByteSource(bytes), limits: limits)
}

/// Reads the header and the tile table, and nothing else of the source.
public func inspect(
  _ source: ByteSource, limits: DecoderLimits = .default
) throws(CodecError) -> BitstreamInfo {
  let stream = try Bitstream(source, limits: limits)
  let header = stream.header
  let latentBytes = stream.latents.reduce(0) { $0 + $1.count }
  let residualBytes = stream.residuals.reduce(0) { $0 + $1.count }
  let headerBytes =
    stream.latents.first?.lowerBound ?? stream.residuals.first?.lowerBound ?? source.count
  return BitstreamInfo(
    formatVersion: Int(Header.version), width: header.width, height: header.height,
    colorType: "\(header.imageType)", depth: header.imageDepth,
    colorRange: header.colorRange, isLossless: header.content == .lossless,
    maximumError: header.maximumError,
    quality: header.hasLatents ? header.position.quality : 0,
    latentReduction: header.hasLatents ? 1 << header.latentShift : 0,
    modelIdentifier: header.hasLatents ? BuiltIn.identifier(header.modelName) : "",
    filterByteCount: header.filter.map { WienerFilter.bytes(of: $0).count } ?? 0,
    source: header.source?.name ?? "none", keepsJPEG: header.keptJPEG != nil,
    pictureLoss: header.keptJPEG?.pictureLoss,
    tileWidth: header.tiling.tileWidthUnits * Tiling.unit,
    tileHeight: header.tiling.tileHeightUnits * Tiling.unit,
    metadataTypes: header.boxes.metadata.map(\.kindName),
    streams: [
      .init(name: "header", tileCount: 1, byteCount: headerBytes),
      .init(name: "latents", tileCount: stream.latents.count, byteCount: latentBytes),
    ] + residualParts(stream),
    byteCount: headerBytes + latentBytes + residualBytes)
}

/// The residual's streams by what they hold.
private func residualParts(_ stream: Bitstream) -> [BitstreamInfo.Stream] {
  let sizes = stream.residuals.map(\.count)
  guard let source = stream.header.source else {
    let sum = sizes.reduce(0, +)
    return [.init(name: "residual", tileCount: sizes.count, byteCount: sum)]
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
    return .init(name: name, tileCount: count, byteCount: rest.prefix(count).reduce(0, +))
  }
}
