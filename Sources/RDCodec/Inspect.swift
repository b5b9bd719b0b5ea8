/// What a bitstream holds, read without decoding it.
public struct BitstreamInfo: Sendable, Equatable, Codable {
  public struct Stream: Sendable, Equatable, Codable {
    /// "header", "latents" or "residual".
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
  /// Whether the file reproduces every sample.
  public var isLossless: Bool
  /// How far samples may be from the original's: 0 unless the file is nearly lossless.
  public var maximumError: Int
  /// Quality of the latent layer, 1 ... 100.
  public var quality: Double
  /// The latents describe the image divided by this much in width and height.
  public var latentReduction: Int
  public var modelIdentifier: String
  /// Width and height of a whole tile, in pixels.
  public var tileWidth: Int
  public var tileHeight: Int
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
  let stream = try Bitstream(bytes, limits: limits)
  let header = stream.header
  let latentBytes = stream.latents.reduce(0) { $0 + $1.count }
  let residualBytes = stream.residuals.reduce(0) { $0 + $1.count }
  let headerBytes = stream.latents.first?.lowerBound ?? bytes.count
  return BitstreamInfo(
    formatVersion: Int(Header.version), width: header.tiling.width, height: header.tiling.height,
    colorType: "\(header.colorType)", depth: header.depth,
    isLossless: header.content == .lossless, maximumError: header.maximumError,
    quality: header.position.quality,
    latentReduction: 1 << header.latentShift,
    modelIdentifier: LatentModel.identifier(header.modelHash),
    tileWidth: header.tiling.tileWidthUnits * Tiling.unit,
    tileHeight: header.tiling.tileHeightUnits * Tiling.unit,
    metadataTypes: header.boxes.metadata.map(\.type),
    streams: [
      .init(name: "header", tileCount: 1, byteCount: headerBytes),
      .init(name: "latents", tileCount: stream.latents.count, byteCount: latentBytes),
      .init(name: "residual", tileCount: stream.residuals.count, byteCount: residualBytes),
    ],
    byteCount: headerBytes + latentBytes + residualBytes)
}
